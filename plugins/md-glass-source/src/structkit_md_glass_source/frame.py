"""A kept configuration, and what it looks like as `ase.Atoms`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit_md_glass_source.settings import PotentialSettings

UNITS = "lj"


@dataclass(frozen=True)
class Frame:
    """One configuration, in reduced units.

    Args:
        positions: (particles, 2) or (particles, 3), within the box.
        types: (particles,), 1 for A and 2 for B.
        edge: of the square or cubic box.
        temperature: of the thermostat when the frame was taken.
        kinetic_temperature: of the particles then.
        energy_per_particle: potential energy of these positions.
        thermal_energy: potential energy per particle before minimisation; the same for a thermal
            frame.
        max_force: largest force component on any particle of these positions.
        step: time steps since the start.
        inherent_energy: potential energy per particle of the inherent structure, where it was
            sought.
    """

    positions: NDArray[np.float64]
    types: NDArray[np.int64]
    edge: float
    temperature: float
    kinetic_temperature: float
    energy_per_particle: float
    thermal_energy: float
    max_force: float
    step: int
    inherent_energy: float | None = None

    def facts(self) -> dict[str, Any]:
        """All that is known but the arrays."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: v for name, v in found.items() if v is not None and not isinstance(v, np.ndarray)
        }


def to_atoms(frame: Frame, settings: PotentialSettings) -> Atoms:
    """A frame as `ase.Atoms`, with `radius` = σ/2 and all energies in `info`; one of a plane is flat, periodic in it."""
    symbols = np.array(settings.species)[frame.types - 1]
    size = frame.positions.shape[1]
    positions = np.zeros((len(symbols), 3))
    positions[:, :size] = frame.positions
    inside = np.arange(3) < size
    info: dict[str, Any] = {
        "units": UNITS,
        "energy_convention": settings.convention,
        **frame.facts(),
    }
    del info["edge"]
    atoms = Atoms(
        list(symbols),
        positions,
        cell=frame.edge * inside,
        pbc=inside,
        info=info,
    )
    atoms.new_array("radius", np.array([settings.sigma[0], settings.sigma[2]])[frame.types - 1] / 2)
    return atoms
