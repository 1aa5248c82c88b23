"""The source `known-environments`: structures in which the lattice of every atom is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from ase import Atoms

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_local_structure.making import crystals, grains, melts, motifs, particles
from structkit_local_structure.making.built import CLASSES, DISORDERED, Labelled
from structkit_local_structure.settings import KnownSettings

Maker = Callable[[int, np.random.Generator], Labelled]
ANGSTROM = 2.7  # between nearest neighbours
TOGETHER = 4  # structures of a task
# Who makes each kind, and of which classes; -1: of no class
MAKERS: dict[str, tuple[Maker, tuple[int, ...]]] = {
    "bulk": (crystals.bulk, tuple(range(DISORDERED))),
    "vacancies": (crystals.with_vacancies, tuple(range(DISORDERED))),
    "faults": (crystals.with_faults, (0, 1, 3, 4)),
    "slabs": (crystals.slab, tuple(range(DISORDERED))),
    "particles": (particles.particle, tuple(range(DISORDERED))),
    "polycrystals": (grains.polycrystal, (0, 1, 2, 3, 5)),
    "interfaces": (melts.beside_melt, tuple(range(DISORDERED))),
    "liquids": (melts.liquid, (-1,)),
    "glasses": (melts.glass, (-1,)),
    "packings": (melts.packing, (-1,)),
    "motifs": (motifs.motif, (-1,)),
}


@component
class KnownEnvironments:
    """Structures with noise and defects whose atoms are known to belong to a lattice, or to none.

    Lattices under strain and noise, with vacancies, stacking faults and surfaces, as particles, as
    grains, beside their melt; melts, glasses, random packings; and random crystals that are none
    of the known lattices. Every structure has two arrays: `lattice` (0 fcc, 1 hcp, 2 bcc, 3
    diamond, 4 hexagonal diamond, 5 sc, 6 disordered, 7 other, -1 not known) and `perfect` (1 with
    all neighbours in place). An atom at a surface, boundary or fault belongs to the lattice of its
    site if its shell is full and no stranger is in it; with three missing neighbours (bcc four,
    diamond and sc five) it is disordered; else it has no label.

    It is what `lattices`, the ready model of atoms, has learnt from. Atoms are points without
    species, and noise is drawn, not simulated: no force acts between them but in melts and
    packings.

    Args:
        settings: the words of `KnownSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_local_structure import KnownEnvironments
        >>> none = dict.fromkeys(("faults", "slabs", "particles", "polycrystals", "interfaces"), 0)
        >>> rest = dict.fromkeys(("liquids", "glasses", "packings", "motifs"), 0)
        >>> source = KnownEnvironments(bulk=1, vacancies=1, **none, **rest)
        >>> rng = np.random.default_rng(0)
        >>> samples = [sample for task in source.tasks() for sample in source.samples(task, rng)]
        >>> [sample.label for sample in samples], sorted(samples[0].atoms.arrays)
        (['bulk', 'vacancies'], ['lattice', 'numbers', 'perfect', 'positions'])
    """

    @configured(KnownSettings)
    def __init__(self, settings: KnownSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """Some structures of a kind and class a task; which is its group."""
        return [task for kind in MAKERS for task in self._tasks_of(kind)]

    def _tasks_of(self, kind: str) -> Iterator[Task]:
        classes = MAKERS[kind][1]
        count = int(getattr(self.settings, kind))
        for number, first in enumerate(range(0, count, TOGETHER)):
            lattice = classes[number % len(classes)]
            params = {"kind": kind, "lattice": lattice, "count": min(TOGETHER, count - first)}
            yield Task(f"{kind}-{number:04d}", params)

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The structures of a task."""
        kind, lattice = task.params["kind"], int(task.params["lattice"])
        for number in range(task.params["count"]):
            made = MAKERS[kind][0](lattice, rng)
            meta = {"class": CLASSES[lattice] if lattice >= 0 else "none"}
            yield Sample(f"{task.id}-{number}", as_atoms(made), kind, task.id, meta)


def as_atoms(made: Labelled) -> Atoms:
    """As ase has it, with the arrays `lattice` and `perfect`."""
    cell = np.diag(made.cell) if made.cell.ndim == 1 else made.cell
    where = made.positions * ANGSTROM
    atoms = Atoms(f"Ar{len(where)}", where, cell=cell * ANGSTROM, pbc=made.periodic)
    atoms.set_array("lattice", made.lattice)
    atoms.set_array("perfect", made.perfect)
    return atoms
