"""The sources `common-phases` and `simulated-mixtures`: crystals that are often met, and what powders of them show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Measurement, Sample, Task
from structkit.library import component, configured
from structkit_powder_spectra.degrading import log_uniform
from structkit_powder_spectra.impurities import phase
from structkit_powder_spectra.labels import label_of
from structkit_powder_spectra.mixture_settings import MixtureSettings, PhaseSourceSettings
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.phases import Alignment, Drawer, Phase, phases_of
from structkit_powder_spectra.waves import Floats

AXES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
SPREAD = 2.0  # of the Dirichlet distribution: fractions are seldom very unlike
FALL = 4.0  # the background falls by e so often over the range
LEVEL = 1 / 6  # of the background at small angles, everywhere


@component
class CommonPhases:
    """Crystals that are often met as impurities, standards and sample holders, each one row.

    Fourteen of them, such as Al, Si, NaCl, MgO, ZnO, quartz and corundum, with their cells at room
    temperature. They are the references of `phase-fractions` in examples, and what `instrument`
    adds as an impurity. They are what is often there, and no data base: a search over all known
    phases is another thing.

    Args:
        settings: the words of `PhaseSourceSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_powder_spectra import CommonPhases
        >>> source = CommonPhases(phases=["NaCl", "Si"])
        >>> rng = np.random.default_rng(0)
        >>> [sample.label for task in source.tasks() for sample in source.samples(task, rng)]
        ['NaCl', 'Si']
    """

    @configured(PhaseSourceSettings)
    def __init__(self, settings: PhaseSourceSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task."""
        return [Task("phases")]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The phases, with their names as labels and groups."""
        for name in self.settings.phases:
            yield Sample(name, phase(name), label=name, group=name)


@component
class SimulatedMixtures:
    """Patterns of mixtures whose weight fractions are known, as an instrument counts them.

    A phase of weight fraction w scatters with the scale w / (ZMV) of its pattern, where Z M is the
    mass and V the volume of its cell (R. J. Hill and C. J. Howard, J. Appl. Cryst. 20, 467
    (1987)). Each phase has its own strain, size and texture; all share a displacement and a
    background. The label says what was weighed: `62 % ZnO + 38 % NaCl`. Absorption within grains,
    which falsifies weights of heavy beside light phases, is not simulated: a method that is good
    here has not met it.

    Args:
        settings: the words of `MixtureSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_powder_spectra import SimulatedMixtures
        >>> grid = {"start": 20, "stop": 80, "step": 0.05}
        >>> mixtures = SimulatedMixtures(phases=["NaCl", "Si"], parts=(2, 2), mixtures=1, **grid)
        >>> mixture = next(mixtures.samples(mixtures.tasks()[0], np.random.default_rng(0)))
        >>> mixture.label.count("%"), mixture.arrays["spectrum"].shape
        (2, (1201,))
    """

    @configured(MixtureSettings)
    def __init__(self, settings: MixtureSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task a mixture."""
        return [Task(f"mixture-{number}") for number in range(self.settings.mixtures)]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Measurement]:
        """One mixture: `spectrum` in counts, float32 (points,), `axis`, and its label, such as `60 % ZnO + 40 % NaCl`."""
        s, grid = self.settings, self.settings.grid
        weights = drawn_weights(s.phases, s, rng)
        drawn = phases_of(
            {name: phase(name) for name in weights},
            grid,
            PhaseSettings(debye_waller=s.debye_waller),
        )
        counts = mixed(weights, drawn, s, rng)
        arrays: dict[str, NDArray[Any]] = {
            "spectrum": counts.astype(np.float32),
            "axis": grid.as_array(),
        }
        yield Measurement(task.id, arrays, label_of(weights), task.id, {"weights": dict(weights)})


def drawn_weights(
    phases: Sequence[str], settings: MixtureSettings, rng: np.random.Generator
) -> dict[str, float]:
    """Weight fractions of a mixture of some phases, the heaviest first."""
    low, high = settings.parts
    count = int(rng.integers(low, high + 1))
    names = rng.permutation(sorted(phases))[:count].tolist()
    free = 1 - count * settings.least
    shares = settings.least + free * rng.dirichlet(np.full(count, SPREAD))
    ordered = sorted(zip(shares.tolist(), names, strict=True), reverse=True)
    return {name: share for share, name in ordered}


def mixed(
    weights: Mapping[str, float],
    phases: Mapping[str, Phase],
    settings: MixtureSettings,
    rng: np.random.Generator,
) -> Floats:
    """A mixture as an instrument counts it, float64 (points,).

    Args:
        weights: fractions by name.
        phases: those that are named there, at least.
        settings: what the samples and the instrument do.
        rng: draws all of it.
    """
    s, grid = settings, settings.grid
    draw, total = Drawer(grid, PhaseSettings()), np.zeros(grid.points)
    shift = float(rng.uniform(-s.shift, s.shift))
    for name, share in weights.items():
        total += (
            share / phases[name].weight_per_scale * draw(phases[name], _sample_of(s, rng), shift)
        )
    fall = np.exp(-FALL * np.linspace(0, 1, grid.points))
    total = total / total.max() + s.background * (LEVEL + fall)
    return np.asarray(rng.poisson(total * (log_uniform(s.counts, rng) or 1.0)), float)


def _sample_of(settings: MixtureSettings, rng: np.random.Generator) -> Alignment:
    """What the powder of one phase is like."""
    s = settings
    return Alignment(
        strain=float(rng.uniform(-s.strain, s.strain)),
        size=log_uniform(s.size, rng) or s.size[0],
        march=log_uniform(s.texture, rng) or 1.0,
        plane=AXES[int(rng.integers(len(AXES)))],
    )
