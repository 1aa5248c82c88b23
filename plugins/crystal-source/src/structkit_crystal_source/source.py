"""The source `crystal-prototypes`: strained crystals of a class, grouped by element and prototype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_crystal_source.prototypes import Prototype, atomic_volumes, prototypes
from structkit_crystal_source.settings import CrystalClass, PrototypeSettings

CUBIC = ("sc", "bcc", "fcc", "diamond")
MERGED = "hexagonal-rhombohedral"


@component
class CrystalPrototypes:
    """Crystals of the elements, and the same prototypes with other elements at their own atomic volume.

    The classes are sc (space group 221), bcc (229), fcc (225), diamond (227), hcp (194), bct139,
    bct141 and rhombohedral (166). Every element that ase knows in one of them comes with its
    measured lattice; AFLOW's library adds prototypes of the thin classes. A class with fewer pairs
    of element and prototype than `groups_per_class` is filled up by element exchange. Strains
    change the volume and, where the class allows, c/a; they never change the space group.

    One task is one pair of element and prototype, which is also the group: no split parts it.
    After scaling, all fcc crystals differ only through their element, so a random split would test
    what was learnt by heart. Graphite, oxygen and boron share space groups with these classes and
    are no members: a space group is not a structure class.

    Args:
        settings: the words of `PrototypeSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_crystal_source import CrystalPrototypes
        >>> source = CrystalPrototypes(classes=["fcc", "bcc"], per_class=10)
        >>> rng = np.random.default_rng(0)
        >>> samples = [sample for task in source.tasks() for sample in source.samples(task, rng)]
        >>> len(samples), sorted({sample.label for sample in samples})
        (20, ['bcc', 'fcc'])
    """

    @configured(PrototypeSettings)
    def __init__(self, settings: PrototypeSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task per pair of element and prototype."""
        return [task for cls in self.settings.classes for task in self._tasks_of(cls)]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The structures of one pair; the first is unstrained."""
        params = task.params
        prototype = prototypes()[params["prototype"]]
        crystal = exchanged(prototype, params["element"])
        label = self._label(prototype.cls)
        meta = {"prototype": prototype.strukturbericht, "measured_for": prototype.symbol}
        for number in range(params["count"]):
            atoms = strained(crystal, prototype.cls, self.settings.strain if number else 0.0, rng)
            yield Sample(f"{task.id}-{number:03d}", atoms, label, task.id, meta)

    def _label(self, cls: CrystalClass) -> str:
        merged = self.settings.merge_hexagonal_rhombohedral and cls in ("hcp", "rhombohedral")
        return MERGED if merged else cls

    def _tasks_of(self, cls: CrystalClass) -> list[Task]:
        pairs = self._pairs(cls)
        counts = [
            len(part) for part in np.array_split(np.arange(self.settings.per_class), len(pairs))
        ]
        return [
            Task(
                f"{element}-{prototypes()[index].strukturbericht}",
                {"prototype": index, "element": element, "count": count},
            )
            for (index, element), count in zip(pairs, counts, strict=True)
            if count
        ]

    def _pairs(self, cls: CrystalClass) -> list[tuple[int, str]]:
        """Measured pairs of prototype and element first, then exchanged ones, one for each prototype in turn."""
        mine = [i for i, p in enumerate(prototypes()) if p.cls == cls]
        pairs = {(prototypes()[i].strukturbericht, prototypes()[i].symbol): i for i in mine}
        wanted = max(self.settings.groups_per_class, len(pairs))
        for number, element in enumerate(spread(list(atomic_volumes()))):
            if len(pairs) >= wanted:
                break
            index = mine[number % len(mine)]
            pairs.setdefault((prototypes()[index].strukturbericht, element), index)
        return [(index, element) for (_, element), index in pairs.items()]


def spread(elements: list[str]) -> list[str]:
    """The elements in an order in which any first few are spread over the periodic table."""
    step = 31  # shares no factor with the number of elements: every one comes up once
    while np.gcd(step, len(elements)) > 1:
        step += 1
    return [elements[i * step % len(elements)] for i in range(len(elements))]


def exchanged(prototype: Prototype, element: str) -> Atoms:
    """The prototype's cell with another element, scaled to that element's atomic volume."""
    atoms = prototype.atoms.copy()
    atoms.symbols[:] = element
    factor = (atomic_volumes()[element] / prototype.volume) ** (1 / 3)
    atoms.set_cell(atoms.cell * factor, scale_atoms=True)
    return atoms


def strained(atoms: Atoms, cls: CrystalClass, strain: float, rng: np.random.Generator) -> Atoms:
    """The crystal at another volume and, unless it is cubic, another c/a: strains that keep the space group."""
    size, shape = 1 + rng.uniform(-strain, strain, size=2)
    stretch = np.array([size, size, size if cls in CUBIC else size * shape])
    result = atoms.copy()
    result.set_cell(np.asarray(atoms.cell[:]) * stretch, scale_atoms=True)
    return result
