"""The source `thin-crystals`: pieces of known crystals as they lie under a beam."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_stem_images.settings import CrystalSettings

if TYPE_CHECKING:
    from ase import Atoms

LAYERS = {  # edge of the cell and distance of the outer planes, in Å
    "MoS2": (3.160, 3.13), "MoSe2": (3.288, 3.34), "WS2": (3.153, 3.14), "WSe2": (3.282, 3.34),
}  # fmt: skip
PLANES = {"graphene": ("C2", 2.461), "hBN": ("BN", 2.504)}
PEROVSKITES = {"SrTiO3": 3.905, "BaTiO3": 4.006, "KTaO3": 3.989, "LaAlO3": 3.790}
CUBIC = {
    "MgO": ("rocksalt", 4.212), "PbTe": ("rocksalt", 6.462), "Au": ("fcc", 4.078), "Si": ("diamond", 5.431),
}  # fmt: skip


@component
class ThinCrystals:
    """Pieces of crystals, turned, strained and shifted; one piece is one task, a group of its own.

    Monolayers seen from above, and cubic crystals along [001], as they lie under a beam along z. A
    piece covers a square of `field` Å, turned about the beam and stretched by a little; every atom
    lies off its site by normal noise. A piece is not periodic, so that defects do not repeat.
    There is no tilt (`view` of `stem-image` has it), no surface reconstruction and no substrate.

    Args:
        settings: the words of `CrystalSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_stem_images import ThinCrystals
        >>> source = ThinCrystals(crystals=["graphene"], count=1, field=20.0)
        >>> sample = next(iter(source.samples(source.tasks()[0], np.random.default_rng(0))))
        >>> sample.label, sample.atoms.get_chemical_symbols()[0], sample.atoms.pbc.tolist()
        ('graphene', 'C', [False, False, False])
    """

    @configured(CrystalSettings)
    def __init__(self, settings: CrystalSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One for each piece."""
        return [
            Task(f"{crystal} {number}", {"crystal": crystal})
            for crystal in self.settings.crystals
            for number in range(self.settings.count)
        ]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The piece of a task, labelled by its crystal."""
        crystal = str(task.params["crystal"])
        atoms = piece(unit_cell(crystal), self.settings, rng)
        yield Sample(task.id, atoms, crystal, task.id)


def unit_cell(crystal: str) -> Atoms:
    """A crystal whose third cell vector is along the beam; monolayers are not periodic along it."""
    from ase import Atoms
    from ase.build import bulk, graphene, mx2

    if crystal in LAYERS:
        edge, height = LAYERS[crystal]
        return mx2(crystal, a=edge, thickness=height, vacuum=5.0)
    if crystal in PLANES:
        formula, edge = PLANES[crystal]
        return graphene(formula, a=edge, vacuum=5.0)
    if crystal in PEROVSKITES:
        half = 0.5
        places = [(0, 0, 0), (half, half, half), (half, half, 0), (half, 0, half), (0, half, half)]
        edge = PEROVSKITES[crystal]
        return Atoms(crystal, cell=[edge] * 3, scaled_positions=places, pbc=True)
    structure, edge = CUBIC[crystal]
    return bulk(crystal, structure, a=edge, cubic=True)


def piece(cell: Atoms, settings: CrystalSettings, rng: np.random.Generator) -> Atoms:
    """A square of a crystal, in its own orientation, strain and place."""
    from ase import Atoms

    layers = math.ceil(settings.thickness / cell.cell[2, 2] - 1e-6) if cell.pbc[2] else 1
    angle = rng.uniform(-settings.turn, settings.turn)
    stretch = 1 + rng.uniform(-settings.strain, settings.strain)
    shift = rng.uniform(size=2) @ cell.cell[:2]
    reach = settings.field / math.sqrt(2)
    count = math.ceil(reach / 0.6 / min(cell.cell.lengths()[:2])) + 2
    large = cell.repeat((2 * count, 2 * count, layers))
    large.positions += shift - count * (cell.cell[0] + cell.cell[1])
    large.positions *= stretch
    large.rotate(angle, "z")
    inside = (np.abs(large.positions[:, :2]) <= settings.field / 2).all(axis=1)
    kept = large[inside]
    noise = rng.normal(scale=settings.displacement, size=(len(kept), 3))
    return Atoms(kept.numbers, kept.positions + noise)
