"""One measured scan as it lies in a file, before it is put on a grid."""

from __future__ import annotations

from dataclasses import dataclass

from structkit_powder_spectra.waves import Floats


@dataclass(frozen=True)
class Scan:
    """Points of a measurement, in the order of the file.

    Args:
        positions: of the axis, (points,).
        counts: (points,).
        axis: `2theta`, `q` or `d`.
        wavelength: in Å, where it is known.
        where: the file.
        first_line: of the points, where each has a line of its own; 0 otherwise.
    """

    positions: Floats
    counts: Floats
    axis: str
    wavelength: float | None
    where: str
    first_line: int = 0

    def place(self, point: int) -> str:
        """The file, and the line of a point where there is one."""
        return f"{self.where}:{self.first_line + point}" if self.first_line else self.where
