"""Energies of argon and copper at temperatures never seen: writes lj-energies.md.

.venv/bin/structkit run docs/studies/lj-energies.yaml             # simulates and learns; minutes of one core
.venv/bin/python docs/studies/lj_energies.py runs/lj-energies-study
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
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
MODELS = {
    "atoms": "network, learnt from the energy of each atom",
    "frames": "network, learnt from one energy a frame",
    "linear": "ridge on g(r)",
}
GOAL = 1.0  # percent of the spread
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What was simulated.

    Args:
        source: the step of its frames.
        prefix: of the steps of its models.
        temperatures: each of which is left out once, in K.
    """

    source: str
    prefix: str
    temperatures: tuple[int, ...]

    def energies(self, run: Run) -> Floats:
        """Energies per particle of all frames, in eV."""
        table = run.table(self.source)
        parts = [table.select(self.rows(table, t)).target(TARGET) for t in self.temperatures]
        return np.concatenate(parts)

    def rows(self, table: Table, temperature: int) -> NDArray[np.int64]:
        """The rows of a temperature."""
        wanted = f"{self.source}[temperature={temperature}]"
        return np.flatnonzero(np.array(table.origins) == wanted)

    def errors(self, run: Run, model: str, temperature: int) -> tuple[Floats, list[str]]:
        """Errors of the frames of a temperature that was left out, in eV per particle, with their trajectories."""
        table = run.predictions(f"{self.prefix}{model}_{temperature}")
        table = table.select(self.rows(table, temperature))
        if model != "atoms":
            return table.stack("value") - table.target(TARGET), table.groups
        rows = range(len(table))
        said = np.array([table.item("atom_values", row).mean() for row in rows])
        true = np.array([table.item("truth", row).mean() for row in rows])
        return said - true, table.groups


ARGON = Material("argon", "", (40, 80, 120, 180, 260, 360))
COPPER = Material("copper", "cu_", (300, 700, 1100, 1500))


def by_temperature(run: Run, material: Material) -> Iterator[str]:
    """The mean absolute error at each temperature that was left out, in percent of the spread."""
    every = material.energies(run)
    for model, words in MODELS.items():
        cells = [_cell(*material.errors(run, model, t), every.std()) for t in material.temperatures]
        yield f"| {words} | {' | '.join(cells)} |"
    trivial = []
    for held in material.temperatures:
        table = run.table(material.source)
        own = table.select(material.rows(table, held)).target(TARGET)
        others = (every.sum() - own.sum()) / (len(every) - len(own))
        trivial.append(f"{100 * np.abs(own - others).mean() / every.std():.0f}")
    yield f"| mean of the other temperatures | {' | '.join(trivial)} |"


def _cell(wrong: Floats, groups: list[str], spread: float) -> str:
    size = np.abs(wrong) / spread * 100
    interval = size_interval(size, groups)
    ends = f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
    return f"{size.mean():.3f}{ends}"


def over_all(run: Run, material: Material) -> Iterator[str]:
    """The error over all temperatures, over those within, and the bias at the hottest."""
    spread, temperatures = material.energies(run).std(), material.temperatures
    for model, words in MODELS.items():
        wrong = [material.errors(run, model, t)[0] / spread * 100 for t in temperatures]
        sizes = [np.abs(each).mean() for each in wrong]
        within_goal = sum(size <= GOAL for size in sizes)
        cells = [f"{np.mean(sizes):.3f}", f"{np.mean(sizes[1:-1]):.3f}"]
        kept = f"{within_goal} of {len(temperatures)}"
        yield f"| {words} | {' | '.join(cells)} | {kept} | {wrong[-1].mean():+.3f} |"


def of_atoms(run: Run, material: Material) -> Iterator[str]:
    """The error of single atoms at each temperature that was left out, beside their own spread there."""
    for held in material.temperatures:
        table = run.predictions(f"{material.prefix}atoms_{held}")
        table = table.select(material.rows(table, held))
        rows = range(len(table))
        wrong = [np.abs(table.item("atom_values", r) - table.item("truth", r)).mean() for r in rows]
        spread = float(np.concatenate([table.item("truth", row) for row in rows]).std())
        size = float(np.mean(wrong))
        yield f"| {held} | {1e3 * spread:.2f} | {1e3 * size:.4f} | {100 * size / spread:.2g} |"


def facts(run: Run, material: Material) -> dict[str, str]:
    """What the text says of the data."""
    every, table = material.energies(run), run.table(material.source)
    name = material.source.upper()
    atoms = len(per_atom(table, 0, "atom_energy"))  # type: ignore[arg-type]
    return {
        f"{name}_FRAMES": str(len(every)),
        f"{name}_TRAJECTORIES": str(len(set(table.groups))),
        f"{name}_ATOMS": str(atoms),
        f"{name}_SPREAD": f"{1e3 * every.std():.2f} meV",
    }


def main() -> None:
    """Write lj-energies.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = Run(parser.parse_args().run)
    text = (HERE / "lj-energies_text.md").read_text(encoding="utf-8")
    for material in (ARGON, COPPER):
        for name, lines in {
            "BY_TEMPERATURE": by_temperature,
            "OVER_ALL": over_all,
            "OF_ATOMS": of_atoms,
        }.items():
            mark = f"<!-- {material.source.upper()} {name} -->"
            text = text.replace(mark, "\n".join(lines(run, material)))
        for name, words in facts(run, material).items():
            text = text.replace("{" + name + "}", words)
    (HERE / "lj-energies.md").write_text(f"{NOTE}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
