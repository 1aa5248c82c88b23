"""Which splits the data allow: by element, prototype, source, run, and by whatever else rows note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from structkit.audit.findings import Finding, several
from structkit.audit.gathering import Rows, Workshop
from structkit.errors import DataError, listed
from structkit.evaluation.units import ELEMENT, SOURCE, deal_units, shared_words
from structkit.kinds.dealing import alike_of, roots_of, units_of_rows
from structkit.pipeline.checked import CheckedPipeline, CheckedStep

FIRST = (ELEMENT, "prototype", SOURCE, "trajectory")  # what is offered before other words
MOST = 12  # words that are looked at


@dataclass(frozen=True)
class Holdout:
    """A split that the data allow, or do not.

    Args:
        by: the word of the split.
        units: how many there are.
        each: how many units each class has.
        problem: why it cannot be dealt out; empty where it can.
    """

    by: str
    units: int
    each: dict[str, int]
    problem: str = ""

    @property
    def untested(self) -> list[str]:
        """Classes that have one unit, and so are only learnt from."""
        return [name for name, count in self.each.items() if count < 2]


def varied(pipeline: CheckedPipeline, by: str | None) -> CheckedPipeline:
    """The same pipeline with another word in its split."""
    file = pipeline.spec.pipeline
    split = file.split.model_copy(update={"by": by})
    spec = replace(pipeline.spec, pipeline=file.model_copy(update={"split": split}))
    return replace(pipeline, spec=spec)


def holdouts(workshop: Workshop, rows: Rows) -> Iterator[Holdout]:
    """The splits of a model's rows by everything that all of them note."""
    words = list(dict.fromkeys([ELEMENT, SOURCE, *shared_words(rows.features)]))
    words.sort(key=lambda word: FIRST.index(word) if word in FIRST else len(FIRST))
    for word in words[:MOST]:
        pipeline = varied(workshop.pipeline, word)
        other = Workshop(pipeline, workshop.store, workshop.progress, workshop.device)
        holdout = _holdout(other, rows, word)
        if holdout is not None:
            yield holdout


def _holdout(workshop: Workshop, rows: Rows, word: str) -> Holdout | None:
    """The units that a word makes of the rows; None where it makes one, or one of each row, or is not noted."""
    try:
        units = _units(workshop, rows.step, word)
    except DataError:
        return None
    of_rows = [units[group] for group in rows.groups]
    if len(set(of_rows)) < 2 or len(set(of_rows)) == len(of_rows):
        return None
    each: dict[str, set[str]] = defaultdict(set)
    for unit, stratum in zip(of_rows, rows.truth.strata, strict=True):
        if stratum is not None:
            each[stratum].add(unit)
    counts = {name: len(inside) for name, inside in sorted(each.items())}
    file = workshop.pipeline.spec.pipeline
    try:
        deal_units(of_rows, rows.truth.strata, file.split, file.seed)
    except DataError as error:
        return Holdout(word, len(set(of_rows)), counts, error.problems[0].message)
    return Holdout(word, len(set(of_rows)), counts)


def _units(workshop: Workshop, step: CheckedStep, word: str) -> dict[str, str]:
    before = workshop.before(step)
    jobs = alike_of(step, before)
    workshop.make(jobs)
    tables = [workshop.table(job) for job in jobs]
    return units_of_rows(tables, word, roots_of(step, workshop.pipeline))


def told(holdouts: Sequence[Holdout], rows: Rows, by: str | None) -> Iterator[Finding]:
    """What is said of the splits that the data allow."""
    for holdout in holdouts:
        each = ", ".join(f"{name} {count}" for name, count in holdout.each.items())
        text = f"{holdout.by}: {several(holdout.units, 'unit')}"
        if rows.classes:
            text += f"; of each class {each}"
        if holdout.problem:
            text += "; no class has enough to be learnt and tested"
        elif holdout.by == by:
            text += "; this is the split of the file"
        else:
            text += f"; ready: split: {{by: {holdout.by}}}"
        if rows.classes and not holdout.problem and holdout.untested:
            text += f", but never tested: {listed(holdout.untested)}"
        facts = {
            "by": holdout.by,
            "units": holdout.units,
            "each": holdout.each,
            "ready": not holdout.problem,
            "untested": holdout.untested,
        }
        yield Finding("splits", text, False, facts, rows.step.id)
