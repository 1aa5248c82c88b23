"""A structure in the making: sites, what each belongs to, and the labels that follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit_neighbours import pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FCC, HCP, BCC, DIAMOND, HEXAGONAL_DIAMOND, SC, DISORDERED, OTHER = range(8)
CLASSES = ("fcc", "hcp", "bcc", "diamond", "hexagonal diamond", "sc", "disordered", "other")
UNKNOWN = -1
# Of each lattice: how far the shell reaches that counts (nearest-neighbour distances), the atoms in it,
# and how many of them may be missing before an atom belongs to no lattice any more.
SHELLS = {
    FCC: (1.20, 12, 3),
    HCP: (1.20, 12, 3),
    BCC: (1.33, 14, 4),
    DIAMOND: (1.78, 16, 5),
    HEXAGONAL_DIAMOND: (1.78, 16, 5),
    SC: (1.55, 18, 5),
}


@dataclass(frozen=True)
class Built:
    """Atoms on ideal sites; distances are in nearest-neighbour distances.

    Args:
        sites: float64 (atoms, 3), not wrapped.
        cell: float64 (3,), edges of the rectangular box.
        periodic: bool (3,).
        lattice: int64 (atoms,), the class of the site in its own perfect lattice.
        grain: int64 (atoms,); -1 for atoms of no lattice.
        through: whether a grain goes on through the periodic boundaries.
    """

    sites: Floats
    cell: Floats
    periodic: NDArray[np.bool_]
    lattice: Ints
    grain: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    through: bool = True

    def __post_init__(self) -> None:
        if len(self.grain) != len(self.sites):
            object.__setattr__(self, "grain", np.zeros(len(self.sites), np.int64))

    def only(self, kept: NDArray[np.bool_]) -> Built:
        """Some of the atoms."""
        return replace(
            self, sites=self.sites[kept], lattice=self.lattice[kept], grain=self.grain[kept]
        )

    def atoms(self, sites: Floats | None = None) -> Atoms:
        """As ase has it, argon everywhere."""
        places = self.sites if sites is None else sites
        return Atoms(f"Ar{len(places)}", places, cell=self.cell, pbc=self.periodic)


@dataclass(frozen=True)
class Labelled:
    """Atoms with what is known of each.

    Args:
        positions: float64 (atoms, 3), in nearest-neighbour distances.
        cell, periodic: as of `Built`.
        lattice: int64 (atoms,), a class or -1.
        perfect: int64 (atoms,), 1 with all neighbours in place, 0 without, -1 where that is not known.
    """

    positions: Floats
    cell: Floats
    periodic: NDArray[np.bool_]
    lattice: Ints
    perfect: Ints


def shells(built: Built, positions: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """Count who is missing in each atom's shell, and say whether a stranger is in it.

    Args:
        built: the sites.
        positions: float64 (atoms, 3), where the atoms are.

    Returns:
        The neighbours on sites of the own grain that are missing, int64 (atoms,), and whether an atom
        that is none of these is nearer than the shell reaches, bool (atoms,).
    """
    reach = np.array([SHELLS[c][0] if c in SHELLS else 1.2 for c in range(len(CLASSES))])
    size = np.array([SHELLS[c][1] if c in SHELLS else 0 for c in range(len(CLASSES))])
    limit = np.where(built.lattice >= 0, reach[built.lattice], 1.2)
    near = pairs(built.atoms(), float(limit.max()))
    inside = near.distances <= limit[near.first]
    mates = built.grain[near.first] == built.grain[near.second]
    if not built.through:
        mates &= ~near.shifts.any(axis=1)
    own = np.bincount(near.first[inside & mates], minlength=len(positions))
    there = pairs(built.atoms(positions), float(limit.max()))
    close = there.distances <= limit[there.first]
    strange = built.grain[there.first] != built.grain[there.second]
    if not built.through:
        strange |= there.shifts.any(axis=1)
    foreign = np.bincount(there.first[close & strange], minlength=len(positions)) > 0
    return np.maximum(size[built.lattice] - own, 0), foreign


def labelled(built: Built, positions: Floats, whole: bool = False) -> Labelled:
    """Label atoms: full shell and no stranger, its lattice; many missing, disordered; else not known.

    Args:
        built: the sites.
        positions: float64 (atoms, 3), where the atoms are.
        whole: whether every atom belongs to its lattice, whoever is missing (vacancies).
    """
    missing, foreign = shells(built, positions)
    most = np.array([SHELLS[c][2] if c in SHELLS else 1 for c in range(len(CLASSES))])
    on_lattice = (built.grain >= 0) & (built.lattice < DISORDERED)
    full = (missing == 0) & ~foreign
    poor = (missing >= most[built.lattice]) & ~full
    lattice = np.where(full | whole, built.lattice, np.where(poor, DISORDERED, UNKNOWN))
    lattice = np.where(on_lattice, lattice, built.lattice)
    perfect = np.where(on_lattice, np.where(full, 1, 0), 0)
    return Labelled(positions, built.cell, built.periodic, lattice, perfect)


def noisy(positions: Floats, spread: float, rng: np.random.Generator) -> Floats:
    """Positions with normal noise of a standard deviation per component."""
    moved: Floats = positions + rng.normal(scale=spread, size=positions.shape)
    return moved
