"""The three structural metrics of Swanson 2020: how the B particles hang together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from structkit.library import configured, descriptor
from structkit_particle_descriptors.neighbours import nearest
from structkit_particle_descriptors.settings import GlassMetricsSettings


class Metrics(NamedTuple):
    """Counts in the graph whose edges E_B are those that touch a B particle.

    Args:
        components: connected components of E_B; particles that no such edge touches do not count.
        bb_edges: edges between two B particles.
        isolated_a: A particles without a B neighbour.
    """

    components: int
    bb_edges: int
    isolated_a: int


def glass_metrics(
    positions: ArrayLike, is_b: ArrayLike, k: int = 2, cell: ArrayLike | None = None
) -> Metrics:
    """The metrics of a flat configuration. Source: Swanson et al., Soft Matter 16, 435 (2020). O(N log N).

    >>> glass_metrics([[0, 0], [1, 0], [2.1, 0]], [False, True, True])
    Metrics(components=1, bb_edges=1, isolated_a=0)

    Args:
        positions: (particles, 2) or (particles, 3).
        is_b: (particles,), whether each particle is B.
        k: neighbours that each particle is joined to; either end may choose, ties are kept.
        cell: edges (2,) of a periodic box, or None for an open boundary.

    Raises:
        ValueError: the arguments do not fit together.
    """
    places, kinds = np.asarray(positions, dtype=float), np.asarray(is_b)
    if places.ndim != 2 or places.shape[1] not in (2, 3):
        raise ValueError(
            f"positions of shape {places.shape}, expected (particles, 2) or (particles, 3)"
        )
    if kinds.shape != (len(places),):
        raise ValueError(
            f"is_b of shape {kinds.shape} for {len(places)} particles, expected ({len(places)},)"
        )
    full = np.zeros((len(places), 3))
    full[:, : places.shape[1]] = places
    edges = [0.0, 0.0, 0.0] if cell is None else [*np.asarray(cell, dtype=float)[:2], 0.0]
    periodic = (cell is not None, cell is not None, False)
    return metrics(
        Atoms(numbers=np.ones(len(places)), positions=full, cell=edges, pbc=periodic),
        kinds.astype(bool),
        k,
    )


def metrics(atoms: Atoms, is_b: NDArray[Any], k: int) -> Metrics:
    """The metrics of a structure; arguments as `glass_metrics`."""
    bonds = nearest(atoms, k)
    senders, receivers = bonds.senders, bonds.receivers
    touches = is_b[senders] | is_b[receivers]
    count = len(atoms)
    graph = coo_array(
        (np.ones(touches.sum()), (senders[touches], receivers[touches])), shape=(count, count)
    )
    _, part = connected_components(graph, directed=False)
    inside = np.unique(np.concatenate([senders[touches], receivers[touches]]))
    with_b = np.zeros(count, dtype=bool)
    with_b[receivers[is_b[senders]]] = True
    both = (
        int((is_b[senders] & is_b[receivers]).sum()) // 2
    )  # every edge is there in both directions
    return Metrics(len(np.unique(part[inside])), both, int((~is_b & ~with_b).sum()))


@descriptor
class GlassMetrics:
    """Three numbers of a mixture of two species: connected parts of B, bonds B-B, lonely A, per particle.

    In a graph of nearest neighbours, bonds that touch a particle of the species B are looked at:
    how many connected parts they form, how many join two B, and how many A have no B beside them;
    each over the number of particles. They are what a person would count by eye, three numbers
    that stand beside a network (K. Swanson et al., Soft Matter 16, 435 (2020)). Two species are
    needed; what distances there are, the numbers do not say.

    Args:
        settings: the words of `GlassMetricsSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase import Atoms
        >>> from structkit_particle_descriptors import GlassMetrics
        >>> grid = np.stack([*np.meshgrid(np.arange(8), np.arange(8)), np.zeros((8, 8))], -1)
        >>> cell = {"cell": [9.6, 9.6, 1], "pbc": [True, True, False]}
        >>> plane = Atoms("NiP" * 32, 1.2 * grid.reshape(-1, 3), **cell)
        >>> GlassMetrics(k=4)(plane)["vector"].round(3)
        array([0.016, 0.5  , 0.   ], dtype=float32)
    """

    @configured(GlassMetricsSettings)
    def __init__(self, settings: GlassMetricsSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32 (3,), components, B-B edges and isolated A particles, each per particle."""
        is_b = np.array(atoms.get_chemical_symbols()) == self.settings.b
        counts = metrics(atoms, is_b, self.settings.k)
        return {"vector": (np.array(counts) / len(atoms)).astype(np.float32)}
