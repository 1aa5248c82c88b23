"""Small graphs, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms

from structkit import Row, Table
from structkit_particle_descriptors.graph import NeighbourGraph


def flat(count: int = 40, seed: int = 0, edge: float = 6.0, periodic: bool = True) -> Atoms:
    """A flat mixture of nickel and phosphorus on a jittered grid."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    grid = (
        np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)[:count]
        * edge
        / side
    )
    places = np.column_stack([grid + rng.normal(scale=0.12, size=(count, 2)), np.zeros(count)])
    symbols = np.where(rng.random(count) < 0.65, "Ni", "P")
    return Atoms(
        list(symbols),
        places,
        cell=[edge, edge, 0] if periodic else None,
        pbc=(periodic, periodic, False),
    )


def graph_table(
    structures: Sequence[Atoms], labels: Sequence[str] | None = None, **settings: Any
) -> Table:
    """A table of graphs."""
    describe = NeighbourGraph(**settings)
    graphs = [describe(atoms) for atoms in structures]
    rows = [Row(f"row-{i}", labels[i] if labels else "a", f"group-{i}") for i in range(len(graphs))]
    return Table.of(rows, **{name: [arrays[name] for arrays in graphs] for name in graphs[0]})


def planted_graphs(count: int = 16) -> Table:
    """Two classes that differ in their species alone: many or few phosphorus atoms."""
    structures = []
    for i in range(count):
        atoms = flat(25, seed=i)
        rng = np.random.default_rng(100 + i)
        atoms.symbols[:] = np.where(rng.random(25) < (0.8, 0.2)[i % 2], "Ni", "P")
        structures.append(atoms)
    return graph_table(structures, [("few", "many")[i % 2] for i in range(count)], k=6)
