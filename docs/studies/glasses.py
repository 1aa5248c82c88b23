"""Inherent-structure energies of the glass data, from its finished run; writes glasses.md.

.venv/bin/structkit run docs/studies/glasses.yaml --workers 2
.venv/bin/python docs/studies/glasses.py runs/glasses
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.items.structure import recorded
from structkit.run import Run
from structkit_md_glass_source.section import overlap

HERE = Path(__file__).parent
REFERENCES = {1.99: "−3.765 (paper), −3.772 ± 0.004", 0.957: "−3.812 (paper), −3.814 ± 0.001",
              0.547: "−3.8655 (paper)", 0.05: "−3.8674 (paper), −3.866 ± 0.003"}  # fmt: skip


def energies(run: Run, step: str) -> dict[float, NDArray[np.float64]]:
    """Inherent-structure energies of a step's frames by temperature."""
    found: dict[float, list[float]] = {}
    rows = run.table(step)
    for index in range(len(rows)):
        info = recorded(rows, index)
        found.setdefault(info["temperature"], []).append(info["inherent_energy"])
    return {t: np.array(found[t]) for t in sorted(found, reverse=True)}


def words(values: NDArray[np.float64]) -> str:
    """Mean and its 95 % interval over trajectories (normal), and the spread of single configurations."""
    error = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.4f} ± {error:.4f} | {values.std(ddof=1):.4f} | {len(values)}"


def table(run: Run) -> Iterator[str]:
    """The energies of the 60 trajectories."""
    yield "| temperature | energy, mean ± 95 % | spread | trajectories | reference |"
    yield "|---|---|---|---|---|"
    for temperature, values in energies(run, "quenched").items():
        yield f"| {temperature:g} | {words(values)} | {REFERENCES.get(temperature, '–')} |"


def rates(run: Run) -> Iterator[str]:
    """Slower cooling gives a lower glass."""
    yield "| cooling steps | energy of the glass, mean ± 95 % | spread | trajectories |"
    yield "|---|---|---|---|"
    yield f"| 20 000 | {words(energies(run, 'hasty')[0.05])} |"
    yield f"| 200 000 | {words(energies(run, 'quenched')[0.05])} |"


def held(run: Run) -> str:
    """A liquid that was given time at its temperature."""
    passing, staying = energies(run, "quenched")[0.547], energies(run, "held")[0.547]
    return (
        "| liquid at 0.547 | energy, mean ± 95 % | spread | trajectories |\n|---|---|---|---|\n"
        f"| on the way down | {words(passing)} |\n| after 400 000 steps at 0.547 | {words(staying)} |\n"
    )


def matched(run: Run) -> str:
    """How equal the matched energies are."""
    rows = run.table("equal_quenched")
    energy = np.array([recorded(rows, index)["inherent_energy"] for index in range(len(rows))])
    labels = np.array(rows.labels)
    found = {str(label): energy[labels == label]
             for label in ("liquid", "glass")}  # fmt: skip
    gaps = np.abs(found["liquid"] - found["glass"])
    tried = run.steps["equal_thermal"]["with"]["trajectories"]
    return (
        f"{len(gaps)} of {tried} trajectories found a match, with a largest difference of {gaps.max():.4f} and a mean "
        f"difference of {gaps.mean():.4f} within a pair. {overlap(found)}"
    )


def times(run: Run) -> Iterator[str]:
    """What the steps took."""
    facts: list[dict[str, Any]] = run.provenance()["steps"]
    workers = run.provenance().get("workers", "?")
    for fact in facts:
        made = (
            "found in the store"
            if fact["cached"]
            else f"{fact['seconds'] / 60:.1f} min with {workers} workers"
        )
        yield f"* `{fact['step']}`: {made}"


def main() -> None:
    """Write the page."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glasses"))
    lines = [
        (HERE / "glasses_text.md").read_text(encoding="utf-8"),
        *table(run),
        "\n## Cooling rate\n",
        *rates(run),
        "\n## A liquid that has time\n",
        held(run),
        "\n## Equal energy, configuration by configuration\n",
        matched(run),
        "\n## Times\n",
        *times(run),
        "",
    ]
    (HERE / "glasses.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
