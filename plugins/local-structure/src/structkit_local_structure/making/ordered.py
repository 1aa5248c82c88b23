"""Known lattices made into others: the same few displacements and vacancies in every small cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms
from ase.build import bulk, make_supercell

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_local_structure.making.built import OTHER, Labelled, noisy
from structkit_local_structure.making.motifs import is_known
from structkit_local_structure.making.source import as_atoms
from structkit_local_structure.settings import OrderedSettings
from structkit_neighbours import pairs

TOGETHER = 4  # structures of a task
INDICES = (2, 3, 4, 5, 6, 7, 9, 10, 12)  # primitive cells in the repeated one
CLOSEST = 0.7  # nearest-neighbour distances of the lattice that is left behind
LATTICES = ("fcc", "hcp", "bcc", "diamond", "sc")


@component
class OrderedDistortions:
    """Crystals near a known lattice that are another: its atoms are displaced or missing periodically.

    A few primitive cells are repeated in which every atom is displaced by 0.08 to 0.35
    nearest-neighbour distances, or up to half of the atoms are missing. Noise is as in a crystal
    below its melting point. Every atom has `lattice` 7 (other), the class of crystals that are
    none of those a model knows: without such rows a model says fcc of everything that is nearly
    fcc.

    Args:
        settings: the words of `OrderedSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_local_structure import OrderedDistortions
        >>> source = OrderedDistortions(structures=2)
        >>> sample = next(iter(source.samples(source.tasks()[0], np.random.default_rng(0))))
        >>> np.unique(sample.atoms.arrays["lattice"]).tolist()
        [7]
    """

    @configured(OrderedSettings)
    def __init__(self, settings: OrderedSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """Some structures a task, which is its group."""
        starts = range(0, self.settings.structures, TOGETHER)
        return [
            Task(
                f"ordered-{number:04d}", {"count": min(TOGETHER, self.settings.structures - start)}
            )
            for number, start in enumerate(starts)
        ]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The structures of a task."""
        for number in range(task.params["count"]):
            yield Sample(f"{task.id}-{number}", as_atoms(distorted(rng)), "ordered", task.id)


def distorted(rng: np.random.Generator) -> Labelled:
    """One such crystal with noise."""
    while True:
        cell = drawn(rng)
        near = pairs(cell, CLOSEST)
        if len(near.first) == 0 and not is_known(cell):
            break
    cell.set_cell(cell.cell[:] / _nearest(cell), scale_atoms=True)
    repeats = np.maximum(1, np.ceil(4.5 / cell.cell.lengths())).astype(int)
    large = cell.repeat(repeats)
    positions = noisy(large.positions, rng.uniform(0, 0.08), rng)
    lattice = np.full(len(large), OTHER, np.int64)
    box = np.asarray(large.cell[:])
    return Labelled(positions, box, np.ones(3, dtype=bool), lattice, 0 * lattice)


def _nearest(atoms: Atoms) -> float:
    return float(pairs(atoms, 2.5).distances.min())


def drawn(rng: np.random.Generator) -> Atoms:
    """A small cell of a lattice, in nearest-neighbour distances, displaced or with vacancies, or both."""
    name = str(rng.choice(LATTICES))
    primitive = bulk("Ar", name, a=1.0, c=(8 / 3) ** 0.5 if name == "hcp" else None)
    primitive.set_cell(primitive.cell[:] / _nearest(primitive), scale_atoms=True)
    cell = make_supercell(primitive, _hermite(int(rng.choice(INDICES)), rng))
    missing = rng.uniform(0.15, 0.5) if rng.random() < 0.5 else 0.0
    kept = max(1, round(len(cell) * (1 - missing)))
    cell = cell[np.sort(rng.permutation(len(cell))[:kept])]
    if missing == 0 or rng.random() < 0.3:
        size = rng.uniform(0.08, 0.35)
        moves = rng.normal(size=(len(cell), 3))
        cell.positions += size * moves / np.linalg.norm(moves, axis=1).max()
    return cell


def _hermite(index: int, rng: np.random.Generator) -> np.ndarray:
    """A random matrix of a supercell of so many cells (Hermite normal form)."""
    splits = [
        (a, b, index // (a * b))
        for a in range(1, index + 1)
        for b in range(1, index + 1)
        if index % (a * b) == 0
    ]
    a, b, c = splits[rng.integers(len(splits))]
    low = [int(rng.integers(0, n)) for n in (b, c, c)]
    return np.array([[a, 0, 0], [low[0], b, 0], [low[1], low[2], c]])
