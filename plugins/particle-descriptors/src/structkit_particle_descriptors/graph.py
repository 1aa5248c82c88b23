"""The descriptor `neighbour-graph`: a structure as plain arrays of particles and directed edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit.library import configured, descriptor
from structkit_particle_descriptors.neighbours import Edges, nearest, voronoi, within
from structkit_particle_descriptors.settings import GraphSettings


@descriptor
class NeighbourGraph:
    """Periodic neighbour graphs of flat and three-dimensional structures.

    Each particle is joined to its k nearest (ties are kept, so that no rounding decides who is a
    neighbour), to all within a cutoff, or to those whose Voronoi cells share a facet. An edge
    knows its distance, its two particles and, in `reverse`, which edge is the same pair the other
    way; a pair may be joined several times, through different images. No coordinates are given:
    what is given does not change when the structure is moved, turned, mirrored or relabelled (but
    for the order), or another periodic image of a particle is chosen.

    Angles are not given unless they are asked for. With few neighbours two structures may have the
    same graph; a network that passes messages learns angles only where neighbours are joined.

    Args:
        settings: the words of `GraphSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_particle_descriptors import NeighbourGraph
        >>> graph = NeighbourGraph(k=12)(bulk("Cu"))
        >>> sorted(graph), round(float(graph["distances"][0]), 3)
        (['distances', 'numbers', 'receivers', 'reverse', 'senders'], 2.553)
    """

    @configured(GraphSettings)
    def __init__(self, settings: GraphSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[Any]]:
        """The graph of one structure.

        Returns:
            `numbers`: int32 (particles,), atomic numbers, all zero without `species`;
            `senders`, `receivers`: int32 (edges,), each pair in both directions; `reverse`: int32
                (edges,), which edge
            is the same pair the other way; `distances`: float32 (edges,); with `angles` also
            `angles`: float32 (edges, 2).

        Raises:
            DataError: a periodic direction without length (S012).
        """
        unit = self._unit(atoms)
        edges = self._edges(atoms, unit)
        numbers = atoms.numbers if self.settings.species else np.zeros(len(atoms))
        found = {
            "numbers": numbers.astype(np.int32),
            "senders": edges.senders.astype(np.int32),
            "receivers": edges.receivers.astype(np.int32),
            "reverse": edges.reverse().astype(np.int32),
            "distances": (edges.distances / unit).astype(np.float32),
        }
        return {**found, "angles": _angles(atoms, edges)} if self.settings.angles else found

    def _unit(self, atoms: Atoms) -> float:
        if self.settings.scale == "none":
            return 1.0
        first = nearest(atoms, 1)
        shortest = np.full(len(atoms), np.inf)
        np.minimum.at(shortest, first.receivers, first.distances)
        return float(shortest.mean()) if np.isfinite(shortest).all() else 1.0

    def _edges(self, atoms: Atoms, unit: float) -> Edges:
        if self.settings.neighbours == "cutoff":
            return within(atoms, self.settings.cutoff * unit)
        if self.settings.neighbours == "voronoi":
            return voronoi(atoms, self.settings.smallest_facet)
        return nearest(atoms, self.settings.k)


def _angles(atoms: Atoms, edges: Edges) -> NDArray[np.float32]:
    """Cosines between each edge and the two most nearly parallel others at its receiver; −1 where there are fewer."""
    cell = np.asarray(atoms.cell.complete()[:])
    gaps = atoms.positions[edges.senders] + edges.shifts @ cell - atoms.positions[edges.receivers]
    units = gaps / edges.distances[:, None]
    result = np.full((len(edges), 2), -1.0, dtype=np.float32)
    for place in np.split(np.arange(len(edges)), np.flatnonzero(np.diff(edges.receivers)) + 1):
        if len(place) > 1:
            cosines = units[place] @ units[place].T
            np.fill_diagonal(cosines, -np.inf)
            best = -np.sort(-cosines, axis=1)[:, :2]
            result[place, : best.shape[1]] = np.maximum(best, -1.0)
    return result
