"""The report of a simulation: energy on the way down, inherent-structure energies of liquid and glass, one picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from matplotlib.figure import Figure
from numpy.typing import NDArray

from structkit.data.items.structure import recorded, to_sample
from structkit.data.table import Table
from structkit.run import Run, Section
from structkit_md_glass_source.picture import particle_figure

Floats = NDArray[np.float64]
BINS = 20
LAYER = 1.0  # σ_AA: what is drawn of a volume


def sections(run: Run) -> Iterator[Section]:
    """The cooling curves of all `md-glass` steps, and a section for each of them and for each `quench`."""
    steps = run.steps_using("md-glass")
    if steps:
        figure = _curves(
            {
                f"{step} ({_rate(run.steps[step]['with'])})": _curve(run.table(step))
                for step in steps
            }
        )
        caption = "mean potential energy per particle against the temperature of the thermostat, on the way down"
        yield Section("Cooling", (_convention(run.table(steps[0])),), figures=[(figure, caption)])
    for step in [*steps, *run.steps_using("quench")]:
        table = run.table(step)
        if all(
            "temperature" in _info(table, row) for row in range(len(table))
        ):  # not so in files of one's own
            yield _frames(step, table)


def _rate(settings: Mapping[str, Any]) -> str:
    words = {"fast": 200_000, "slow": 20_000_000}
    steps = words.get(settings["cooling_steps"], settings["cooling_steps"])
    first = settings.get("slow_below") or settings["hot"]
    rate = (first - settings["cold"]) / (steps * settings["time_step"])
    return f"{steps} steps, {rate:.2g} ε/k_B per τ"


def _convention(table: Table) -> str:
    words = _info(table, 0).get("energy_convention", "unknown") if len(table) else "unknown"
    return f"Reduced units; energies are potential energies per particle ({words})."


def _info(table: Table, index: int) -> dict[str, Any]:
    return recorded(table, index)


def _curve(table: Table) -> Floats:
    """Mean over trajectories of (temperature, energy), shape (points, 2)."""
    found = [row.meta["cooling_curve"] for row in table.rows if "cooling_curve" in row.meta]
    return np.mean(np.array(found, dtype=float), axis=0) if found else np.zeros((0, 2))


def _curves(curves: Mapping[str, Floats]) -> Figure:
    figure = Figure(figsize=(6.2, 3.0), layout="constrained")
    axis = figure.subplots()
    for name, curve in curves.items():
        axis.plot(curve[:, 0], curve[:, 1], ".-", lw=1, ms=4, label=name)
    axis.set(xlabel="temperature, ε/k_B", ylabel="energy per particle, ε")
    axis.legend(frameon=False, fontsize=8)
    return figure


def _frames(step: str, table: Table) -> Section:
    infos = [_info(table, index) for index in range(len(table))]
    rows = [
        _row(t, [i for i in infos if i["temperature"] == t])
        for t in sorted({i["temperature"] for i in infos})
    ][::-1]
    energies = _energies(table, infos)
    figures = (
        [(_pictures(table), "one frame of each label, of a volume a layer; A large, B small")]
        if len(table)
        else []
    )
    text = [f"{len({row.group for row in table.rows})} trajectories."]
    if len(energies) == 2 and all(len(values) > 1 for values in energies.values()):
        text.append(overlap(energies))
        figures.insert(0, (_histogram(energies), "inherent-structure energies per particle"))
    header = (
        "temperature",
        "frames",
        "energy per particle",
        "inherent-structure energy",
        "spread",
        "largest force",
    )
    return Section(f"Frames of {step}", text, header, rows, figures)


def _row(temperature: float, infos: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    energy = float(np.mean([info["energy_per_particle"] for info in infos]))
    inherent = [info["inherent_energy"] for info in infos if "inherent_energy" in info]
    words = (f"{np.mean(inherent):.4f}", f"{np.std(inherent):.4f}") if inherent else ("–", "–")
    force = max(info["max_force"] for info in infos)
    return f"{temperature:g}", str(len(infos)), f"{energy:.4f}", *words, f"{force:.1e}"


def _energies(table: Table, infos: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """Inherent-structure energies by label, where they are known."""
    pairs = [
        (str(row.label), i["inherent_energy"])
        for row, i in zip(table.rows, infos, strict=True)
        if "inherent_energy" in i
    ]
    return {
        label: np.array([e for name, e in pairs if name == label])
        for label in sorted({name for name, _ in pairs})
    }


def overlap(energies: Mapping[str, Floats]) -> str:
    """How far the energy alone tells the two labels apart."""
    (one, first), (two, second) = energies.items()
    bins = np.linspace(min(first.min(), second.min()), max(first.max(), second.max()), BINS + 1)
    shares = [np.histogram(values, bins)[0] / len(values) for values in (first, second)]
    above = (first[:, None] > second).mean() + 0.5 * (first[:, None] == second).mean()
    return (
        f"Inherent-structure energies: {one} {first.mean():.4f} ± {first.std():.4f}, {two} {second.mean():.4f} ± "
        f"{second.std():.4f}; their histograms overlap by {100 * np.minimum(*shares).sum():.0f} %, and the energy "
        f"alone tells the labels apart with a ROC-AUC of {max(above, 1 - above):.2f}."
    )


def _histogram(energies: Mapping[str, Floats]) -> Figure:
    figure = Figure(figsize=(5.2, 2.4), layout="constrained")
    axis = figure.subplots()
    bins = np.histogram_bin_edges(np.concatenate(list(energies.values())), BINS).tolist()
    for label, values in energies.items():
        axis.hist(values, bins, alpha=0.55, label=label)
    axis.set(xlabel="inherent-structure energy per particle, ε", ylabel="frames")
    axis.legend(frameon=False, fontsize=8)
    return figure


def _pictures(table: Table) -> Figure:
    first = {row.label: index for index, row in reversed(list(enumerate(table.rows)))}
    atoms = {
        str(label): _drawn(to_sample(table, index).atoms)
        for label, index in sorted(first.items(), key=str)
    }
    return particle_figure(atoms)


def _drawn(atoms: Atoms) -> Atoms:
    """A plane as it is; of a volume the layer around the middle, a diameter thick."""
    if not atoms.pbc[2]:
        return atoms
    return atoms[np.abs(atoms.positions[:, 2] - atoms.cell[2, 2] / 2) < LAYER / 2]
