"""Energies of argon at temperatures never seen: writes lj-energies.md.

.venv/bin/structkit run docs/studies/lj-energies.yaml             # simulates and learns; minutes of one core
.venv/bin/python docs/studies/lj_energies.py runs/lj-energies-study
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit.data.items.structure import per_atom
from structkit.data.table import Table
from structkit.evaluation.intervals import size_interval
from structkit.run import Run

HERE = Path(__file__).parent
NOTE = "<!-- made by lj_energies.py from lj-energies_text.md and a finished run: change those, not this file -->"
TARGET = "energy_per_atom"
TEMPERATURES = (40, 80, 120, 180, 260, 360)
MODELS = {
    "atoms": "network, learnt from the energy of each atom",
    "frames": "network, learnt from one energy a frame",
    "linear": "ridge on g(r)",
}
GOAL = 1.0  # percent of the spread
Floats = NDArray[np.float64]


def energies(run: Run) -> Floats:
    """Energies per particle of all frames, in eV."""
    parts = [run.table("argon").select(_rows(run.table("argon"), t)) for t in TEMPERATURES]
    return np.concatenate([part.target(TARGET) for part in parts])


def _rows(table: Table, temperature: int) -> NDArray[np.int64]:
    """The rows of a temperature."""
    wanted = f"argon[temperature={temperature}]"
    return np.flatnonzero(np.array(table.origins) == wanted)


def errors(run: Run, model: str, temperature: int) -> tuple[Floats, list[str]]:
    """Errors of the frames of a temperature that was left out, in eV per particle, with their trajectories."""
    table = run.predictions(f"{model}_{temperature}")
    table = table.select(_rows(table, temperature))
    if model != "atoms":
        return table.stack("value") - table.target(TARGET), table.groups
    rows = range(len(table))
    said = np.array([table.item("atom_values", row).mean() for row in rows])
    true = np.array([table.item("truth", row).mean() for row in rows])
    return said - true, table.groups


def by_temperature(run: Run) -> Iterator[str]:
    """The mean absolute error at each temperature that was left out, in percent of the spread."""
    every = energies(run)
    for model, words in MODELS.items():
        cells = [_cell(*errors(run, model, t), every.std()) for t in TEMPERATURES]
        yield f"| {words} | {' | '.join(cells)} |"
    trivial = []
    for held in TEMPERATURES:
        own = run.table("argon").select(_rows(run.table("argon"), held)).target(TARGET)
        others = (every.sum() - own.sum()) / (len(every) - len(own))
        trivial.append(f"{100 * np.abs(own - others).mean() / every.std():.0f}")
    yield f"| mean of the other temperatures | {' | '.join(trivial)} |"


def _cell(wrong: Floats, groups: list[str], spread: float) -> str:
    size = np.abs(wrong) / spread * 100
    interval = size_interval(size, groups)
    ends = f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else ""
    return f"{size.mean():.2f}{ends}"


def over_all(run: Run) -> Iterator[str]:
    """The error over all temperatures, over those within, and the share of one atom's energy."""
    spread = energies(run).std()
    for model, words in MODELS.items():
        shares = [np.abs(errors(run, model, t)[0]).mean() / spread * 100 for t in TEMPERATURES]
        bias = [errors(run, model, t)[0].mean() / spread * 100 for t in TEMPERATURES]
        kept = sum(share <= GOAL for share in shares)
        cells = [f"{np.mean(shares):.2f}", f"{np.mean(shares[1:-1]):.2f}", f"{kept} of 6"]
        yield f"| {words} | {' | '.join(cells)} | {bias[-1]:+.2f} |"


def of_atoms(run: Run) -> Iterator[str]:
    """The error of single atoms at each temperature that was left out, beside their own spread there."""
    for held in TEMPERATURES:
        table = run.predictions(f"atoms_{held}")
        table = table.select(_rows(table, held))
        rows = range(len(table))
        wrong = [np.abs(table.item("atom_values", r) - table.item("truth", r)).mean() for r in rows]
        spread = float(np.concatenate([table.item("truth", row) for row in rows]).std())
        size = float(np.mean(wrong))
        yield f"| {held} | {1e3 * spread:.2f} | {1e3 * size:.3f} | {100 * size / spread:.1f} |"


def facts(run: Run) -> dict[str, str]:
    """What the text says of the data."""
    every, table = energies(run), run.table("argon")
    atoms = len(per_atom(table, 0, "atom_energy"))  # type: ignore[arg-type]
    return {
        "FRAMES": str(len(every)),
        "TRAJECTORIES": str(len(set(table.groups))),
        "ATOMS": str(atoms),
        "SPREAD": f"{1e3 * every.std():.2f} meV",
    }


def main() -> None:
    """Write lj-energies.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = Run(parser.parse_args().run)
    text = (HERE / "lj-energies_text.md").read_text(encoding="utf-8")
    for name, lines in {
        "BY_TEMPERATURE": by_temperature,
        "OVER_ALL": over_all,
        "OF_ATOMS": of_atoms,
    }.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines(run)))
    for name, words in facts(run).items():
        text = text.replace("{" + name + "}", words)
    (HERE / "lj-energies.md").write_text(f"{NOTE}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
