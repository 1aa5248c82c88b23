"""The descriptor `pair-distribution`: G(r) and S(q) of crystals, clusters and glasses."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit.library import configured, descriptor
from structkit_powder_spectra.compiled import compiled
from structkit_powder_spectra.distances import Distances, distances_of
from structkit_powder_spectra.lengths import scattering
from structkit_powder_spectra.pair_settings import PairSettings
from structkit_powder_spectra.waves import Floats

BIN = (
    0.002  # Å, of the histogram: sin(qr)/(qr) of its middle is that of its pairs to 1e-4 at q = 20
)
LONG = 6.0  # standard deviations of the broadening that reach beyond r_stop


@descriptor
class PairDistribution:
    r"""How the distances between atoms are distributed, as a diffraction experiment has it: G(r) or S(q).

    With c and f of each atom, Faber and Ziman's structure factor is

    $$
    S(q) - 1 = \frac{1}{N \langle f \rangle^2} \sum_{i \neq j} f_i f_j \frac{\sin q r_{ij}}{q r_{ij}}
    $$

    (Debye, Annalen der Physik 351, 809 (1915)), for a periodic structure of density ρ with pairs
    up to `reach` under the window of Lorch (J. Phys. C 2, 229 (1969)) and less the mean density.
    The reduced pair distribution function is

    $$
    G(r) = \frac{1}{r N \langle f \rangle^2} \sum_{i \neq j} f_i f_j\, \delta(r - r_{ij}) - 4\pi\rho r
    $$

    broadened, with f(0) for X-rays; or, by `debye`, (2/π) ∫ q (S(q) − 1) sin(qr) dq of a range of
    q, with the ripples that a measurement has. Of a cluster no density is taken off. Neither
    changes when a structure is moved, turned or relabelled; nor, if periodic, when it is repeated.
    One broadening holds for all pairs: neighbours that move together are no sharper than others.

    Args:
        settings: the words of `PairSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_powder_spectra import PairDistribution
        >>> arrays = PairDistribution(r_stop=4.0)(bulk("Cu"))
        >>> round(0.5 + 0.02 * int(arrays["spectrum"].argmax()), 2)  # the nearest neighbours, in Å
        2.54
    """

    @configured(PairSettings)
    def __init__(self, settings: PairSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[Any]]:
        """The function of one structure.

        Returns:
            `spectrum`: float32 (points,); `axis`: float64 (4,), see `Grid.as_array`.

        Raises:
            DataError: S011 S012 S021 S031 X026, a structure that has none.
        """
        s = self.settings
        if s.function == "S(q)":
            values, grid = self.structure_factor(atoms), s.q_grid
        elif s.method == "debye":
            values, grid = self._transformed(self.structure_factor(atoms)), s.r_grid
        else:
            values, grid = (
                self._counted(distances_of(atoms, s.r_stop + LONG * s.broadening)),
                s.r_grid,
            )
        return {"spectrum": values.astype(np.float32), "axis": grid.as_array()}

    def structure_factor(self, atoms: Atoms) -> Floats:
        """S(q) on the grid of q, float64 (points,)."""
        s, q = self.settings, self.settings.q_grid.values
        distances = distances_of(atoms, s.reach)
        factors = scattering(distances.elements, q, s.radiation)
        window = (
            np.sinc(distances.distances / s.reach)
            if distances.density
            else np.ones(len(distances.distances))
        )
        sums = self._debye(distances, window, q)
        damping = np.exp(-0.5 * (q * s.broadening) ** 2)
        excess = 2 * (distances.products(factors) * sums).sum(axis=0) * damping / distances.atoms
        excess /= np.maximum(distances.mean(factors) ** 2, 1e-12)
        return np.asarray(1 + excess - _density_wave(distances.density, s.reach, q) * damping)

    def _debye(self, distances: Distances, window: Floats, q: Floats) -> Floats:
        """Σ w sin(qr)/(qr) of each kind of pair, (elements², values of q)."""
        kinds = len(distances.elements) ** 2
        if self.settings.method == "debye":
            return np.asarray(_sums(distances.distances, window, distances.joined, kinds, q))
        far = float(distances.distances.max(initial=BIN))
        bins = int(far / BIN) + 1
        place = np.minimum((distances.distances / BIN).astype(np.int64), bins - 1)
        flat = np.bincount(distances.joined * bins + place, window, kinds * bins)
        middle = (np.arange(bins) + 0.5) * BIN
        filled = np.flatnonzero(flat)
        kind, here = filled // bins, middle[filled % bins]
        return np.asarray(_sums(here, flat[filled], kind, kinds, q))

    def _transformed(self, structure_factor: Floats) -> Floats:
        """G(r) of S(q), as of a measurement that ends at q_stop, under a window of Lorch."""
        s = self.settings
        q, r = s.q_grid.values, s.r_grid.values
        rest = q * (structure_factor - 1) * np.sinc(q / (s.q_stop + s.q_step))
        return np.asarray(2 / np.pi * s.q_step * np.sin(np.outer(r, q)) @ rest)

    def _counted(self, distances: Distances) -> Floats:
        """G(r) of the distances themselves, each a Gaussian."""
        s, r = self.settings, self.settings.r_grid.values
        factors = scattering(distances.elements, np.array([0.0]), s.radiation)
        mean = max(float(distances.mean(factors)[0] ** 2), 1e-12)
        together = distances.products(factors)[distances.joined, 0] / mean
        sums = _gaussians(distances.distances, together, r, s.r_step, s.broadening)
        positive = np.maximum(r, 1e-9)
        return np.asarray(
            2 * sums / (distances.atoms * positive) - 4 * np.pi * distances.density * r
        )


def _density_wave(density: float, reach: float, q: Floats) -> Floats:
    """4πρ ∫ w(r) r² sin(qr)/(qr) dr of the mean density, with w of Lorch up to the reach."""
    if density == 0:
        return np.zeros(len(q))
    at, k = q * reach, np.pi
    # ∫ sin(πx) sin(ax) dx = [sin((π−a))/(π−a) − sin((π+a))/(π+a)]/2 over 0 to 1
    integral = (np.sinc((k - at) / np.pi) - np.sinc((k + at) / np.pi)) / 2
    return np.asarray(4 * density * reach**2 * integral / q)


@compiled
def _sums(
    distances: Floats, window: Floats, joined: NDArray[np.int64], kinds: int, q: Floats
) -> Floats:
    """Σ w sin(qr)/(qr) of each kind of pair: sines of an even grid, each from the one before.

    The recurrence sin((n+1)x) = sin(nx) cos x + cos(nx) sin x loses 1e-16 a step.
    """
    result = np.zeros((kinds, len(q)))
    step = q[1] - q[0]
    for pair in range(len(distances)):
        r = distances[pair]
        sine, cosine = np.sin(q[0] * r), np.cos(q[0] * r)
        sine_step, cosine_step = np.sin(step * r), np.cos(step * r)
        height = window[pair] / r
        row = result[joined[pair]]
        for place in range(len(q)):
            row[place] += height * sine
            sine, cosine = (
                sine * cosine_step + cosine * sine_step,
                cosine * cosine_step - sine * sine_step,
            )
    return result / q


@compiled
def _gaussians(distances: Floats, heights: Floats, r: Floats, step: float, width: float) -> Floats:
    """Σ of Gaussians of area `heights` at the distances, on an even grid of r."""
    result = np.zeros(len(r))
    norm = 1 / (width * np.sqrt(2 * np.pi))
    for pair in range(len(distances)):
        at = (distances[pair] - r[0]) / step
        reach = 6.0 * width / step
        first, last = max(0, int(at - reach)), min(len(r), int(at + reach) + 2)
        for place in range(first, last):
            away = (place - at) * step / width
            result[place] += heights[pair] * norm * np.exp(-0.5 * away * away)
    return result
