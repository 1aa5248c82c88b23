"""A file of formulas, for which a trained run is to say a number."""

from __future__ import annotations

from pathlib import Path

from structkit import DataError, Measurement, Problem
from structkit_composition.energies import group_of
from structkit_composition.settings import EnergySettings
from structkit_composition.vectors import amounts_of, vector

LARGEST = 100_000_000  # bytes


def read(path: Path, settings: EnergySettings | None, units: str) -> list[Measurement]:
    """Read one formula a line; what follows `#`, and empty lines, are left out.

    Args:
        path: of the file.
        settings: of the source of the run; None: its defaults.
        units: of lengths; a formula has none.

    Raises:
        DataError: D030, the file cannot be read; S030, a line is no formula; D022, there is none.
    """
    chosen = settings or EnergySettings()
    lines = [line.partition("#")[0].strip() for line in _text(path).splitlines()]
    samples = []
    for number, formula in enumerate(lines, 1):
        if formula:
            samples.append(_measurement(formula, f"{path}:{number}", chosen))
    if not samples:
        raise DataError(
            Problem("D022", "no formulas", str(path), "write one a line, such as Al2O3")
        )
    return samples


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise OSError("no regular file, or a huge one")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(Problem("D030", f"cannot be read: {error}", str(path))) from error


def _measurement(formula: str, place: str, settings: EnergySettings) -> Measurement:
    try:
        amounts = amounts_of(formula)
        arrays = {"vector": vector(amounts, settings.features)}
    except ValueError as error:
        raise DataError(Problem("S030", f"no formula: {error}", place, "such as Al2O3")) from error
    return Measurement(
        formula, arrays, None, group_of(amounts, settings.group), {"formula": formula}
    )
