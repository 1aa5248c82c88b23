"""Who is dealt out as one in a training: the groups of rows, or the coarser units that `split: {by: …}` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from structkit.data.merging import regrouped
from structkit.data.table import Table
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Input, Piece
from structkit.errors import IntegrityError, Problem
from structkit.evaluation.splits import deal
from structkit.evaluation.target import Truth
from structkit.evaluation.units import (
    ELEMENT,
    SOURCE,
    check_noted,
    deal_units,
    elements_of,
    joined,
    noted,
)
from structkit.kinds.trained import SPLIT, UNITS, units_in
from structkit.kinds.wiring import STRUCTURE
from structkit.pipeline.checked import CheckedPipeline, CheckedStep
from structkit.pipeline.spec import Split
from structkit.store.files import write_json


def alike_of(step: CheckedStep, before: Before) -> list[Job]:
    """The jobs whose rows say who is alike: of all origins that a model reads, whether it learns from them or not."""
    by = before.pipeline.spec.pipeline.split.by
    if by is None:
        return []
    rows = before.rows(step)
    if by != ELEMENT:
        return rows
    return [made_of(before, job) or job for job in rows]


def roots_of(step: CheckedStep, pipeline: CheckedPipeline) -> dict[str, str]:
    """The source step in which each origin began, where the split asks for it."""
    if pipeline.spec.pipeline.split.by != SOURCE:
        return {}
    lineage = pipeline.lineage
    roots = {}
    for name in step.incoming:
        origin = lineage[name]
        while origin.parent is not None:
            origin = lineage[origin.parent]
        roots[name] = origin.step
    return roots


def made_of(before: Before, rows: Job) -> Job | None:
    """The job of the structures that rows were made of; the rows themselves where they are structures."""
    by_key = {job.key: job for jobs in before.done.values() for job in jobs}
    job = rows
    while job.options.get("holds") != STRUCTURE:
        if not job.inputs:
            return None
        job = by_key[job.inputs[0].key]
    return job


def own_inputs(piece: Piece) -> Sequence[Input]:
    """The inputs of a training without those that only say who is alike."""
    return piece.inputs[: len(piece.inputs) - piece.job.options["alike"]]


def dealt(piece: Piece, features: Table, truth: Truth, draft: Path) -> tuple[Table, dict[str, str]]:
    """Deal out the rows of a training, and write down how.

    Returns:
        The rows, whose groups are now the units that were dealt out; the part of each unit.

    Raises:
        DataError: D040, no class can be tested; D042, rows do not say what the split asks for.
    """
    options = piece.job.options
    split, seed = Split(**options["split"]), options["seed"]
    if split.by is not None:
        alike = piece.inputs[len(own_inputs(piece)) :]
        tables = [Table.open(source.folder, source.origin) for source in alike]
        units = units_of_rows(tables, split.by, options["roots"])
        write_json(draft / UNITS, units)
        features = regrouped(features, units)
    parts = parts_of_units(features, truth, split, seed)
    write_json(draft / SPLIT, parts)
    return features, parts


def parts_of_units(features: Table, truth: Truth, split: Split, seed: int) -> dict[str, str]:
    """The part of each group, or of each unit where rows are already in units.

    Rows that others are compared with are learnt from. Where there are no others, nothing is tested.

    Raises:
        DataError: D040.
    """
    dealer = deal if split.by is None else deal_units
    groups, references = features.groups, truth.references
    if references is None:
        return dealer(groups, truth.strata, split, seed)
    kept = {groups[row]: "train" for row in np.flatnonzero(references)}
    strata = [
        None if group in kept else stratum
        for group, stratum in zip(groups, truth.strata, strict=True)
    ]
    return kept | (dealer(groups, strata, split, seed) if any(strata) else {})


def units_of_rows(tables: Sequence[Table], by: str, roots: dict[str, str]) -> dict[str, str]:
    """The unit of every group of some rows.

    Args:
        tables: rows of one origin each; structures, where there are any and elements are asked for.
        by: the word of the split.
        roots: the source step of each origin.

    Raises:
        DataError: D042.
    """
    groups: list[str] = []
    values: list[str] = []
    for table in tables:
        said = _values(table, by, roots)
        check_noted(table, said, by)
        groups += table.groups
        values += [str(value) for value in said]
    return joined(groups, values)


def _values(table: Table, by: str, roots: dict[str, str]) -> list[str | None]:
    """What the split asks for, of every row."""
    if by == ELEMENT and "numbers" in table.arrays:
        return list(elements_of(table))
    values = noted(table, by)
    if by == SOURCE and not any(values):
        return [roots[origin] for origin in table.origins]
    return values


def in_units(trained: Path, features: Table) -> Table:
    """Rows whose groups are the units that a trained model's split dealt out.

    Raises:
        IntegrityError: I002, nothing is noted of a group.
    """
    units = units_in(trained)
    if units and (missing := sorted(set(features.groups) - units.keys())):
        message = f"no unit is noted for the group '{missing[0]}'"
        raise IntegrityError(Problem("I002", message, str(trained / UNITS)))
    return regrouped(features, units) if units else features
