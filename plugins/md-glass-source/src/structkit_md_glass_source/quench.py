"""The transform `quench`: any Lennard-Jones configuration to its inherent structure."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from structkit import DataError, Problem, Sample
from structkit.library import component, configured
from structkit_md_glass_source import script
from structkit_md_glass_source.engine import Engine
from structkit_md_glass_source.errors import blamed_on, not_converged
from structkit_md_glass_source.frame import UNITS
from structkit_md_glass_source.settings import QuenchSettings

COINCIDE = 1e-3  # σ_AA


@component
class Quench:
    """The nearest minimum of the potential energy, by FIRE, to a force tolerance.

    For configurations in reduced units (`info["units"] == "lj"`, as `md-glass` makes them and as
    `files` reads them with `units: lj`) in a rectangular periodic box, flat or not. LAMMPS runs in
    a process of its own. Every particle goes downhill from where it is: the minimum is the
    inherent structure of the basin, not the lowest there is. One that does not converge is an
    error (M002), never a half-minimised frame. Which potential it was is not written in a frame:
    the settings must be those of the simulation.

    Args:
        settings: the words of `QuenchSettings`; species, ε, σ and cutoff must be those of the
            simulation.

    Examples:
        >>> import numpy as np
        >>> from ase import Atoms
        >>> from structkit import Sample
        >>> from structkit_md_glass_source import Quench
        >>> grid = np.stack([*np.meshgrid(np.arange(10), np.arange(10)), np.zeros((10, 10))], -1)
        >>> noise = np.random.default_rng(0).normal(0, 0.05, (100, 3)) * [1, 1, 0]
        >>> flat = {"pbc": [True, True, False], "info": {"units": "lj"}}
        >>> box = Atoms("NiP" * 50, 0.95 * grid.reshape(-1, 3) + noise, cell=[9.5, 9.5, 1], **flat)
        >>> still = next(Quench()(Sample("box", box), np.random.default_rng(0))).atoms
        >>> len(still), still.info["max_force"] < 1e-3
        (100, True)
    """

    @configured(QuenchSettings)
    def __init__(self, settings: QuenchSettings) -> None:
        self.settings = settings
        self._engine: Engine | None = None

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The inherent structure; `info` gains `energy_per_particle` and `max_force`.

        Raises:
            DataError: M010 not in reduced units, M011 no rectangular periodic box, M013 another
                species, M014 particles in one place.
            StepError: M001 LAMMPS failed, M002 not converged.
        """
        lengths, types = self._box(sample), self._types(sample)
        origin = (
            np.zeros(3) if len(lengths) == 3 else np.array([0, 0, sample.atoms.positions[0, 2]])
        )
        positions = sample.atoms.positions - origin
        wide = np.array([*lengths, np.inf])[:3]
        positions = np.where(np.isfinite(wide), np.mod(positions, wide), positions)
        _check_apart(positions, lengths, sample.id)
        with blamed_on(sample.id):
            found, energy, force = self._minimum(lengths, types, positions, sample.id)
        yield Sample(sample.id, _moved(sample.atoms, found + origin, energy, force, self.settings))

    def _minimum(
        self, lengths: tuple[float, ...], types: NDArray[Any], positions: NDArray[Any], name: str
    ) -> tuple[NDArray[Any], float, float]:
        engine = self._running()
        engine.commands(*script.system(lengths), *script.potential(self.settings))
        engine.commands(*script.plane(len(lengths)))
        engine.create(types, positions)
        engine.commands(*script.minimise(self.settings))
        energy, force = engine.thermo("pe", "fmax")
        found, _ = engine.state()
        if not (force <= self.settings.force_tolerance and np.isfinite(found).all()):
            raise not_converged(name, 0, force, self.settings)
        return found, energy, force

    def _running(self) -> Engine:
        """The engine, started when it is first needed, and anew if it has died."""
        if self._engine is None or not self._engine.alive:
            self._engine = Engine(Path(tempfile.gettempdir()))
        return self._engine

    def _types(self, sample: Sample) -> NDArray[np.int64]:
        symbols = np.array(sample.atoms.get_chemical_symbols())
        if strange := sorted(set(symbols) - set(self.settings.species)):
            a, b = self.settings.species
            message = f"'{sample.id}' holds {strange[0]}; A is {a} and B is {b}"
            raise DataError(Problem("M013", message, fix="set species"))
        return np.where(symbols == self.settings.species[0], 1, 2)

    def _box(self, sample: Sample) -> tuple[float, ...]:
        atoms = sample.atoms
        if atoms.info.get("units") != UNITS:
            message = f"'{sample.id}' is not in reduced units"
            raise DataError(Problem("M010", message, fix="read it with units: lj if it is"))
        cell, flat = np.asarray(atoms.cell[:]), not atoms.pbc[2]
        size = 2 if flat else 3
        box = cell[:size, :size]
        level = not flat or np.ptp(atoms.positions[:, 2]) < 1e-6
        rectangular = np.abs(box - np.diag(np.diag(box))).max() < 1e-9 and (np.diag(box) > 0).all()
        if not (atoms.pbc[:size].all() and level and rectangular):
            message = f"'{sample.id}' has no rectangular periodic box"
            raise DataError(
                Problem("M011", message, fix="quench whole boxes, before windows are cut")
            )
        return tuple(float(length) for length in np.diag(box))


def _check_apart(positions: NDArray[Any], lengths: tuple[float, ...], name: str) -> None:
    """Refuse particles so near to each other that their force is no number."""
    size = len(lengths)
    places = np.mod(positions[:, :size], lengths)
    if pairs := cKDTree(np.where(places < lengths, places, 0.0), boxsize=lengths).query_pairs(
        COINCIDE
    ):
        first, second = min(pairs)
        message = f"particles {first} and {second} of '{name}' are in one place"
        raise DataError(Problem("M014", message, fix="mend the frame"))


def _moved(
    atoms: Atoms, positions: NDArray[Any], energy: float, force: float, settings: QuenchSettings
) -> Atoms:
    result = atoms.copy()
    result.positions[:] = positions
    result.wrap()
    facts = {"energy_per_particle": energy, "inherent_energy": energy, "max_force": force}
    result.info.update(facts, energy_convention=settings.convention)
    return result
