"""Symmetry operations of a CIF: read as text, checked as a group, never executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.groups import operations_of_group
from structkit_structure_files.cif.tags import Stated
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
UNEQUAL = 0.02  # of the product of two cell lengths: rounded cells are no mistake
ELSEWHERE = re.compile(
    r"_space_group_symop_magn|_space_group_symop\.magn|_space_group_magn|_space_group_ssg|_cell_modulation"
)
DECIMAL = re.compile(r"(?<![0-9])[0-9]*\.[0-9]+")


def value_of(block: Any, *tags: str) -> str | None:
    """The first of several tags that has a value; `?` and `.` are none."""
    for tag in tags:
        value = block.find_value(tag)
        if value is not None and value.strip("'\" ") not in ("?", ".", ""):
            return str(value).strip("'\" ")
    return None


def operations(
    block: Any, stated: Stated, cell: Floats, where: str, path: Path
) -> tuple[Floats, Floats]:
    """Rotations (n, 3, 3) and translations (n, 3) of the space group, in fractions of the cell.

    Raises:
        DataError: S060 an operation is malformed, or they form no group or not that of the cell;
            S061 the group, or its setting, is not known; S064 a tag nobody understands.
    """
    _refuse_magnetic(block, where)
    given = [_listed(words, where, path) for words in stated.operations]
    if len({frozenset(op.wrap().triplet() for op in ops) for ops in given}) > 1:
        message = "two lists of symmetry operations contradict each other"
        raise DataError(Problem("S060", message, where))
    ops = given[0] if given else operations_of_group(stated, cell, where, path)
    _check_metric(ops, cell, where)
    rotations = np.array([op.rot for op in ops], dtype=np.float64) / 24
    translations = np.array([op.tran for op in ops], dtype=np.float64) / 24
    return rotations, translations


def _listed(words: list[str], where: str, path: Path) -> list[Any]:
    """The operations of a list, each once, with the identity.

    Raises:
        DataError: S060.
    """
    import gemmi

    if len(words) > 400:
        message = f"{len(words)} symmetry operations (at most 192 exist)"
        raise DataError(Problem("S060", message, where))
    every = [_operation(word, where) for word in words]
    ops = list({op.wrap().triplet(): op for op in reversed(every)}.values())[::-1]
    if len(ops) < len(every):
        warn(path, "S063", f"{len(every) - len(ops)} symmetry operations are listed twice")
    if not any(op.wrap().triplet() == "x,y,z" for op in ops):
        warn(path, "S063", "the symmetry operations lack x,y,z, which every group has")
        ops.insert(0, gemmi.Op("x,y,z"))
    _check_group(ops, where)
    return ops


def _operation(word: str, where: str) -> Any:
    """An operation from its text; thirds and sixths may be written as decimals of two digits or more.

    Raises:
        DataError: S060.
    """
    import gemmi

    triplet = word.strip("'\" ")
    try:
        if not re.fullmatch(r"[-+xyzXYZ0-9/., *]+", triplet):
            raise ValueError
        operation = gemmi.Op(DECIMAL.sub(_as_fraction, triplet))
    except (RuntimeError, ValueError) as error:
        message = f"malformed symmetry operation {triplet[:60]!r}"
        raise DataError(Problem("S060", message, where)) from error
    if abs(round(np.linalg.det(np.array(operation.rot) / 24), 6)) != 1:
        raise DataError(
            Problem("S060", f"symmetry operation {operation.triplet()} is singular", where)
        )
    return operation


def _as_fraction(match: re.Match[str]) -> str:
    """A decimal as twenty-fourths, where it is one to its digits."""
    word = match.group(0)
    digits = len(word.partition(".")[2])
    twentyfourths = round(24 * float(word))
    rounded = abs(twentyfourths / 24 - float(word)) < 10.0**-digits
    return f"{twentyfourths}/24" if rounded and digits > 1 and twentyfourths else word


def _check_group(ops: list[Any], where: str) -> None:
    """The product of any two operations must be one of them.

    Raises:
        DataError: S060.
    """
    triplets = {op.wrap().triplet() for op in ops}
    for a in ops:
        for b in ops:
            if (product := (a * b).wrap().triplet()) not in triplets:
                message = f"the symmetry operations form no group: {a.triplet()} · {b.triplet()} = {product}"
                raise DataError(Problem("S060", message, where))


def check_transformations(block: Any, where: str) -> None:
    """Magnetic CIFs carry changes of basis as text, which programs have executed; here they must at least be one."""
    for item in block:
        tag, value = item.pair or ("", "")
        word = str(value).strip("'\" ")
        if (
            "transform" in tag.lower()
            and not tag.lower().startswith(
                "_atom_sites_"
            )  # of the ordinary dictionary: the axes in words
            and word not in ("?", ".")
            and not re.fullmatch(r"[-+abcxyzmtu0-9/., ;()*]+", word)
        ):
            raise DataError(
                Problem("S060", f"malformed transformation {word[:60]!r} in {tag}", where)
            )


def _refuse_magnetic(block: Any, where: str) -> None:
    """Operations of magnetic and modulated structures are not those of the atoms alone."""
    for item in block:
        tags = [item.pair[0]] if item.pair else list(item.loop.tags) if item.loop else []
        if odd := [tag for tag in tags if ELSEWHERE.match(tag.lower())]:
            message = f"'{odd[0]}': magnetic and modulated structures are not read"
            raise DataError(
                Problem("S060", message, where, "give the operations of the nuclear structure")
            )


def _check_metric(ops: list[Any], cell: Floats, where: str) -> None:
    """An operation of a crystal keeps lengths and angles: R^T G R = G, with the metric tensor G of the cell."""
    metric, lengths = cell @ cell.T, np.linalg.norm(cell, axis=1)
    for op in ops:
        turn = np.array(op.rot, dtype=np.float64) / 24
        if (np.abs(turn.T @ metric @ turn - metric) > UNEQUAL * np.outer(lengths, lengths)).any():
            message = f"symmetry operation {op.triplet()} does not fit the cell"
            raise DataError(Problem("S060", message, where, "mend the cell or the operations"))
