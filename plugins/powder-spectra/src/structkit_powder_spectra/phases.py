"""Reference phases as they are fitted: reflections of a crystal, displaced, strained, broadened, textured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit_powder_spectra.degrading import SCHERRER, march_dollase, waves_of
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.lines import merged, two_theta_of_g
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.profile import NEAR, pattern_of
from structkit_powder_spectra.reflections import Reflections, reflections
from structkit_powder_spectra.settings import LOW_PLANES
from structkit_powder_spectra.waves import Floats

if TYPE_CHECKING:
    from ase import Atoms

MARGIN = 2.0  # degrees beyond the range whose lines can be displaced into it
KEPT = 400  # patterns that are held, since most are asked for again
STRAINS = 25  # that are tried over the whole range
FINER = 4  # each refinement takes steps as much smaller
WIDER = 1.5  # factor of the sizes between those that are tried first
MARCH = 0.05  # step of r


@dataclass(frozen=True, eq=False)
class Phase:
    """A reference.

    Args:
        name: of it.
        lines: its reflections.
        mass: of its cell, in u.
    """

    name: str
    lines: Reflections
    mass: float

    @property
    def weight_per_scale(self) -> float:
        """What a scale factor is multiplied by to become a weight: ZM·V (Hill and Howard, 1987)."""
        return self.mass * self.lines.volume


@dataclass(frozen=True)
class Alignment:
    """How a phase is made to fit.

    Args:
        strain: of its cell.
        size: of its crystallites, in nm.
        march: r of March and Dollase.
        plane: the preferred one.
    """

    strain: float = 0.0
    size: float = 50.0
    march: float = 1.0
    plane: tuple[int, int, int] = (0, 0, 1)


@dataclass
class Drawer:
    """Draws phases on the grid of a measured pattern."""

    grid: Grid
    settings: PhaseSettings
    kept: dict[tuple[str, Alignment, float], Floats] = field(default_factory=dict)

    def __call__(self, phase: Phase, alignment: Alignment, shift: float) -> Floats:
        """The pattern of a phase of scale one, float64 (points,); drawn once for equal arguments."""
        key = (phase.name, alignment, shift)
        if len(self.kept) > KEPT:
            self.kept.clear()
        if key not in self.kept:
            self.kept[key] = self._draw(phase, alignment, shift)
        return self.kept[key]

    def _draw(self, phase: Phase, alignment: Alignment, shift: float) -> Floats:
        s, lines = self.settings, phase.lines
        strength = lines.strength
        if alignment.march != 1.0:
            directions = lines.hkl.astype(float) @ lines.reciprocal
            preferred = np.asarray(alignment.plane, float) @ lines.reciprocal
            strength = strength * march_dollase(directions, preferred, alignment.march)
        g, strength = merged(lines.g / (1 + alignment.strain), strength, NEAR)
        wave = self.grid.wavelength
        lorentz = float(np.degrees(SCHERRER * wave / (10 * alignment.size)))
        moved = shift * np.cos(np.radians(two_theta_of_g(g, wave)) / 2)
        polar = float(np.cos(np.radians(s.monochromator)) ** 2)
        waves = waves_of(self.grid, s.alpha2)
        return pattern_of(g, strength, self.grid, waves, s.caglioti, (lorentz, 0.0), polar, moved)


def phases_of(
    structures: Mapping[str, Atoms], grid: Grid, settings: PhaseSettings
) -> dict[str, Phase]:
    """References of crystals, for patterns on a grid.

    Raises:
        DataError: S011 S031 X020, a structure that has no pattern.
    """
    angles = np.nan_to_num(grid.two_theta[[0, -1]], nan=179.0)
    low, high = max(float(angles[0]) - MARGIN, 0.5), min(float(angles[1]) + MARGIN, 179.0)
    limits = 2 * np.sin(np.radians(np.array([low, high])) / 2) / grid.wavelength
    phases: dict[str, Phase] = {}
    for name, atoms in structures.items():
        lines = reflections(atoms, limits[0], limits[1], settings.debye_waller).present()
        phases[name] = Phase(name, lines, float(atoms.get_masses().sum()))
    return phases


def phase_of_row(name: str, arrays: Mapping[str, Any]) -> Phase:
    """A reference from the arrays of a row of `powder-xrd`."""
    lines = Reflections(arrays["hkl"], arrays["strength"], arrays["reciprocal"])
    return Phase(name, lines, float(arrays["mass"][0]))


def choices(alignment: Alignment, settings: PhaseSettings) -> list[list[Alignment]]:
    """What may be changed of an alignment, one thing at a time: strain, size, texture; over all that is allowed."""
    reach = settings.strain
    strains = [replace(alignment, strain=float(s)) for s in np.linspace(-reach, reach, STRAINS)]
    sizes = [replace(alignment, size=size) for size in settings.sizes]
    textures = [replace(alignment, march=1.0)]
    for march in settings.texture:
        textures += [replace(alignment, march=march, plane=plane) for plane in LOW_PLANES]
    return [strains, sizes, textures]


def refinements(alignment: Alignment, settings: PhaseSettings, level: int) -> list[list[Alignment]]:
    """The same near to what an alignment has, the nearer the higher the level (1, 2, ...)."""
    fine = FINER ** (1 - level)
    step = 2 * settings.strain / (STRAINS - 1) / FINER * fine
    steps = np.arange(-FINER, FINER + 1)
    strains = [replace(alignment, strain=float(alignment.strain + step * k)) for k in steps]
    ratios = WIDER ** (fine * steps / 2)
    sizes = [replace(alignment, size=float(alignment.size * ratio)) for ratio in ratios]
    if not settings.texture:
        return [strains, sizes]
    limits = min(1.0, *settings.texture), max(1.0, *settings.texture)
    marches = np.clip(alignment.march + MARCH * fine * steps, *limits)
    return [strains, sizes, [replace(alignment, march=float(march)) for march in marches]]
