"""The source `other-prototypes`: crystals of structures that `crystal-prototypes` does not make."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from structkit import DataError, Problem, Sample, Task
from structkit.errors import did_you_mean
from structkit.library import component, configured
from structkit_crystal_source.prototypes import atomic_volumes
from structkit_crystal_source.settings import OtherSettings
from structkit_crystal_source.source import spread


@dataclass(frozen=True)
class Other:
    """A prototype of AFLOW's library.

    Args:
        name: its Strukturbericht symbol, else its AFLOW label.
        mineral: what it is commonly called.
        atoms: its cell, as measured.
    """

    name: str
    mineral: str
    atoms: Atoms

    @property
    def element(self) -> str | None:
        """The element, of one that has only one."""
        symbols = set(self.atoms.symbols)
        return symbols.pop() if len(symbols) == 1 else None


@component
class OtherPrototypes:
    """Crystals of AFLOW's prototypes, labelled with the name of the prototype.

    They are of none of the classes of `crystal-prototypes`, such as α-Mn (A12): what a classifier
    of those has never seen, and what a guard has to notice. Those of one element are also made of
    other elements, at their own atomic volume. One task is one pair of prototype and elements,
    which is also the group: no split parts it.

    Args:
        settings: the words of `OtherSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_crystal_source import OtherPrototypes
        >>> source = OtherPrototypes(prototypes=["A12"])
        >>> sample = next(iter(source.samples(source.tasks()[0], np.random.default_rng(0))))
        >>> sample.label, len(sample.atoms)
        ('A12', 29)
    """

    @configured(OtherSettings)
    def __init__(self, settings: OtherSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task for each pair of prototype and elements.

        Raises:
            DataError: D024, AFLOW's library has no such prototype.
        """
        return [task for name in self.settings.prototypes for task in self._tasks_of(named(name))]

    def _tasks_of(self, other: Other) -> list[Task]:
        if other.element is None:
            elements: list[str | None] = [None]
        else:
            known = [name for name in spread(list(atomic_volumes())) if name != other.element]
            elements = [None, *known[: self.settings.groups_per_prototype - 1]]
        return [
            Task(
                f"{element or other.element or other.atoms.get_chemical_formula()}-{other.name}",
                {"prototype": other.name, "element": element},
            )
            for element in elements
        ]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The structures of one pair; the first is as measured."""
        other = named(task.params["prototype"])
        crystal = _exchanged(other.atoms, task.params["element"])
        meta = {"prototype": other.name, "mineral": other.mineral}
        for number in range(self.settings.per_group):
            strain = self.settings.strain if number else 0.0
            atoms = crystal.copy()
            atoms.set_cell(atoms.cell * (1 + rng.uniform(-strain, strain)), scale_atoms=True)
            yield Sample(f"{task.id}-{number:03d}", atoms, other.name, task.id, meta)


def named(name: str) -> Other:
    """A prototype by its Strukturbericht symbol, mineral name or AFLOW label.

    Raises:
        DataError: D024, there is none.
    """
    if name not in library():
        hint = did_you_mean(name, library())
        raise DataError(Problem("D024", f"AFLOW's library has no prototype '{name}'", fix=hint))
    return library()[name]


@functools.lru_cache(maxsize=1)
def library() -> dict[str, Other]:
    """Every prototype of AFLOW's library that pymatgen ships, by all its names; the first of several keeps a name."""
    from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
    from pymatgen.io.ase import AseAtomsAdaptor

    found: dict[str, Other] = {}
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        tags, structure = entry["tags"], entry["snl"].structure
        symbol, label, mineral = (
            _word(tags[key]) for key in ("strukturbericht", "aflow", "mineral")
        )
        other = Other(symbol or label, mineral, AseAtomsAdaptor.get_atoms(structure))
        for name in (label, symbol, mineral):
            if name:
                found.setdefault(name, other)
    return found


def _word(tag: object) -> str:
    """A tag of the library; it writes `None` where there is none."""
    text = str(tag or "").strip()
    return "" if text == "None" else text


def _exchanged(atoms: Atoms, element: str | None) -> Atoms:
    """The crystal with another element, scaled to that element's atomic volume."""
    result = atoms.copy()
    if element is not None:
        result.symbols[:] = element
        factor = (atomic_volumes()[element] * len(atoms) / atoms.get_volume()) ** (1 / 3)
        result.set_cell(result.cell * factor, scale_atoms=True)
    return result
