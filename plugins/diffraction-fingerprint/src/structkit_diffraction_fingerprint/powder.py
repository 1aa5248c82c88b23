"""The powder pattern: what diffraction keeps when the orientation is averaged away."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_diffraction_fingerprint.neighbours import SCALES, pair_distances
from structkit_diffraction_fingerprint.settings import PowderSettings

Floats = NDArray[np.float64]
BINS_PER_DISTANCE = 400  # of the pair histogram: far finer than any peak of a crystal at q ≤ 24


class PowderPattern:
    """The orientation average of |F|² for equal scatterers: the Debye equation, less the mean density.

    With pair distances r in units of the neighbour distance and the Lorch window w(r) = sin(πr/R)/(πr/R),

        S(q) − 1 = (2/N) Σ_{i<j, r<R} w(r) sin(qr)/(qr) − 4πρ ∫_0^R w(r) r² sin(qr)/(qr) dr

    divided by its norm over q. It does not change when the structure is moved, turned, mirrored, relabelled or
    repeated, nor with the element. In a cell that is not periodic in three directions there is no density ρ to subtract.
    Source: P. Debye, Annalen der Physik 351, 809 (1915); E. Lorch, J. Phys. C 2, 229 (1969).

    Args:
        **settings: the words of `PowderSettings`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = PowderSettings(**settings)
        edges = np.linspace(0, self.settings.reach, int(self.settings.reach * BINS_PER_DISTANCE) + 1)
        self._edges, self._middle = edges, (edges[1:] + edges[:-1]) / 2
        self._window = np.sinc(self._middle / self.settings.reach)
        q = np.linspace(self.settings.smallest, self.settings.largest, self.settings.points)
        self._waves = np.sinc(np.outer(self._middle, q) / np.pi)  # sin(qr)/(qr)

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The pattern of one structure.

        Returns:
            `vector`: float32 (points,), of norm one.

        Raises:
            DataError: no neighbour distance (S014), coinciding atoms (S021), no pair within reach (S015).
        """
        scale = SCALES[self.settings.scale](atoms)
        distances = pair_distances(atoms, self.settings.reach * scale) / scale
        counts = np.histogram(distances, self._edges)[0] * 2 / len(atoms)
        pattern = ((counts - self._density(atoms, scale)) * self._window) @ self._waves
        norm = float(np.linalg.norm(pattern))
        if norm == 0:
            raise DataError(Problem("S015", "no two atoms within reach: there is no pattern"))
        return {"vector": (pattern / norm).astype(np.float32)}

    def _density(self, atoms: Atoms, scale: float) -> Floats:
        """Neighbours that a structureless material of the same density would have in each bin."""
        if not atoms.pbc.all():
            return np.zeros_like(self._middle)
        density = len(atoms) / atoms.get_volume() * scale**3
        shell: Floats = 4 * np.pi * density * self._middle**2 * np.diff(self._edges)
        return shell
