"""Reading one file of a measured spectrum: which form it has, what it holds, whether it can be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Measurement, Problem, Settings
from structkit_powder_spectra.columns import read_columns
from structkit_powder_spectra.resampling import on_grid
from structkit_powder_spectra.scan import Scan
from structkit_powder_spectra.settings import GridSettings, ReadSettings
from structkit_powder_spectra.sound import sound
from structkit_powder_spectra.xrdml import read_xrdml
from structkit_structure_files.finding import unreadable
from structkit_structure_files.text import bare_suffix
from structkit_structure_files.textfile import read_text

COLUMNS = (".xy", ".xye", ".csv", ".txt", ".dat", ".asc", ".tsv", ".chi", "")
XRDML = (".xrdml",)
LONGEST = 20_000_000  # characters of a line: XRDML holds all counts in one
BINARY = {
    ".brml": "Bruker's BRML",
    ".raw": "a RAW file of Bruker or Rigaku",
    ".rd": "a Philips RD file",
    ".sd": "a Philips SD file",
    ".ras": "Rigaku's RAS",
    ".rasx": "Rigaku's RASX",
    ".uxd": "Bruker's UXD",
}


def read_scan(path: Path, settings: ReadSettings, content: bytes | None = None) -> Scan:
    """The scan of a file, checked, in growing 2θ or q.

    Args:
        path: of the file.
        settings: how it is read.
        content: its bytes, where they have been read; the disk is then not looked at.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    if content is None and (problem := unreadable(path)):
        raise DataError(problem)
    suffix = bare_suffix(path)
    if suffix in XRDML:
        text = read_text(path, LONGEST, content, markup=True)
        return sound(read_xrdml(text, path, settings), settings)
    if suffix not in COLUMNS:
        form = BINARY.get(suffix, f"'{suffix}'")
        fix = "export it as columns (.xy) or XRDML"
        raise DataError(Problem("X014", f"{form} is not read", str(path), fix))
    return sound(read_columns(read_text(path, data=content), path, settings), settings)


def read_spectrum(
    path: Path, settings: ReadSettings, content: bytes | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays `spectrum`, float32 (points,), and `axis` of a file, on the grid of the settings.

    Raises:
        DataError: what is wrong with the file, or that it does not reach the grid.
    """
    counts = on_grid(read_scan(path, settings, content), settings)
    return {"spectrum": counts.astype(np.float32), "axis": settings.grid.as_array()}


def read_for_prediction(path: Path, settings: Settings | None, units: str) -> list[Measurement]:
    """Read one file of a user for `predict`.

    Args:
        path: of the file.
        settings: of the step of the run, `spectrum-files`, or one that makes patterns on a grid, which the
            file must then reach; without, it must reach the default grid.
        units: of no meaning to spectra.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    return [Measurement(str(path), read_spectrum(path, _as_read(settings)))]


def _as_read(settings: Settings | None) -> ReadSettings:
    """How a file is read where a run reads none: counts as they are, on the grid of the run."""
    if isinstance(settings, ReadSettings):
        return settings
    if not isinstance(settings, GridSettings):
        return ReadSettings()
    grid = {name: getattr(settings, name) for name in GridSettings.model_fields}
    return ReadSettings(scale="none", **grid)
