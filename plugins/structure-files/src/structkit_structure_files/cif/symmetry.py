"""Symmetry operations of a CIF: read as text, checked as a group, never executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
UNEQUAL = 0.02  # of the product of two cell lengths: rounded cells are no mistake
ELSEWHERE = re.compile(
    r"_space_group_symop_magn|_space_group_symop\.magn|_space_group_magn|_space_group_ssg|_cell_modulation"
)
OPERATIONS = (
    "_space_group_symop_operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop.operation_xyz",
)
NUMBERS = ("_space_group_IT_number", "_symmetry_Int_Tables_number")
NAMES = ("_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M")
HALL = ("_space_group_name_Hall", "_symmetry_space_group_name_Hall")


def value_of(block: Any, *tags: str) -> str | None:
    """The first of several tags that has a value; `?` and `.` are none."""
    for tag in tags:
        value = block.find_value(tag)
        if value is not None and value.strip("'\" ") not in ("?", ".", ""):
            return str(value).strip("'\" ")
    return None


def operations(block: Any, cell: Floats, where: str, path: Path) -> tuple[Floats, Floats]:
    """Rotations (n, 3, 3) and translations (n, 3) of the space group, in fractions of the cell.

    Raises:
        DataError: S060 an operation is malformed, or they form no group or not that of the cell;
            S061 the group, or its setting, is not known.
    """
    _refuse_magnetic(block, where)
    lists = [
        [str(item) for item in column]
        for tag in OPERATIONS
        if len(column := block.find_values(tag))
    ]
    given = [_listed(words, where) for words in lists]
    if len({frozenset(op.wrap().triplet() for op in ops) for ops in given}) > 1:
        raise DataError(
            Problem("S060", "two lists of symmetry operations contradict each other", where)
        )
    ops = given[0] if given else _from_name(block, cell, where, path)
    _check_metric(ops, cell, where)
    rotations = np.array([op.rot for op in ops], dtype=np.float64) / 24
    translations = np.array([op.tran for op in ops], dtype=np.float64) / 24
    return rotations, translations


def _listed(words: list[str], where: str) -> list[Any]:
    import gemmi

    if len(words) > 400:
        raise DataError(
            Problem("S060", f"{len(words)} symmetry operations (at most 192 exist)", where)
        )
    ops = []
    for word in words:
        triplet = word.strip("'\" ")
        try:
            if not re.fullmatch(r"[-+xyzXYZ0-9/., *]+", triplet):
                raise ValueError
            ops.append(gemmi.Op(triplet))
        except (RuntimeError, ValueError) as error:
            raise DataError(
                Problem("S060", f"malformed symmetry operation {triplet[:60]!r}", where)
            ) from error
    if bad := [
        op.triplet() for op in ops if abs(round(np.linalg.det(np.array(op.rot) / 24), 6)) != 1
    ]:
        raise DataError(Problem("S060", f"symmetry operation {bad[0]} is singular", where))
    _check_group(ops, where)
    return ops


def _check_group(ops: list[Any], where: str) -> None:
    """The product of any two operations must be one of them."""
    known = {op.wrap().triplet() for op in ops}
    if len(known) < len(ops):
        raise DataError(Problem("S060", "a symmetry operation is listed twice", where))
    if "x,y,z" not in known:
        raise DataError(Problem("S060", "the symmetry operations lack x,y,z", where))
    for a in ops:
        for b in ops:
            if (product := (a * b).wrap().triplet()) not in known:
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


def group_named(name: str) -> Any:
    """The space group of a Hermann–Mauguin name, None where there is none; some programs write P2(1)/c."""
    import gemmi

    return gemmi.find_spacegroup_by_name(re.sub(r"\((\d)\)", r"\1", name))


def _from_name(block: Any, cell: Floats, where: str, path: Path) -> list[Any]:
    """Operations from the group's name or number, where none are listed."""
    import gemmi

    if hall := value_of(block, *HALL):  # it tells setting and origin
        try:
            return list(gemmi.symops_from_hall(hall))
        except RuntimeError as error:
            raise DataError(
                Problem("S061", f"unknown Hall symbol '{hall[:40]}' and no operations", where)
            ) from error
    name, number_ = value_of(block, *NAMES), value_of(block, *NUMBERS)
    group = group_named(name) if name else None
    if name is None and number_ and number_.isdigit() and 1 <= int(number_) <= 230:
        group = gemmi.find_spacegroup_by_number(int(number_))
        if sum(other.number == group.number for other in gemmi.spacegroup_table()) > 1:
            warn(
                path,
                "S059",
                f"space group {number_} and no operations: taken in its standard setting, {group.hm}",
            )
    if group is None and (name or number_):
        raise DataError(
            Problem("S061", f"unknown space group '{name or number_}' and no operations", where)
        )
    if group is None:
        return [gemmi.Op("x,y,z")]
    alike = [
        other
        for other in gemmi.spacegroup_table()
        if other.hm == group.hm and other.ext in ("1", "2", "H", "R")
    ]
    if len(alike) > 1 and ":" not in (name or ""):
        return list(_setting(alike, cell, where).operations())
    return list(group.operations())


def _setting(alike: list[Any], cell: Floats, where: str) -> Any:
    """Of a group with several settings, the one that the cell tells; two origins it does not tell.

    Raises:
        DataError: S061.
    """
    exts = "".join(group.ext for group in alike)
    if set(exts) == {"H", "R"}:
        lengths = np.linalg.norm(cell, axis=1)
        hexagonal = abs(cell[0] @ cell[1] / (lengths[0] * lengths[1]) + 0.5) < 1e-3
        return next(group for group in alike if group.ext == ("H" if hexagonal else "R"))
    message = f"space group '{alike[0].hm}' has two origins, and no operations are listed"
    raise DataError(
        Problem("S061", message, where, f"list the operations, or write '{alike[0].hm} :2'")
    )
