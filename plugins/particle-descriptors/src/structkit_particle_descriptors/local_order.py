"""What g(r) does not hold: bond order, shells by kind, and angles, of flat configurations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_particle_descriptors.neighbours import is_flat, voronoi
from structkit_particle_descriptors.settings import LocalOrderSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEWEST, MOST = 4, 8  # neighbours in a plane, told apart; fewer or more are counted with these
OTHERS = 6  # of a shell's particles that are B, told apart


@dataclass(frozen=True)
class Shells:
    """The neighbours of every particle, in the order of their direction.

    Args:
        kind: (particles,), 0 for the first species, 1 for the second.
        counted: (particles,), whether a particle is a centre: its shell is whole.
        centre, neighbour: (bonds,), indices of particles, sorted by centre and direction.
        direction: (bonds,), angle of the bond in the plane, in radians.
    """

    kind: Ints
    counted: NDArray[np.bool_]
    centre: Ints
    neighbour: Ints
    direction: Floats

    def centres(self, kind: int) -> NDArray[np.bool_]:
        """Which particles are centres of a kind."""
        mine: NDArray[np.bool_] = self.counted & (self.kind == kind)
        return mine

    def mean(self, values: Floats, kind: int) -> float:
        """Mean of a number a particle over the centres of a kind; zero where there are none."""
        chosen = self.centres(kind)
        return float(values[chosen].mean()) if chosen.any() else 0.0


@descriptor
class LocalOrder:
    r"""Correlations of three particles and more around each particle, as means over a configuration.

    Neighbours share a facet of their Voronoi cells. With the angle θ_ij of the bond from i to j,

    $$
    |\psi_n| = \frac{1}{N_i} \left| \sum_j e^{i n \theta_{ij}} \right|
    $$

    * `bond-order`: its mean and mean square over the particles of a species, n = 4 … 8 (D. R.
      Nelson and B. I. Halperin, Phys. Rev. B 19, 2457 (1979));
    * `shells`: how often a particle of a species has so many neighbours, so many of them B:
      locally favoured structures by name;
    * `angles`: histogram of the angle between consecutive bonds of a particle, by the species of
      all three.

    For flat configurations of two species. In a window, particles near its edge are no centres.
    Means over a configuration do not say where in it order is.

    Args:
        settings: the words of `LocalOrderSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase import Atoms
        >>> from structkit_particle_descriptors import LocalOrder
        >>> grid = np.stack([*np.meshgrid(np.arange(8), np.arange(8)), np.zeros((8, 8))], -1)
        >>> noise = np.random.default_rng(0).normal(0, 0.05, (64, 3)) * [1, 1, 0]
        >>> places = 1.2 * grid.reshape(-1, 3) + noise
        >>> plane = Atoms("NiP" * 32, places, cell=[9.6, 9.6, 1], pbc=[True, True, False])
        >>> LocalOrder(parts=("bond-order",))(plane)["vector"].shape
        (20,)
    """

    @configured(LocalOrderSettings)
    def __init__(self, settings: LocalOrderSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32, the parts in the order of the settings, each first species first.

        Raises:
            DataError: M020, particles that do not lie in a plane, a species that is not in the
                settings; M022, particles without Voronoi cells.
        """
        shells = self._shells(atoms)
        parts: dict[str, Callable[[Shells], list[Floats]]] = {
            "bond-order": self._bond_order,
            "shells": _shells_by_kind,
            "angles": self._angles,
        }
        found = [part for name in self.settings.parts for part in parts[name](shells)]
        return {"vector": np.concatenate(found).astype(np.float32)}

    def _shells(self, atoms: Atoms) -> Shells:
        if not is_flat(atoms):
            message = "the particles do not lie in a plane of constant z"
            raise DataError(Problem("M020", message, fix="use frames of a plane"))
        symbols = np.array(atoms.get_chemical_symbols())
        if strange := sorted(set(symbols) - set(self.settings.species)):
            message = f"{strange[0]} has no place (species: {', '.join(self.settings.species)})"
            raise DataError(Problem("M020", message, fix="set species"))
        edges = voronoi(atoms, self.settings.smallest_facet)
        gaps = atoms.positions[edges.senders] - atoms.positions[edges.receivers]
        gaps += edges.shifts @ np.asarray(atoms.cell.complete()[:])
        direction = np.arctan2(gaps[:, 1], gaps[:, 0])
        order = np.lexsort((direction, edges.receivers))
        return Shells(
            (symbols == self.settings.species[1]).astype(np.int64),
            self._counted(atoms),
            edges.receivers[order],
            edges.senders[order],
            direction[order],
        )

    def _counted(self, atoms: Atoms) -> NDArray[np.bool_]:
        """All particles of a periodic box; of a window those away from its edge, whose shells are whole."""
        if atoms.pbc[:2].all():
            return np.ones(len(atoms), dtype=bool)
        places = atoms.positions[:, :2]
        low, high = places.min(axis=0), places.max(axis=0)
        inside = (places > low + self.settings.margin) & (places < high - self.settings.margin)
        counted: NDArray[np.bool_] = inside.all(axis=1)
        return counted

    def _bond_order(self, shells: Shells) -> list[Floats]:
        count = np.maximum(np.bincount(shells.centre, minlength=len(shells.kind)), 1)
        found = []
        for order in self.settings.orders:
            wave = np.exp(1j * order * shells.direction)
            real, imaginary = (
                np.bincount(shells.centre, part, minlength=len(shells.kind))
                for part in (wave.real, wave.imag)
            )
            size = np.hypot(real, imaginary) / count
            for kind in (0, 1):
                found.append(np.array([shells.mean(size, kind), shells.mean(size**2, kind)]))
        return found

    def _angles(self, shells: Shells) -> list[Floats]:
        bins = np.linspace(0, np.pi, self.settings.bins + 1)
        after = _next_of_the_same(shells.centre)
        angle = np.mod(shells.direction[after] - shells.direction, 2 * np.pi)
        ends = np.sort(shells.kind[[shells.neighbour, shells.neighbour[after]]], axis=0)
        found = []
        for kind in (0, 1):
            mine = shells.centres(kind)
            for a, b in combinations_with_replacement((0, 1), 2):
                chosen = mine[shells.centre] & (ends[0] == a) & (ends[1] == b)
                counts = np.histogram(angle[chosen], bins)[0]
                found.append(counts / max(int(mine.sum()), 1))
        return found


def _shells_by_kind(shells: Shells) -> list[Floats]:
    size = len(shells.kind)
    neighbours = np.clip(np.bincount(shells.centre, minlength=size), FEWEST, MOST) - FEWEST
    others = np.bincount(shells.centre, shells.kind[shells.neighbour], minlength=size)
    others = np.clip(others, 0, OTHERS).astype(np.int64)
    names = neighbours * (OTHERS + 1) + others
    kinds = (MOST - FEWEST + 1) * (OTHERS + 1)
    found = []
    for kind in (0, 1):
        mine = shells.centres(kind)
        found.append(np.bincount(names[mine], minlength=kinds) / max(int(mine.sum()), 1))
    return found


def _next_of_the_same(centre: Ints) -> Ints:
    """For each of sorted entries the next of equal value, for the last of them the first."""
    after = np.arange(len(centre)) + 1
    first = np.searchsorted(centre, centre)
    last = np.searchsorted(centre, centre, side="right")
    return np.where(after == last, first, after)
