"""The source `ase-configurations`: trajectories at a temperature, with the energy of every frame and atom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.build import bulk
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

from structkit import Problem, Quantity, Sample, Task
from structkit.errors import StepError
from structkit.library import component, configured
from structkit_energy_source.settings import ConfigurationSettings

ENERGY, PER_ATOM, OF_ATOM = "energy", "energy_per_atom", "atom_energy"


@component
class AseConfigurations:
    r"""Configurations of one element in a periodic box, with their potential energies, by ase.

    A trajectory begins with a perfect fcc crystal and velocities of twice the temperature (half of
    it becomes potential energy), and is kept there by Langevin's thermostat. It is a task and a
    group of its own. The energy is that of effective-medium theory (`emt`; K. W. Jacobsen et al.,
    Surf. Sci. 366, 394 (1996)) or of Lennard-Jones pairs, moved to zero at the cutoff:

    $$
    E = \sum_{i<j} 4\varepsilon
    \left[\left(\frac{\sigma}{r_{ij}}\right)^{12} - \left(\frac{\sigma}{r_{ij}}\right)^6\right]
    $$

    Targets of a structure: `energy` in eV, which grows with it, and `energy_per_atom` in eV/atom.
    The per-atom array `atom_energy` holds each atom's part in eV: half of each of its pairs, or
    what effective-medium theory gives to an atom. Other partitions would sum to the same whole: of
    an atom, only their convention is learnt. Short trajectories are no equilibrium: the energies
    are exact, the temperatures are not.

    Args:
        settings: the words of `ConfigurationSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_energy_source import AseConfigurations
        >>> copper = {"potential": "emt", "element": "Cu", "repeats": 2, "temperature": 300}
        >>> source = AseConfigurations(**copper, trajectories=1, frames=2, steps=5)
        >>> (task,) = source.tasks()
        >>> first, second = source.samples(task, np.random.default_rng(1))
        >>> first.targets["energy_per_atom"].unit
        'eV/atom'
        >>> parts = first.atoms.arrays["atom_energy"].sum()
        >>> bool(np.isclose(parts, first.targets["energy"].value))
        True
    """

    @configured(ConfigurationSettings)
    def __init__(self, settings: ConfigurationSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task a trajectory, which is also the group."""
        place = f"{self.settings.element}-{self.settings.temperature:g}K"
        return [Task(f"{place}-{number:04d}") for number in range(self.settings.trajectories)]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The frames of one trajectory.

        Raises:
            StepError: M005, the energy is no number: the time step is too long.
        """
        temperature, seed = self.settings.temperature, int(rng.integers(2**32))
        atoms = self._crystal()
        draws = np.random.RandomState(seed)  # ase's own thermostat asks for one of these
        MaxwellBoltzmannDistribution(atoms, temperature_K=2 * temperature, rng=draws)
        motion = Langevin(
            atoms,
            self.settings.time_step * units.fs,
            temperature_K=temperature,
            friction=1 / (self.settings.damping * units.fs),
            fixcm=False,
            rng=draws,
        )
        group = f"{task.id}-{seed:08x}"
        for number in range(self.settings.frames):
            motion.run(self.settings.every if number else self.settings.steps)
            yield self._frame(atoms, group, number)

    def _crystal(self) -> Atoms:
        constant, count = self.settings.first_constant, self.settings.repeats
        cell = bulk(self.settings.element, "fcc", a=constant, cubic=True)
        atoms = cell.repeat(count)
        atoms.calc = _calculator(self.settings)
        return atoms

    def _frame(self, atoms: Atoms, group: str, number: int) -> Sample:
        parts = np.asarray(atoms.get_potential_energies(), dtype=np.float64)
        total = float(atoms.get_potential_energy())
        if not np.isfinite(total):
            message = f"{group}: the energy of frame {number} is {total}"
            raise StepError(Problem("M005", message, fix="shorten time_step"))
        frame = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
        frame.wrap()
        frame.new_array(OF_ATOM, parts)
        frame.info["array_units"] = {OF_ATOM: "eV"}
        targets = {
            ENERGY: Quantity(total, "eV"),
            PER_ATOM: Quantity(total / len(atoms), "eV/atom"),
        }
        meta = {"temperature": self.settings.temperature}
        return Sample(f"{group}-{number:03d}", frame, None, group, meta, targets)


def _calculator(settings: ConfigurationSettings) -> Any:
    """The potential as ase has it."""
    if settings.potential == "emt":
        from ase.calculators.emt import EMT

        return EMT()
    from ase.calculators.lj import LennardJones

    reach = settings.cutoff * settings.sigma
    return LennardJones(sigma=settings.sigma, epsilon=settings.epsilon, rc=reach)
