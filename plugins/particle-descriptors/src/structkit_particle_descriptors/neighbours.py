"""Who is whose neighbour: directed edges of a periodic structure, each with its reverse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.spatial import QhullError, Voronoi

from structkit import DataError, Problem
from structkit_neighbours import pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TIE = 1e-6  # relative: distances that differ by less are equal, so that no rounding decides who is a neighbour


@dataclass(frozen=True)
class Edges:
    """Directed edges, sorted by receiver and sender.

    Args:
        senders, receivers: (edges,) particle indices.
        shifts: (edges, 3) whole numbers of cell vectors added to the sender.
        distances: (edges,) in the unit of the positions.
    """

    senders: Ints
    receivers: Ints
    shifts: Ints
    distances: Floats

    def __len__(self) -> int:
        return len(self.senders)

    def reverse(self) -> Ints:
        """Index of each edge's reverse, (edges,): from receiver to sender with the opposite shift.

        A pair may be joined several times, through different periodic images, so that sender and
        receiver alone do not tell which edge is the reverse.
        """
        forward = np.column_stack([self.receivers, self.senders, self.shifts])
        backward = np.column_stack([self.senders, self.receivers, -self.shifts])
        first, second = _order(forward), _order(backward)
        result = np.empty(len(self), dtype=np.int64)
        result[second] = first
        return result


def nearest(atoms: Atoms, k: int) -> Edges:
    """Every particle joined to its k nearest; whoever is as near as the k-th is a neighbour too.

    An edge is there when either end counts the other among its nearest. In a structure that is not
    periodic, a particle has at most as many neighbours as there are others.
    """
    wanted = k if atoms.pbc.any() else min(k, len(atoms) - 1)
    if wanted <= 0:
        return _empty()
    cutoff = _radius(atoms, wanted)
    while True:
        bonds = within(atoms, cutoff)
        if np.bincount(bonds.receivers, minlength=len(atoms)).min() >= wanted:
            return _symmetric(bonds, _is_near(bonds, wanted))
        cutoff *= 1.4


def within(atoms: Atoms, cutoff: float) -> Edges:
    """Every particle joined to all others, and to periodic images, that are nearer than a cutoff."""
    bonds = pairs(atoms, cutoff)
    return _sorted(bonds.second, bonds.first, bonds.shifts, bonds.distances)


def voronoi(atoms: Atoms, smallest_facet: float) -> Edges:
    """Particles joined when their Voronoi cells share a facet.

    Raises:
        DataError: M022, particles on a line, or in a plane across which they are periodic; periodic
            in some directions only, so that the cells at the surface are open.

    Args:
        atoms: flat (constant z, not periodic along it) or three-dimensional.
        smallest_facet: facets smaller than this fraction of the largest of either cell do not
            count; those of size zero, which rounding makes in crystals, must not.
    """
    size = 2 if is_flat(atoms) else 3
    if 0 < atoms.pbc[:size].sum() < size:
        message = f"periodic in {atoms.pbc[:size].sum()} of {size} directions: the Voronoi cells at the surface are open"
        raise DataError(Problem("M022", message, fix="use neighbours: nearest or cutoff"))
    if len(atoms) <= size + 1 and not atoms.pbc.any():
        return _all_pairs(atoms)  # a simplex: everyone touches everyone
    cutoff = _radius(atoms, 20)
    while True:
        points, owner, shifts = _padded(atoms, cutoff, size)
        if len(points) > size + 1:
            diagram = _diagram(points)
            if not atoms.pbc.any() or _reach(diagram, len(atoms)) < cutoff / 2:
                return _facets(diagram, owner, shifts, len(atoms), smallest_facet)
        cutoff *= 1.5


def _diagram(points: Floats) -> Voronoi:
    try:
        return Voronoi(points)
    except QhullError as error:
        message = "particles on one line, or in one plane of a three-dimensional structure, have no Voronoi cells"
        raise DataError(Problem("M022", message, fix="use neighbours: nearest")) from error


def _all_pairs(atoms: Atoms) -> Edges:
    first, second = np.nonzero(~np.eye(len(atoms), dtype=bool))
    gaps = np.linalg.norm(atoms.positions[first] - atoms.positions[second], axis=1)
    return _sorted(first, second, np.zeros((len(first), 3), dtype=np.int64), gaps)


def is_flat(atoms: Atoms) -> bool:
    """Whether all particles lie in one plane of constant z that is not periodic across."""
    return not atoms.pbc[2] and len(atoms) > 0 and float(np.ptp(atoms.positions[:, 2])) < 1e-6


def _padded(atoms: Atoms, reach: float, size: int) -> tuple[Floats, Ints, Ints]:
    """The particles, then their images up to a distance; whose each is, and its shift."""
    count = len(atoms)
    bonds = within(atoms, reach) if atoms.pbc.any() else _empty()
    outside = np.any(bonds.shifts != 0, axis=1)
    images = np.unique(np.column_stack([bonds.senders, bonds.shifts])[outside], axis=0)
    owner = np.concatenate([np.arange(count), images[:, 0]])
    shifts = np.concatenate([np.zeros((count, 3), dtype=np.int64), images[:, 1:]])
    cell = np.asarray(atoms.cell.complete()[:])
    return (atoms.positions[owner] + shifts @ cell)[:, :size], owner, shifts


def _reach(diagram: Voronoi, count: int) -> float:
    """Largest distance from one of the first points to a corner of its cell; infinite for an open cell."""
    largest = 0.0
    for point in range(count):
        region = diagram.regions[diagram.point_region[point]]
        if -1 in region or not region:
            return float("inf")
        corners = diagram.vertices[region]
        largest = max(largest, float(np.linalg.norm(corners - diagram.points[point], axis=1).max()))
    return largest


def _facets(diagram: Voronoi, owner: Ints, shifts: Ints, count: int, smallest: float) -> Edges:
    a, b = diagram.ridge_points.T
    size = np.array([_area(diagram, ridge) for ridge in diagram.ridge_vertices])
    largest = np.zeros(len(diagram.points))
    np.maximum.at(largest, a, np.where(np.isfinite(size), size, 0))
    np.maximum.at(largest, b, np.where(np.isfinite(size), size, 0))
    kept = (size > smallest * np.minimum(largest[a], largest[b])) & ((a < count) | (b < count))
    first = np.concatenate([a[kept], b[kept]])
    second = np.concatenate([b[kept], a[kept]])
    inside = second < count  # the receiver is a particle of the cell itself
    first, second = first[inside], second[inside]
    gaps = np.linalg.norm(diagram.points[first] - diagram.points[second], axis=1)
    bonds = _sorted(owner[first], second.astype(np.int64), shifts[first], gaps)
    return _symmetric(bonds, np.ones(len(bonds), dtype=bool))


def _area(diagram: Voronoi, ridge: list[int]) -> float:
    """Length or area of a facet; infinite for an open one."""
    if -1 in ridge:
        return float("inf")
    corners = diagram.vertices[ridge]
    if corners.shape[1] == 2:
        return float(np.linalg.norm(corners[0] - corners[1]))
    spokes = corners[1:] - corners[0]
    return float(0.5 * np.linalg.norm(np.cross(spokes[:-1], spokes[1:]), axis=1).sum())


def _is_near(edges: Edges, k: int) -> NDArray[np.bool_]:
    """Which edges come from one of the receiver's k nearest, ties included."""
    order = np.lexsort((edges.distances, edges.receivers))
    receivers, distances = edges.receivers[order], edges.distances[order]
    starts = np.searchsorted(receivers, receivers)
    limit = distances[starts + k - 1]
    near = np.empty(len(edges), dtype=bool)
    near[order] = distances <= limit * (1 + TIE)
    return near


def _symmetric(edges: Edges, near: NDArray[np.bool_]) -> Edges:
    """The chosen edges and their reverses, each once."""
    chosen = np.column_stack([edges.senders, edges.receivers, edges.shifts])[near]
    turned = np.column_stack([edges.receivers, edges.senders, -edges.shifts])[near]
    both, first = np.unique(np.concatenate([chosen, turned]), axis=0, return_index=True)
    distances = np.concatenate([edges.distances[near]] * 2)[first]
    return _sorted(both[:, 0], both[:, 1], both[:, 2:], distances)


def _sorted(senders: Ints, receivers: Ints, shifts: Ints, distances: Floats) -> Edges:
    order = _order(np.column_stack([receivers, senders, shifts]))
    return Edges(
        senders[order],
        receivers[order],
        shifts[order],
        np.asarray(distances, dtype=np.float64)[order],
    )


def _order(rows: Ints) -> Ints:
    """The order of rows by their first column, then their second, and so on."""
    return np.lexsort(rows.T[::-1])


def _empty() -> Edges:
    none = np.zeros(0, dtype=np.int64)
    return Edges(none, none, np.zeros((0, 3), dtype=np.int64), np.zeros(0))


def _radius(atoms: Atoms, count: int) -> float:
    """A distance within which a typical particle has so many others."""
    extent = np.ptp(atoms.positions, axis=0)
    cell = np.asarray(atoms.cell[:])
    lengths = np.where(atoms.pbc, np.linalg.norm(cell, axis=1), extent)
    if atoms.pbc.any() and (lengths[atoms.pbc] <= 0).any():
        raise DataError(Problem("S012", "a periodic direction has a cell vector of length 0"))
    size = 2 if is_flat(atoms) else 3
    sides = np.maximum(lengths[:size], 1e-3)
    volume = abs(np.linalg.det(cell)) if atoms.pbc.all() else float(np.prod(sides))
    share = volume / len(atoms)
    factor = np.pi if size == 2 else 4 * np.pi / 3
    return float(1.3 * (share * (count + 1) / factor) ** (1 / size))
