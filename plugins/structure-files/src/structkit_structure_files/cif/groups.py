"""The space group of a CIF that lists no operations: by its names, its number or its Hall symbol."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.tags import Stated
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
ORIGINS = {"S": "1", "Z": "2"}  # as the Inorganic Crystal Structure Database marks them


def group_named(name: str) -> Any:
    """The space group of a Hermann–Mauguin name, short or full; None where there is none.

    Some programs write P2(1)/c, P2_1/c, or a minus that is no hyphen.
    """
    import gemmi

    plain = re.sub(r"\((\d)\)", r"\1", name)
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    plain = re.sub(r"[\s\u00a0]+", " ", plain.replace("_", "")).strip()
    marked = re.fullmatch(r"(.*?) ?:?([SZ])", plain)
    hall = _full_names().get(re.sub(r"\s", "", plain).lower())
    if (group := _named_by_gemmi(plain)) is not None:
        return group
    if marked:
        return _named_by_gemmi(f"{marked[1]} :{ORIGINS[marked[2]]}")
    return gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall)) if hall else None


def _named_by_gemmi(name: str) -> Any:
    import gemmi

    return gemmi.find_spacegroup_by_name(name)


@functools.lru_cache(maxsize=1)
def _full_names() -> dict[str, str]:
    """The Hall symbol of every full name, such as F 4/m -3 2/m."""
    import spglib

    names: dict[str, str] = {}
    for number in range(1, 531):
        entry = spglib.get_spacegroup_type(number)
        name = entry.international_full.replace("_", "").replace(" ", "").lower()
        names.setdefault(name, entry.hall_symbol)
    return names


def number_of(word: str) -> int | None:
    """A number of the International Tables; None for another word."""
    match = re.fullmatch(r"([0-9]{1,3})(\.0*)?", word)
    return int(match[1]) if match and 1 <= int(match[1]) <= 230 else None


def operations_of_group(stated: Stated, cell: Floats, where: str, path: Path) -> list[Any]:
    """Operations of the group that a block names; the identity where it speaks of none.

    Raises:
        DataError: S061 an unknown group or setting, or several groups; S064 a tag nobody
            understands.
    """
    import gemmi

    stated.check_used(where)
    halls = [_of_hall(hall, where) for hall in stated.halls]
    named = [group for name in stated.names if (group := group_named(name))]
    numbers = [number_of(word) for word in stated.numbers]
    if (stated.names and not named) or (stated.numbers and None in numbers):
        word = stated.names[0] if stated.names and not named else stated.numbers[0]
        message = f"unknown space group '{word}' and no operations"
        raise DataError(Problem("S061", message, where, "list the operations"))
    _check_one_group(stated, named, numbers, halls, where)
    if halls:  # it tells setting and origin
        return list(halls[0])
    if named:
        return _of_group(named[0], stated, cell, where)
    if numbers and numbers[0]:
        return _of_number(numbers[0], stated, cell, where, path)
    return [gemmi.Op("x,y,z")]


def _of_hall(hall: str, where: str) -> Any:
    import gemmi

    try:
        return gemmi.symops_from_hall(hall)
    except RuntimeError as error:
        message = f"unknown Hall symbol '{hall[:40]}' and no operations"
        raise DataError(Problem("S061", message, where)) from error


def _check_one_group(
    stated: Stated, named: list[Any], numbers: list[int | None], halls: list[Any], where: str
) -> None:
    """Refuse a block whose names and numbers are those of several groups.

    Raises:
        DataError: S061.
    """
    import gemmi

    of_halls = [gemmi.find_spacegroup_by_ops(ops) for ops in halls]
    groups = [*(group.number for group in (*named, *filter(None, of_halls))), *numbers]
    if len(set(groups)) > 1:
        words = ", ".join([*stated.names, *stated.numbers, *stated.halls])
        message = f"the file names several space groups ({words[:80]}) and no operations"
        raise DataError(Problem("S061", message, where, "list the operations, or keep one name"))


def _of_number(number: int, stated: Stated, cell: Floats, where: str, path: Path) -> list[Any]:
    """Operations of the standard setting."""
    import gemmi

    group = gemmi.find_spacegroup_by_number(number)
    if sum(other.number == number for other in gemmi.spacegroup_table()) > 1 and not stated.code:
        message = (
            f"space group {number} and no operations: taken in its standard setting, {group.hm}"
        )
        warn(path, "S059", message)
    return _of_group(group, stated, cell, where)


def _of_group(group: Any, stated: Stated, cell: Floats, where: str) -> list[Any]:
    """Operations of a group, in the setting that name, code or cell tell."""
    import gemmi

    alike = [
        other
        for other in gemmi.spacegroup_table()
        if other.hm == group.hm and other.ext in ("1", "2", "H", "R")
    ]
    tells = any(":" in name or re.search(r" [SZ]$", name) for name in stated.names)
    if len(alike) < 2 or tells:
        return list(group.operations())
    coded = [other for other in alike if other.ext == (stated.code or "").upper()[-1:]]
    chosen = coded[0] if coded else _setting(alike, cell, where)
    return list(chosen.operations())


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
    fix = f"list the operations, or write '{alike[0].hm} :2'"
    raise DataError(Problem("S061", message, where, fix))
