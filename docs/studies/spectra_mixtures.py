"""The study's mixtures: weighed ones (dara) and named ones (XRD-AutoAnalyzer), by a pipeline; and simulated ones."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase.io import write
from spectra_references import references

from structkit.evaluation.intervals import mean_interval
from structkit.randomness import generator
from structkit.run import Run
from structkit_powder_spectra import PhaseAnalysis
from structkit_powder_spectra.labels import weights_of
from structkit_powder_spectra.mixing import drawn_weights, mixed
from structkit_powder_spectra.mixture import Mixture
from structkit_powder_spectra.mixture_settings import MixtureSettings
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.phases import phases_of

HERE = Path(__file__).parent
FILES = Path("runs") / "spectra-study"  # what spectra-weighed.yaml reads
GRID: dict[str, Any] = {"start": 12.0, "stop": 80.0, "step": 0.02}
SIMULATED = 12  # mixtures
FORMULA = {"TiO2 anatase": "TiO2", "TiO2 rutile": "TiO2"}  # a bottle says no polymorph


def run_of(data: Path) -> Run:
    """The finished run of spectra-weighed.yaml.

    Args:
        data: the folder `spectra` of the shared data.
    """
    FILES.mkdir(parents=True, exist_ok=True)
    for name, atoms in references().items():
        folder = FILES / "references" / FORMULA.get(name, name)
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{name}.vasp", atoms)
    scans = sorted((data / "dara" / "precursor_mixture").glob("*.xrdml"))
    _manifest("scans", ((path, _label(path.stem), path.stem.partition("--")[0]) for path in scans))
    example = data / "xrd_autoanalyzer" / "Example"
    cells = sorted((example / "References").glob("*.cif"))
    _manifest("candidates", ((path, path.stem.partition("_")[0], path.stem) for path in cells))
    powders = sorted((example / "Spectra").glob("*.xy"))
    _manifest("powders", ((path, path.stem, path.stem) for path in powders))
    command = [sys.executable, "-m", "structkit", "run", str(HERE / "spectra-weighed.yaml")]
    subprocess.run([*command, "--out", str(FILES / "weighed")], check=True)  # noqa: S603
    return Run(FILES / "weighed")


def _manifest(name: str, rows: Iterator[tuple[Path, str, str]]) -> None:
    with (FILES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "group"])
        writer.writerows((path.resolve(), label, group) for path, label, group in rows)


def _label(name: str) -> str:
    """The label of a scan from its file's name, such as TiO2_0p4009-ZnO_0p6010--2min."""
    terms = []
    for word in name.partition("--")[0].split("-"):
        formula, _, weight = word.rpartition("_")
        terms.append(f"{weight.replace('p', '.')} g {formula}")
    return " + ".join(terms)


# Weighed --------------------------------------------------------------------------------------------


def scores(run: Run) -> Iterator[str]:
    """What the run says of the weighed scans, with intervals over mixtures."""
    told = run.metrics("weighed")["origins"]["scans"]["test"]
    error, held, present = told["mae"], told["covered"], told["present"]
    yield (
        f"* Mean absolute error of a weight fraction: **{100 * error['value']:.1f} % by weight** "
        f"[{100 * error['interval'][0]:.1f}, {100 * error['interval'][1]:.1f}], of {held['n']} fractions "
        f"in {told['n']} scans of {told['groups']} mixtures; largest {100 * told['largest']:.1f}; equal "
        f"parts of all references would be {100 * told['trivial_mae']:.1f} off."
    )
    yield f"* The 95 % interval holds the true fraction in **{_percent(held)}** of them."
    yield (
        f"* Weight given to a wrong phase: {100 * told['misplaced']['value']:.1f} % of a scan. Phases that are "
        f"there and found: {_percent(present)}; found and not there: {told['absent']['count']}, of "
        f"{100 * told['absent']['heaviest']:.1f} % by weight at most."
    )
    stray = told["something_else"]["complete"]
    yield f'* "Something else is in here" is said of {stray["told"]} of {stray["n"]}, where nothing else is known to be.'
    yield _signed(run)


def _percent(share: Mapping[str, Any]) -> str:
    low, high = share["interval"]
    return f"{100 * share['value']:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def _signed(run: Run) -> str:
    """The mean signed error by phase, for what absorption and texture do."""
    table, phases = run.predictions("weighed"), run.metrics("weighed")["phases"]
    rows = [row for row in range(len(table)) if table.rows[row].origin == "scans"]
    weighed = table.stack("weighed", rows)[:, :-1]
    error = 100 * (table.stack("fractions", rows) - weighed)
    groups = np.array(table.groups)[rows]
    words = []
    for place, name in enumerate(phases):
        chosen = weighed[:, place] > 0
        interval = mean_interval(error[chosen, place], groups[chosen].tolist())
        text = "" if interval is None else f" [{interval[0]:+.0f}, {interval[1]:+.0f}]"
        words.append(f"{name} {error[chosen, place].mean():+.1f}{text}")
    return f"* Mean signed error by phase, % by weight: {', '.join(words)}."


def lines(run: Run) -> Iterator[str]:
    """A line for each weighed scan."""
    yield "| scan | weighed | found, with 95 % intervals |"
    yield "|---|---|---|"
    table, phases = run.predictions("weighed"), run.metrics("weighed")["phases"]
    for row, known in enumerate(table.rows):
        if known.origin == "scans":
            truth = weights_of(str(known.label), known.id)
            words = ", ".join(f"{name} {100 * (share or 0):.1f}" for name, share in truth.items())
            minutes = Path(known.id).stem.rpartition("--")[2]
            yield f"| {minutes} | {words} | {', '.join(_shares(table, row, phases))} |"


def _shares(table: Any, row: int, phases: Sequence[str]) -> list[str]:
    share, low, high = (100 * table.item(name, row) for name in ("fractions", "low", "high"))
    order = [place for place in np.argsort(-share, kind="stable") if share[place] > 0]
    return [f"{phases[i]} {share[i]:.1f} [{low[i]:.0f}, {high[i]:.0f}]" for i in order]


# XRD-AutoAnalyzer -------------------------------------------------------------------------------------


def named(run: Run) -> Iterator[str]:
    """Which of many references are found in patterns whose phases are known by name."""
    yield "| pattern | first phase, if it were one | phases found |"
    yield "|---|---|---|"
    table, firsts, right = run.predictions("named"), run.predictions("first"), [0, 0]
    phases = run.metrics("named")["phases"]
    for row, known in enumerate(table.rows):
        if known.origin == "powders":
            first = phases[int(firsts.item("fractions", row).argmax())]
            if "+" not in str(known.label):
                right = [right[0] + (first == known.label), right[1] + 1]
            stray = "; something else" if table.item("stray_height", row) > 0 else ""
            yield f"| {known.label} | {first} | {', '.join(_shares(table, row, phases))}{stray} |"
    told = run.metrics("named")["origins"]["powders"]["test"]
    yield f"\nOf the {right[1]} single phases the first phase is right in **{right[0]}**; of all phases that the "
    yield f"names of the patterns have, {_percent(told['present'])} are found; {told['absent']['count']} are found "
    yield f"that no name has, of {100 * told['absent']['heaviest']:.0f} % by weight at most."


# Simulated --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Simulated:
    """Mixtures of the references, and what is said when one of them is not offered.

    Args:
        errors: found less true, of every phase of every mixture.
        held: whether its interval holds.
        extra: fractions of phases that are not there.
        missed: how often a missing phase is told.
        falsely: how often one is told that is not missing.
    """

    errors: Sequence[float]
    held: Sequence[bool]
    extra: Sequence[float]
    missed: float
    falsely: float


def simulated() -> Simulated:
    """Random mixtures of two or three references, seen by an instrument that the analysis does not know."""
    settings = MixtureSettings(**GRID)
    blurred = phases_of(
        references(), settings.grid, PhaseSettings(debye_waller=settings.debye_waller)
    )
    offered = list(phases_of(references(), settings.grid, PhaseSettings()).values())
    errors, held, extra, missed, falsely = [], [], [], [], []
    for number in range(SIMULATED):
        rng = generator(0, "simulated mixture", number)
        truth = drawn_weights(sorted(blurred), settings, rng)
        counts = mixed(truth, blurred, settings, rng)
        mixture = PhaseAnalysis()(counts, settings.grid, offered)
        found = {part.name: part for part in mixture.parts}
        errors += [_share(mixture, name) - share for name, share in truth.items()]
        ends = {name: found[name].interval if name in found else (0.0, 0.0) for name in truth}
        held += [ends[name][0] <= share <= ends[name][1] for name, share in truth.items()]
        extra += [part.fraction for part in mixture.parts if part.name not in truth]
        lightest = min(truth, key=lambda name: truth[name])
        others = [phase for phase in offered if phase.name != lightest]
        missed.append(PhaseAnalysis()(counts, settings.grid, others).something_else)
        falsely.append(mixture.something_else)
        print("simulated", number, truth, mixture.describe(), missed[-1], flush=True)
    return Simulated(errors, held, extra, float(np.mean(missed)), float(np.mean(falsely)))


def _share(mixture: Mixture, name: str) -> float:
    return sum(part.fraction for part in mixture.parts if part.name == name)


def told(cases: Simulated) -> Iterator[str]:
    """What was found in them."""
    size = 100 * np.abs(cases.errors)
    yield (
        f"* Mean absolute error of a weight fraction: **{size.mean():.1f} % by weight**, of {len(size)} fractions in "
        f"{SIMULATED} mixtures; largest {size.max():.1f}. The 95 % interval holds {100 * np.mean(cases.held):.0f} % of "
        f"them. Found and not there: {len(cases.extra)}, of {100 * max(cases.extra, default=0):.1f} % at most."
    )
    yield (
        '* Of mixtures whose lightest phase is not among the references, "something else is in here" '
        f"is said of **{100 * cases.missed:.0f} %**; of complete ones, of {100 * cases.falsely:.0f} %."
    )
