"""The source `spectrum-files`: measured powder patterns of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from structkit.library import component, configured
from structkit_powder_spectra.reading import read_spectrum
from structkit_powder_spectra.settings import SpectrumFilesSettings
from structkit_structure_files.bound import MeasuredFiles, check_all, contents_of

NOTES = (".json", ".jsonl", ".md", ".yaml", ".yml", ".py", ".html", ".png", ".svg", ".cif", ".pdf")


@component
class SpectrumFiles(MeasuredFiles[SpectrumFilesSettings]):
    """Measured powder patterns from a folder, a glob or a manifest, on one grid. One file is one task.

    It reads columns (`.xy`, `.xye`, `.csv`, `.txt`, `.dat`) and XRDML. Patterns of other
    wavelengths or axes are carried over by q = 4π sin θ/λ; finer ones are averaged. The wavelength
    must be said, by the file or by `file_wavelength`; it is never guessed. Every fault has a code
    (X): an axis in q or d taken for 2θ, steps that change, gaps, negative or clipped counts, NaN,
    two spectra in one file, a range that does not reach the grid. Some are taken on demand
    (`accept`, `fill`) and told of. Bruker's BRML and RAW are refused: no kept library reads them.
    Nothing is calibrated: a zero that is off stays off.

    Args:
        settings: the words of `SpectrumFilesSettings`.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from structkit_powder_spectra import SpectrumFiles
        >>> two_theta = np.arange(20, 100, 0.1)
        >>> counts = 20 + 300 * np.exp(-(((two_theta - 43.3) / 0.3) ** 2))
        >>> Path("measured").mkdir()
        >>> np.savetxt("measured/copper.xy", np.column_stack([two_theta, counts]), fmt="%.2f %.0f")
        >>> grid = {"start": 21, "stop": 99, "step": 0.1, "wavelength": "Cu"}
        >>> files = SpectrumFiles(path="measured", label="none", file_wavelength="Cu", **grid)
        >>> scan = next(iter(files.samples(files.tasks()[0], np.random.default_rng(0))))
        >>> round(21 + 0.1 * int(scan.arrays["spectrum"].argmax()), 1)  # in degrees
        43.3
    """

    notes = NOTES

    @configured(SpectrumFilesSettings)
    def __init__(self, settings: SpectrumFilesSettings) -> None:
        self.settings = settings

    def group_of(self, path: Path, name: str) -> str:
        """A folder, the beginning of the file's name, or the file itself."""
        if self.settings.group == "folder":
            return path.parent.as_posix()
        return family(path) if self.settings.group == "name" else name

    def arrays_of(
        self, path: Path, content: bytes | None
    ) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """One row; raises as `read_spectrum` does."""
        return {"": read_spectrum(path, self.settings, content)}


def family(path: Path) -> str:
    """The beginning of a file's name, up to the first digit, space or underscore after a letter."""
    match = re.match(r"[^A-Za-z]*[A-Za-z][A-Za-z+.()-]*", path.stem)
    return match[0] if match else path.stem


def contents(settings: SpectrumFilesSettings) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return contents_of(settings, NOTES)


def check_files(settings: SpectrumFilesSettings) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    check_all(SpectrumFiles(**settings.model_dump()))
