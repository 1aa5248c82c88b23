"""Which phases a measured pattern holds, how much of each, and whether there is something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem
from structkit.library import component, configured
from structkit_powder_spectra.fit import Fit, Pattern, fitted
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.phases import (
    Alignment,
    Drawer,
    Phase,
    choices,
    phases_of,
    refinements,
)
from structkit_powder_spectra.stray import Stray, strays
from structkit_powder_spectra.waves import Floats

if TYPE_CHECKING:
    from ase import Atoms

TRACE = 0.01  # of a fraction: what the pattern shows is not nothing, whatever its scale
SWEEPS = 2  # in which everything is aligned in turn
LEVELS = (1, 2)  # of refinement
CANDIDATES = 6  # references that are aligned before one is taken in
RESTARTS = 6  # without a phase that alone is doubtful


@dataclass(frozen=True)
class Part:
    """A phase of a mixture.

    Args:
        name: of the reference.
        fraction: of the weight of all phases found.
        interval: of the fraction at 95 %.
        alignment: how the reference was made to fit.
    """

    name: str
    fraction: float
    interval: tuple[float, float]
    alignment: Alignment


@dataclass(frozen=True)
class Mixture:
    """What was found in a pattern.

    Args:
        parts: the phases, the heaviest first.
        shift: degrees of 2θ, as `PhaseSettings.shift`.
        residual: weighted R factor: 0 for a perfect fit, 1 for none.
        strays: peaks that no phase explains, the highest first.
        fit: the fitted pattern; `fit.background` is part of it.
    """

    parts: tuple[Part, ...]
    shift: float
    residual: float
    strays: tuple[Stray, ...]
    fit: Fit

    @property
    def something_else(self) -> bool:
        """Whether there are peaks that no phase explains."""
        return bool(self.strays)

    @property
    def doubtful(self) -> bool:
        """Whether there is one phase, and it may as well be absent."""
        return len(self.parts) == 1 and self.parts[0].interval[0] <= 0

    def describe(self) -> str:
        """One sentence."""
        words = [
            f"{part.name} {part.fraction:.1%} [{part.interval[0]:.1%}, {part.interval[1]:.1%}]"
            for part in self.parts
        ]
        text = ", ".join(words) or "no reference fits"
        if self.strays:
            first = self.strays[0]
            text += f"; something else is in here: a peak at {first.place:.2f}, "
            text += f"{first.height:.0%} of the strongest"
        return text


@component
class PhaseAnalysis:
    """Phases of a mixture by non-negative least squares on aligned references.

    One phase after the other is taken in, each the one that explains most of what is left; all are
    aligned again each time: shift, cell, size, texture. Scales become weights by ZM·V of each cell
    (Hill and Howard, J. Appl. Cryst. 20, 467 (1987)); a phase that stretches do not agree about is left out.
    Absorption within grains is not corrected.

    Args:
        settings: the words of `PhaseSettings`.
    """

    @configured(PhaseSettings)
    def __init__(self, settings: PhaseSettings) -> None:
        self.settings = settings

    def __call__(
        self, counts: Floats, grid: Grid, references: Mapping[str, Atoms] | Sequence[Phase]
    ) -> Mixture:
        """What a pattern holds.

        Args:
            counts: (points,), any scale, with its background.
            grid: where the points are.
            references: crystals by name, or phases.

        Raises:
            DataError: X024, no reference, or counts that do not belong to the grid.
        """
        phases = self._phases(references, grid)
        self._check(counts, grid, phases)
        pattern = Pattern.of(np.asarray(counts, float), grid, self.settings.degree)
        draw = Drawer(grid, self.settings)
        best = self._of(pattern, draw, phases)
        offered, mixture = phases, best
        for _ in range(
            RESTARTS
        ):  # a phase that takes the lines of one without a reference hides the others
            if not mixture.doubtful or len(offered) == 1:
                break
            offered = [phase for phase in offered if phase.name != mixture.parts[0].name]
            mixture = self._of(pattern, draw, offered)
        return best if mixture.doubtful else mixture

    def _of(self, pattern: Pattern, draw: Drawer, phases: Sequence[Phase]) -> Mixture:
        """What a pattern holds of some phases."""
        search = _Search(pattern, draw, self.settings)
        search.take_in(phases)
        return self._told(search)

    def _phases(self, references: Mapping[str, Atoms] | Sequence[Phase], grid: Grid) -> list[Phase]:
        if isinstance(references, Mapping):
            return list(phases_of(references, grid, self.settings).values())
        return list(references)

    def _check(self, counts: Floats, grid: Grid, phases: Sequence[Phase]) -> None:
        if not phases:
            raise DataError(Problem("X024", "no reference to look for", fix="name some phases"))
        if np.shape(counts) != (grid.points,):
            message = f"counts of shape {np.shape(counts)} for a grid of {grid.points} points"
            raise DataError(Problem("X024", message))
        if not np.isfinite(counts).all() or np.max(counts) <= 0:
            raise DataError(Problem("X024", "counts are not finite, or none is above zero"))

    def _told(self, search: _Search) -> Mixture:
        fit, phases = search.fit(), list(search.taken)
        fractions = weights(fit.scales, phases)
        intervals = self._intervals(search, phases, fractions)
        doubtful = [share for share, (low, _) in zip(fractions, intervals, strict=True) if low <= 0]
        if doubtful and len(phases) > 1:  # it may be absent: the others explain the pattern alone
            search.leave_out(phases[int(np.argmin(np.abs(fractions - min(doubtful))))])
            return self._told(search)
        parts = [
            Part(phase.name, float(share), interval, search.taken[phase])
            for phase, share, interval in zip(phases, fractions, intervals, strict=True)
        ]
        parts.sort(key=lambda part: -part.fraction)
        left = strays(search.pattern, fit, self.settings.stray)
        return Mixture(tuple(parts), search.shift, fit.residual(search.pattern), tuple(left), fit)

    def _intervals(
        self, search: _Search, phases: Sequence[Phase], fractions: Floats
    ) -> list[tuple[float, float]]:
        """Intervals of the fractions, by Student's t: what stretches of the pattern say, and what none can.

        Each stretch is left out in turn (jackknife); the systematic uncertainty of the scales is
        added in squares.
        """
        from scipy.stats import t

        count = self.settings.blocks
        block = np.arange(search.pattern.grid.points) * count // search.pattern.grid.points
        columns = search.columns()
        kept = [block != number for number in range(count)]
        without = [weights(fitted(search.pattern, columns, rows).scales, phases) for rows in kept]
        spread = (count - 1) / count * ((without - np.mean(without, 0)) ** 2).sum(axis=0)
        student = float(t.ppf(0.975, count - 1))
        reach = student * np.sqrt(spread)
        sure = fractions - reach > 0
        reach = student * np.sqrt(spread + unseen(fractions, self.settings.systematic) ** 2)
        low = np.where(sure, np.maximum(fractions - reach, TRACE * fractions), 0.0)
        high = np.minimum(fractions + reach, 1.0)
        return list(zip(low.tolist(), high.tolist(), strict=True))


def unseen(fractions: Floats, systematic: float) -> Floats:
    """Standard uncertainties of weight fractions whose scales are each uncertain by a fraction of themselves."""
    others = (fractions**2).sum() - fractions**2
    return np.asarray(systematic * fractions * np.sqrt((1 - fractions) ** 2 + others))


def weights(scales: Floats, phases: Sequence[Phase]) -> Floats:
    """Weight fractions of scale factors."""
    heavy = scales * np.array([phase.weight_per_scale for phase in phases])
    return np.asarray(heavy / max(float(heavy.sum()), 1e-300))


class _Search:
    """Phases taken in so far, with their alignments."""

    def __init__(self, pattern: Pattern, draw: Drawer, settings: PhaseSettings) -> None:
        self.pattern, self.draw, self.settings = pattern, draw, settings
        self.taken: dict[Phase, Alignment] = {}
        self.shift = 0.0

    def take_in(self, phases: Sequence[Phase]) -> None:
        """Take phases in while they explain enough, and leave out what becomes too little."""
        left = self.fit().squares
        while len(self.taken) < self.settings.most:
            before, shift = dict(self.taken), self.shift
            if (best := self._best(phases)) is None:
                return
            self.taken[best] = self._aligned(best)
            self._align_all()
            squares = self.fit().squares
            if squares > (1 - self.settings.gain) * left or self._has_traces():
                self.taken, self.shift = before, shift
                return
            left = squares

    def leave_out(self, phase: Phase) -> None:
        """Take a phase away and align the others again."""
        del self.taken[phase]
        self._align_all()

    def _has_traces(self) -> bool:
        """Whether a phase is below the least fraction."""
        shares = weights(self.fit().scales, list(self.taken))
        return bool((shares < self.settings.least).any())

    def _best(self, phases: Sequence[Phase]) -> Phase | None:
        """The phase that explains most of what is left, of those that do so before they are fully aligned."""
        others = [phase for phase in phases if phase not in self.taken]
        if not others:
            return None
        usual = Alignment(
            size=min(self.settings.sizes)
        )  # wide lines forgive a cell that is not quite right
        coarse = sorted(others, key=lambda phase: self._coarse(phase, usual))[:CANDIDATES]
        return min(
            coarse, key=lambda phase: self._squares({**self.taken, phase: self._aligned(phase)})
        )

    def _coarse(self, phase: Phase, usual: Alignment) -> float:
        """The least squares of a few strains."""
        reach = self.settings.strain
        tried = [replace(usual, strain=float(s)) for s in np.linspace(-reach, reach, 9)]
        return min(self._squares({**self.taken, phase: alignment}) for alignment in tried)

    def _aligned(self, phase: Phase) -> Alignment:
        """The best alignment of a phase beside those that are taken in."""
        best = self.taken.get(phase, Alignment())
        for options in choices(best, self.settings):
            best = self._least(phase, [best, *options])
        for level in LEVELS:
            for number in range(len(refinements(best, self.settings, level))):
                options = refinements(best, self.settings, level)[number]
                best = self._least(phase, options)
        return best

    def _least(self, phase: Phase, options: Sequence[Alignment]) -> Alignment:
        return min(options, key=lambda option: self._squares({**self.taken, phase: option}))

    def _align_all(self) -> None:
        for _ in range(SWEEPS):
            self._align_shift()
            for phase in self.taken:
                self.taken[phase] = self._aligned(phase)

    def _align_shift(self) -> None:
        """The best displacement of all lines together."""
        reach = self.settings.shift
        for step in (reach / 6, reach / 30, reach / 150):
            around = [self.shift + step * k for k in range(-6, 7)]
            allowed = [shift for shift in around if abs(shift) <= reach + 1e-9]
            self.shift = min(allowed, key=lambda shift: self._squares(self.taken, shift))

    def columns(self) -> Floats:
        """Patterns of the phases taken in, (points, phases)."""
        return self._columns(self.taken, self.shift)

    def _columns(self, taken: Mapping[Phase, Alignment], shift: float) -> Floats:
        drawn = [self.draw(phase, alignment, shift) for phase, alignment in taken.items()]
        return np.array(drawn).reshape(len(drawn), self.pattern.grid.points).T

    def fit(self) -> Fit:
        """The fit of the phases taken in."""
        return fitted(self.pattern, self.columns())

    def _squares(self, taken: Mapping[Phase, Alignment], shift: float | None = None) -> float:
        columns = self._columns(taken, self.shift if shift is None else shift)
        return fitted(self.pattern, columns).squares
