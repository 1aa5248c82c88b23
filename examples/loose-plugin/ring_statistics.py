"""Ring statistics as a plugin in one file: how many bonds a path needs to come back to an atom.

A pipeline file loads it by `plugins: [./ring_statistics.py]`. Nothing has to be installed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from structkit import DataError, Descriptor, Problem, Reference, Settings, hookimpl
from structkit.library import configured, descriptor

if TYPE_CHECKING:
    from ase import Atoms

STRUCTKIT_API = 1


class RingSettings(Settings):
    """Which atoms are bonded, and how long rings may be."""

    bond: float = Field(1.3, gt=1)
    """atoms nearer than this are bonded, in units of the mean nearest-neighbour distance"""
    longest: int = Field(8, ge=3, le=12)
    """length of the longest ring that is counted, in bonds"""


@descriptor
class RingStatistics:
    """King's rings: the shortest way from one neighbour of an atom to another, not through the atom, closes a ring.

    All pairs of neighbours of all atoms are counted. A crystal has few lengths (diamond: 6), a
    glass many. The cell must be so large that half the longest ring does not reach around it.
    Source: S. V. King, Nature 213, 1112 (1967).
    """

    @configured(RingSettings)
    def __init__(self, settings: RingSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float64]]:
        """`vector`: float64 (longest − 2,), rings of 3, 4, … bonds as a fraction of all pairs of neighbours."""
        bonds = self._bonds(atoms)
        counts = np.zeros(self.settings.longest + 1)
        pairs = 0
        for atom, neighbours in enumerate(bonds):
            for start in neighbours:
                ways = self._ways(bonds, atom, start)
                for other in neighbours:
                    if other > start:
                        pairs += 1
                        counts[min(ways.get(other, 0), self.settings.longest)] += other in ways
        return {"vector": counts[3:] / max(pairs, 1)}

    def _bonds(self, atoms: Atoms) -> list[set[int]]:
        from ase.neighborlist import neighbor_list

        # nearest neighbours of crystals: 0.87 to 1.12
        reach = 1.6 * (atoms.get_volume() / len(atoms)) ** (1 / 3)
        first, shortest = neighbor_list("id", atoms, reach)
        if len(set(first)) < len(atoms):
            raise DataError(
                Problem(
                    "X001",
                    f"an atom has no neighbour within {reach:.2g} Å",
                    fix="remove lone atoms",
                )
            )
        scale = np.mean([shortest[first == atom].min() for atom in range(len(atoms))])
        i, j = neighbor_list("ij", atoms, self.settings.bond * scale)
        bonds: list[set[int]] = [set() for _ in atoms]
        for a, b in zip(i, j, strict=True):
            bonds[a].add(int(b))
        if sum(map(len, bonds)) < len(i):
            raise DataError(
                Problem(
                    "X002",
                    "two atoms are bonded twice, through images",
                    fix="use a larger supercell",
                )
            )
        return bonds

    def _ways(self, bonds: list[set[int]], atom: int, start: int) -> dict[int, int]:
        """Length of the ring that each atom closes with `start` around `atom`: two bonds more than the way between."""
        ways, todo = {start: 2}, deque([start])
        while todo:
            here = todo.popleft()
            if ways[here] < self.settings.longest:
                for there in bonds[here] - {atom}:
                    if there not in ways:
                        ways[there] = ways[here] + 1
                        todo.append(there)
        return ways


KING = Reference(
    doi="10.1038/2131112a0",
    authors="King, S. V.",
    title="Ring configurations in a random network model of vitreous silica",
    journal="Nature 213, 1112",
    year=1967,
)


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="ring-statistics",
        produces="vector",
        build=f"{__name__}:RingStatistics",
        settings=RingSettings,
        summary="lengths of the shortest rings of bonds",
        references=(KING,),
    )
