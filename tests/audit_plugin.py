"""A loose plugin with data that have something to be found in them: elements, runs, copies, leaks."""

import numpy as np
from pydantic import Field

from structkit import Sample, Settings, Source, Task, hookimpl

STRUCTKIT_API = 1
HERE = __name__
LATTICES = ("fcc", "bcc", "sc")
ELEMENTS = ("Ag", "Al", "Au", "Ca", "Cu", "Fe", "K", "Li", "Mo", "Na", "Nb", "Ni")


class ElementSettings(Settings):
    elements: int = Field(12, ge=1, le=12)
    """each in every lattice"""
    frames: int = Field(2, ge=1)
    """of each element in a lattice"""
    first: int = Field(0, ge=0)
    """the first of the elements"""
    source: str | None = None
    """noted of every second row"""
    leak: bool = False
    """whether the number of atoms says the lattice"""
    wrong: int = Field(0, ge=0)
    """labels that are wrong"""


class Elements:
    """Elements in lattices, a group each, in cells of random size, with atoms displaced a little."""

    def __init__(self, **settings):
        self.settings = ElementSettings(**settings)

    def tasks(self):
        count = range(self.settings.first, self.settings.elements)
        pairs = [(ELEMENTS[i], name) for i in count for name in LATTICES]
        return [
            Task(f"{element}-{name}", {"element": element, "lattice": name, "number": number})
            for number, (element, name) in enumerate(pairs)
        ]

    def samples(self, task, rng):
        from ase.build import bulk

        element, lattice = task.params["element"], task.params["lattice"]
        wrong = task.params["number"] % 5 == 0 and task.params["number"] // 5 < self.settings.wrong
        for k in range(self.settings.frames):
            size = 2 + LATTICES.index(lattice) if self.settings.leak else int(rng.integers(2, 5))
            # one atom takes the same room in every lattice, up to what an element has of it
            volume = 12.0 + 10.0 * rng.random()
            atoms = bulk(element, lattice, a=1.0).repeat((size, 2, 2))
            factor = (volume / (atoms.get_volume() / len(atoms))) ** (1 / 3)
            atoms.set_cell(atoms.cell[:] * factor, scale_atoms=True)
            atoms.positions += rng.normal(scale=0.05, size=atoms.positions.shape)
            label = LATTICES[(LATTICES.index(lattice) + 1) % 3] if wrong and k == 0 else lattice
            meta = {"run": f"run-{ELEMENTS.index(element) % 5}", "prototype": lattice}
            meta |= {"file": f"{k}"} if k else {}
            yield Sample(f"{task.id}-{k}", atoms, label, task.id, meta)


class Shells:
    """How many atoms there are at which distance, in units of the room that one takes, (12)."""

    def __call__(self, atoms):
        from ase.neighborlist import neighbor_list

        scale = (atoms.get_volume() / len(atoms)) ** (1 / 3)
        distances = neighbor_list("d", atoms, 2 * scale) / scale
        return {"vector": np.histogram(distances, 12, (0.5, 2.0))[0] / len(atoms)}


@hookimpl
def structkit_sources():
    summary = "elements in lattices"
    yield Source(
        name="toy-elements", build=f"{HERE}:Elements", settings=ElementSettings, summary=summary
    )
