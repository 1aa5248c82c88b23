"""Numbers to be predicted, as manifests and files hold them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from structkit import DataError, Problem, Quantity
from structkit.errors import did_you_mean, quoted

COLUMN = re.compile(r"(?P<name>[^\[\]]+)\[(?P<unit>[^\[\]]*)\]")
NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


def target_of_column(column: str, where: str) -> tuple[str, str] | None:
    """Name and unit of a column such as `energy [eV/atom]`; None for a column of another form.

    Raises:
        DataError: D023, a name that a target cannot have.
    """
    match = COLUMN.fullmatch(column.strip())
    if match is None:
        return None
    name = match["name"].strip().replace(" ", "_").replace("-", "_")
    if not NAME.fullmatch(name):
        message = f"column {quoted(column)}: {quoted(name)} is no name of a number"
        raise DataError(
            Problem(
                "D023", message, where, "use lower-case letters, digits and _: energy [eV/atom]"
            )
        )
    return name, match["unit"].strip()


def targets_of_row(row: Mapping[str, Any], where: str) -> dict[str, tuple[float, str]]:
    """Numbers of a manifest's row with their units; an empty cell is no number.

    Raises:
        DataError: D005, a cell that is no finite number.
    """
    targets = {}
    for column, cell in row.items():
        named = target_of_column(column, where)
        if named is not None and cell not in (None, ""):
            targets[named[0]] = (_number(cell, named[0], where), named[1])
    return targets


def recorded_targets(
    info: Mapping[str, Any], wanted: Mapping[str, str], where: str
) -> dict[str, Quantity]:
    """Numbers that a file recorded with a structure.

    Args:
        info: of the structure.
        wanted: their names, with their units.
        where: what an error calls the structure.

    Raises:
        DataError: D005, there is no such value, or it is no finite number.
    """
    targets = {}
    for name, unit in wanted.items():
        if name not in info:
            hint = did_you_mean(
                name, map(str, info), f"it has {', '.join(sorted(map(str, info))) or 'nothing'}"
            )
            raise DataError(Problem("D005", f"no value '{name}' is recorded", where, hint))
        targets[name] = Quantity(_number(info[name], name, where), unit)
    return targets


def _number(value: Any, name: str, where: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DataError(
            Problem(
                "D005",
                f"{name} is {quoted(value)}",
                where,
                "write a number, or leave the cell empty",
            )
        )
    return number
