"""The study's mixtures: weighed ones (dara), named ones (XRD-AutoAnalyzer) and simulated ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from spectra_references import references

from structkit.evaluation.intervals import mean_interval, share_interval, size_interval
from structkit.randomness import generator
from structkit_powder_spectra import PhaseAnalysis
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.mixture import Mixture
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.phases import Alignment, Drawer, Phase, phases_of
from structkit_powder_spectra.reading import read_spectrum
from structkit_powder_spectra.settings import ReadSettings
from structkit_powder_spectra.waves import Floats

GRID: dict[str, Any] = {"start": 12.0, "stop": 80.0, "step": 0.02}
SIMULATED = 12  # mixtures
FIX = {"TiO2 anatase": "TiO2", "TiO2 rutile": "TiO2"}  # a bottle says no polymorph


@dataclass(frozen=True)
class Case:
    """A mixture: what was weighed, and what was found, by formula.

    Args:
        name: of the scan.
        group: of scans of one mixture.
        truth: weight fractions.
        found: weight fractions.
        intervals: of those that were found.
        stray: whether something else is said to be there.
    """

    name: str
    group: str
    truth: Mapping[str, float]
    found: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    stray: bool

    @property
    def errors(self) -> dict[str, float]:
        """Found less weighed, of every phase that was weighed or found."""
        names = {*self.truth, *self.found}
        return {
            name: self.found.get(name, 0.0) - self.truth.get(name, 0.0) for name in sorted(names)
        }

    def holds(self, name: str) -> bool:
        """Whether the interval of a weighed phase holds what was weighed; a phase not found has none."""
        low, high = self.intervals.get(name, (0.0, 0.0))
        return low <= self.truth[name] <= high


def case(name: str, group: str, truth: Mapping[str, float], mixture: Mixture) -> Case:
    """A mixture's phases by formula: polymorphs of one are added."""
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for part in mixture.parts:
        formula = FIX.get(part.name, part.name)
        low, high = intervals.get(formula, (0.0, 0.0))
        found[formula] = found.get(formula, 0.0) + part.fraction
        intervals[formula] = (low + part.interval[0], high + part.interval[1])
    return Case(name, group, truth, found, intervals, mixture.something_else)


def weighed(folder: Path) -> list[Case]:
    """Scans of dara, each offered all eleven references."""
    settings = ReadSettings(scale="none", **GRID)
    analysis = PhaseAnalysis()
    phases = list(phases_of(references(), settings.grid, analysis.settings).values())
    cases = []
    for path in sorted((folder / "precursor_mixture").glob("*.xrdml")):
        counts = read_spectrum(path, settings)["spectrum"]
        mixture = analysis(counts, settings.grid, phases)
        name, truth = path.stem, _weights(path.stem)
        cases.append(case(name, name.partition("--")[0], truth, mixture))
        print(name, mixture.describe(), flush=True)
    return cases


def _weights(name: str) -> dict[str, float]:
    """Weight fractions from a file's name, such as TiO2_0p4009-ZnO_0p6010--2min."""
    grams = {}
    for word in name.partition("--")[0].split("-"):
        formula, _, weight = word.rpartition("_")
        grams[formula] = float(weight.replace("p", "."))
    total = sum(grams.values())
    return {formula: weight / total for formula, weight in grams.items()}


def summary(cases: Sequence[Case]) -> list[str]:
    """Mean absolute error, coverage of the intervals, wrong phases: with intervals over mixtures."""
    size, held, groups = [], [], []
    for one in cases:
        for name in one.truth:
            size.append(abs(one.errors[name]))
            held.append(float(one.holds(name)))
            groups.append(one.group)
    extra = [one.found[name] for one in cases for name in one.found if name not in one.truth]
    lost = [name for one in cases for name in one.truth if name not in one.found]
    error = size_interval(100 * np.array(size), groups) or [float("nan")] * 2
    share = share_interval(np.array(held), groups) or [float("nan")] * 2
    told = sum(one.stray for one in cases)
    return [
        f"* Mean absolute error of a weight fraction: **{100 * np.mean(size):.1f} % by weight** "
        f"[{error[0]:.1f}, {error[1]:.1f}], of {len(size)} fractions in {len(set(groups))} mixtures; "
        f"largest {100 * max(size):.1f}.",
        f"* The 95 % interval holds the true fraction in **{100 * np.mean(held):.0f} %** "
        f"[{100 * share[0]:.0f}, {100 * share[1]:.0f}] of them.",
        f"* Phases that are there and not found: {len(lost)} of {len(size)}; found and not there: "
        f"{len(extra)}, of {100 * max(extra, default=0):.1f} % by weight at most.",
        f'* "Something else is in here" is said of {told} of {len(cases)}, where nothing else is known to be.',
    ]


def lines(cases: Sequence[Case]) -> Iterator[str]:
    """A line for each mixture."""
    yield "| scan | weighed | found, with 95 % intervals |"
    yield "|---|---|---|"
    for one in cases:
        truth = ", ".join(f"{name} {100 * share:.1f}" for name, share in one.truth.items())
        ordered = sorted(one.found, key=lambda name: -one.found[name])
        found = ", ".join(
            f"{name} {100 * one.found[name]:.1f} [{_interval(one, name)}]" for name in ordered
        )
        yield f"| {one.name.rpartition('--')[2] or one.name} | {truth} | {found} |"


def _interval(one: Case, name: str) -> str:
    low, high = one.intervals[name]
    return f"{100 * low:.0f}, {100 * min(high, 1):.0f}"


# XRD-AutoAnalyzer -------------------------------------------------------------------------------------


def named(folder: Path) -> Iterator[str]:
    """Which of many references are found in patterns whose phases are known by name."""
    import warnings

    from ase.io import read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        crystals: dict[str, Atoms] = {
            path.stem: read(path) for path in sorted((folder / "References").glob("*.cif"))
        }
    settings = ReadSettings(scale="none", file_wavelength="Cu", start=15.0, stop=80.0, step=0.03)
    analysis = PhaseAnalysis()
    phases = list(phases_of(crystals, settings.grid, analysis.settings).values())
    yield "| pattern | first phase, if it were one | phases found |"
    yield "|---|---|---|"
    right = [0, 0]
    for path in sorted((folder / "Spectra").glob("*.xy")):
        counts = read_spectrum(path, settings)["spectrum"]
        one = PhaseAnalysis(most=1)(counts, settings.grid, phases)
        all_of_them = analysis(counts, settings.grid, phases)
        first = one.parts[0].name if one.parts else "none"
        if "+" not in path.stem:
            right[0] += first.partition("_")[0] == path.stem
            right[1] += 1
        words = ", ".join(f"{part.name} {100 * part.fraction:.0f} %" for part in all_of_them.parts)
        stray = "; something else" if all_of_them.something_else else ""
        print(path.stem, first, words, stray, flush=True)
        yield f"| {path.stem} | {first} | {words}{stray} |"
    yield f"\nOf the {right[1]} single phases the first phase is right in **{right[0]}**."


# Simulated --------------------------------------------------------------------------------------------


def simulated() -> tuple[list[Case], float, float]:
    """Random mixtures of two or three references, and what is said when one of them is not offered.

    Returns:
        the cases; how often a missing phase is told; how often one is told that is not missing.
    """
    settings = PhaseSettings(debye_waller=0.9)
    grid = ReadSettings(**GRID).grid
    phases = phases_of(references(), grid, settings)
    offered = list(phases_of(references(), grid, PhaseSettings()).values())
    cases, told = [], []
    for number in range(SIMULATED):
        rng = generator(0, "simulated mixture", number)
        names = rng.permutation(sorted(phases))[: 2 + number % 2].tolist()
        shares = rng.dirichlet(np.full(len(names), 2.0)).clip(0.05)
        truth = dict(zip(names, (shares / shares.sum()).tolist(), strict=True))
        counts = _mixed(truth, phases, grid, settings, rng)
        mixture = PhaseAnalysis()(counts, grid, offered)
        weights = {FIX.get(name, name): 0.0 for name in names}
        for name in names:
            weights[FIX.get(name, name)] += truth[name]
        cases.append(case(f"mixture {number}", f"mixture {number}", weights, mixture))
        least = min(names, key=lambda name: truth[name])
        others = [phase for phase in offered if phase.name != least]
        told.append(PhaseAnalysis()(counts, grid, others).something_else)
        print("simulated", number, truth, mixture.describe(), told[-1], flush=True)
    return cases, float(np.mean(told)), float(np.mean([one.stray for one in cases]))


def _mixed(
    truth: Mapping[str, float],
    phases: Mapping[str, Phase],
    grid: Grid,
    settings: PhaseSettings,
    rng: np.random.Generator,
) -> Floats:
    """A mixture as another instrument counts it: strains, sizes, a slight texture, a background."""
    draw, total, shift = (
        Drawer(grid, settings),
        np.zeros(grid.points),
        float(rng.uniform(-0.1, 0.1)),
    )
    for name, share in truth.items():
        plane = [(1, 0, 0), (0, 1, 0), (0, 0, 1)][int(rng.integers(3))]
        one = Alignment(
            rng.uniform(-0.005, 0.005), rng.uniform(20, 100), rng.uniform(0.8, 1.2), plane
        )
        total += share / phases[name].weight_per_scale * draw(phases[name], one, shift)
    total = total / total.max() + 0.05 + 0.3 * np.exp(-np.linspace(0, 4, grid.points))
    return np.asarray(rng.poisson(total * rng.uniform(2000, 20_000)), float)


def told_of(told: float, falsely: float) -> str:
    """How often a missing phase is told."""
    return (
        '* Of mixtures whose lightest phase is not among the references, "something else is in here" '
        f"is said of **{100 * told:.0f} %**; of complete ones, of {100 * falsely:.0f} %."
    )


def spread(cases: Sequence[Case]) -> str:
    """The mean signed error by formula, for what absorption and texture do."""
    signed: dict[str, list[tuple[float, str]]] = {}
    for one in cases:
        for name in one.truth:
            signed.setdefault(name, []).append((100 * one.errors[name], one.group))
    words = []
    for name, values in sorted(signed.items()):
        interval = mean_interval(np.array([v for v, _ in values]), [g for _, g in values])
        text = "" if interval is None else f" [{interval[0]:+.0f}, {interval[1]:+.0f}]"
        words.append(f"{name} {np.mean([v for v, _ in values]):+.1f}{text}")
    return "* Mean signed error by phase, % by weight: " + ", ".join(words) + "."
