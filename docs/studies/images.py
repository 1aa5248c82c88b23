"""Columns and point defects in images: runs images.yaml and images-pixels.yaml, and writes images.md.

.venv/bin/python docs/studies/images.py                                      # an hour on busy cores
.venv/bin/python docs/studies/images.py runs/images runs/images-pixels       # of finished runs
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import images_judged
import numpy as np

from structkit.run import Run

HERE = Path(__file__).parent
CRYSTALS = ("graphene", "MoS2", "SrTiO3")
DOSES = {
    "1000.0": "10³",
    "3000.0": "3·10³",
    "10000.0": "10⁴",
    "100000.0": "10⁵",
    "1000000.0": "10⁶",
}
LEARNT = ("10000.0", "100000.0", "1000000.0")
NEAR = 5.0  # pixels about a defect within which relevance is counted


def tested(run: Run, step: str, crystal: str, dose: str) -> Mapping[str, Any]:
    """Scores of a model on the test pieces of a crystal at a dose."""
    name = f"{crystal}+damaged+taken[dose={dose}]"
    scores: Mapping[str, Any] = run.metrics(step)["origins"][name]["test"]
    return scores


def percent(score: Mapping[str, Any]) -> str:
    """A share with its interval."""
    if score["value"] is None:
        return "–"
    low, high = score["interval"]
    return f"{100 * score['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]"


def share(value: float | None) -> str:
    """A share without one."""
    return "–" if value is None else f"{100 * value:.0f}"


def length(value: float | None) -> str:
    """An error in Å."""
    return "–" if value is None else f"{value:.3f}"


def of_class(scores: Mapping[str, Any], name: str) -> str:
    """F1 of one class of sites, and how many there are."""
    one = scores["sites"]["per_class"].get(name, {"f1": None, "n": 0})
    return f"{share(one['f1'])} ({one['n']})"


def doses(run: Run) -> Iterator[str]:
    """Every crystal at every dose, on the domain of the crystals."""
    for crystal in CRYSTALS:
        for dose, words in DOSES.items():
            peaks, network = (tested(run, step, crystal, dose) for step in ("peaks", "all"))
            cells = [
                crystal,
                words if dose in LEARNT else f"{words} (new)",
                percent(peaks["sites_f1"]),
                percent(network["sites_f1"]),
                length(peaks["position_error"]),
                length(network["position_error"]),
                percent(network["marked_f1"]),
                of_class(network, "2"),
                of_class(network, "3"),
            ]
            yield f"| {' | '.join(cells)} |"


def strangers(run: Run) -> Iterator[str]:
    """Every crystal by a network that learnt it and by one that never saw it."""
    for crystal in CRYSTALS:
        for dose in LEARNT:
            models = ("peaks", "all", f"no-{crystal}")
            scores = [tested(run, step, crystal, dose) for step in models]
            cells = [crystal, DOSES[dose], *(percent(one["sites_f1"]) for one in scores)]
            cells += [length(one["position_error"]) for one in scores[1:]]
            cells += [percent(one["marked_f1"]) for one in scores[1:]]
            yield f"| {' | '.join(cells)} |"


def explanations(run: Run) -> Iterator[str]:
    """What the maps of the classifier are worth, and how much of them lies at the defects."""
    (found,) = run.faithfulness("maps").values()
    for method, one in found["methods"].items():
        at_defects, area = relevance_at_defects(run, method)
        cells = [method.replace("_", " ")]
        for name in ("over_random", "over_strongest", "over_random_weights"):
            low, high = one[name]["interval"]
            cells.append(f"{one[name]['value']:.2f} [{low:.2f}, {high:.2f}]")
        cells += ["passed" if one["passed"] else "failed", f"{share(at_defects)} of {share(area)}"]
        yield f"| {' | '.join(cells)} |"


def relevance_at_defects(run: Run, method: str) -> tuple[float, float]:
    """The share of a map that lies near a defect, and that of the image's area, over images with defects."""
    maps, images = run.table("maps"), run.table("shown")
    place = {name: row for row, name in enumerate(images.ids)}
    shares, areas = [], []
    for row, name in enumerate(maps.ids):
        sites = images.item("sites", place[name])
        defects = sites[sites[:, 2] != 1]
        if len(defects) == 0:
            continue
        relevance = np.abs(maps.item(f"relevance_{method}", row))
        down, across = np.indices(relevance.shape)
        away = [np.hypot(across - one[0], down - one[1]) for one in defects]
        near = np.min(away, axis=0) < NEAR
        shares.append(float(relevance[near].sum() / max(float(relevance.sum()), 1e-30)))
        areas.append(float(near.mean()))
    return float(np.mean(shares)), float(np.mean(areas))


def states(run: Run) -> str:
    """How well pieces with a defect are told from those without one."""
    (tested_states,) = run.tested("states").values()
    return f"{percent(tested_states['accuracy'])} % of {tested_states['n']} images in {tested_states['groups']} pieces"


def finished(name: str) -> Path:
    """The folder of a pipeline of this study, which is run where it was not."""
    folder = HERE.parents[1] / "runs" / name
    command = [sys.executable, "-m", "structkit", "run", str(HERE / f"{name}.yaml")]
    subprocess.run([*command, "--out", str(folder)], check=True)
    return folder


def main() -> None:
    """Run what is not there yet, and write images.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="*")
    folders = parser.parse_args().runs or [finished(name) for name in ("images", "images-pixels")]
    run, pixels = map(Run, folders)
    text = (HERE / "images_text.md").read_text(encoding="utf-8")
    tables = {
        "DOSES": doses(run),
        "STRANGERS": strangers(run),
        "EXPLANATIONS": explanations(run),
        "GUARDS-KNOWN": images_judged.known_crystals(run, DOSES),
        "GUARDS-NEW": images_judged.new_crystals(run, DOSES),
        "GUARDS-CLASSES": images_judged.by_class(run),
        "REASONS-WHERE": images_judged.reasons_where(pixels),
        "REASONS": images_judged.reasons(pixels),
    }
    for name, lines in tables.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    (HERE / "images.md").write_text(text.replace("STATES", states(run)), encoding="utf-8")


if __name__ == "__main__":
    main()
