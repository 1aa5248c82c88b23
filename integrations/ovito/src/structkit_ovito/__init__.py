"""A modifier for OVITO: what a ready model of structkit says of every atom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ase import Atoms
from ovito.data import DataCollection, ElementType
from ovito.pipeline import ModifierInterface
from traits.api import Bool, Float, Str

from structkit import Recognised, recognise

# As OVITO itself colours structures where it has a colour for one.
COLOURS = {
    "fcc": (0.40, 1.00, 0.40),
    "hcp": (1.00, 0.40, 0.40),
    "bcc": (0.40, 0.40, 1.00),
    "diamond": (0.07, 0.63, 1.00),
    "hexagonal diamond": (1.00, 0.54, 0.00),
    "sc": (0.63, 0.13, 0.94),
    "disordered": (0.95, 0.95, 0.95),
    "none of these": (0.55, 0.42, 0.25),
}
OTHERS = ((0.30, 0.70, 0.65), (0.85, 0.75, 0.25), (0.75, 0.35, 0.60), (0.45, 0.55, 0.70))


class RecogniseStructures(ModifierInterface):
    """Which lattice every atom belongs to.

    The particles get `Structure Type` with names and colours, `Confidence`, `Novelty`, `Grain` (0 for
    none) and `Perfect`; the data the attributes `structkit.verdict`, `structkit.grains` and
    `structkit.fraction.NAME`.
    """

    model = Str("lattices", label="Ready model")
    only_selected = Bool(False, label="Colour only selected particles")
    least = Float(0.0, label="Least confidence to be coloured")

    def modify(self, data: DataCollection, **_: Any) -> Iterator[str]:
        """Add what the model says; OVITO shows what is yielded while it waits."""
        yield "structkit: recognising"
        told = recognise(structure_of(data), self.model or None)
        particles = data.particles_
        add_types(particles, told)
        particles.create_property("Confidence", data=told.confidence.astype(np.float64))
        particles.create_property("Novelty", data=told.novelty.astype(np.float64))
        particles.create_property("Grain", data=told.grain.astype(np.int32) + 1)
        particles.create_property("Perfect", data=told.perfect.astype(np.int32))
        self._colour(particles, told)
        data.attributes["structkit.verdict"] = told.verdict()
        data.attributes["structkit.grains"] = len(told.grains)
        for name, share in told.fractions().items():
            data.attributes[f"structkit.fraction.{name}"] = share

    def _colour(self, particles: Any, told: Recognised) -> None:
        """Colours of all atoms, or of those that are selected or sure enough."""
        colours = np.array(colours_of(told.classes))[told.structure]
        chosen = told.confidence >= self.least
        if self.only_selected and "Selection" in particles:
            chosen &= np.asarray(particles["Selection"]) != 0
        if "Color" in particles:
            old = np.asarray(particles["Color"])
        else:
            old = np.ones_like(colours)
        particles.create_property("Color", data=np.where(chosen[:, None], colours, old))


def structure_of(data: DataCollection) -> Atoms:
    """The particles as ase has them; species are not looked at by the models of lattices.

    Args:
        data: of OVITO, with particles; without a cell the boundaries are open.
    """
    positions = np.array(data.particles.positions, dtype=np.float64)
    numbers = np.ones(len(positions), dtype=int)
    if "Particle Type" in data.particles:
        numbers = np.clip(np.asarray(data.particles["Particle Type"]), 1, 118)
    if data.cell is None:
        return Atoms(numbers, positions)
    matrix = np.array(data.cell[...], dtype=np.float64)
    periodic = np.array(data.cell.pbc, dtype=bool)
    if data.cell.is2D:
        periodic[2] = False
    return Atoms(numbers, positions - matrix[:, 3], cell=matrix[:, :3].T, pbc=periodic)


def add_types(particles: Any, told: Recognised) -> None:
    """The property `Structure Type` with a name and a colour for each class."""
    structure = particles.create_property("Structure Type", data=told.structure.astype(np.int32))
    structure.types.clear()
    for number, (name, colour) in enumerate(
        zip(told.classes, colours_of(told.classes), strict=True)
    ):
        structure.types.append(ElementType(id=number, name=name, color=colour))


def colours_of(classes: tuple[str, ...]) -> list[tuple[float, float, float]]:
    """A colour for each class, from 0 to 1."""
    others = iter(OTHERS * len(classes))
    return [COLOURS[name] if name in COLOURS else next(others) for name in classes]
