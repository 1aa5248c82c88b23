"""Formation energies from formulas: writes energies.md.

.venv/bin/structkit run docs/studies/energies.yaml             # five splits of each kind; two minutes
.venv/bin/python docs/studies/energies.py runs/energies-study
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.run import Run

HERE = Path(__file__).parent
SPLITS = {"systems": "chemical system", "anions": "most electronegative element"}
MODELS = {
    "trees_{}": "extra trees, 22 properties of the elements",
    "ridge_{}": "ridge, the same",
    "trees_{}_fractions": "extra trees, atomic fractions",
    "trees_{}_random": "extra trees, random numbers for the properties",
}


def errors(run: Run) -> Iterator[str]:
    """The mean absolute error of each model under each split, over the seeds."""
    for pattern, words in MODELS.items():
        cells = [over_seeds(run, pattern.format(split)) for split in SPLITS]
        yield f"| {words} | {' | '.join(cells)} |"
    trivial = [_spread([one["trivial_mae"] for one in _tested(run, f"trees_{s}")]) for s in SPLITS]
    yield f"| mean of the training part | {' | '.join(trivial)} |"


def over_seeds(run: Run, step: str) -> str:
    """The mean absolute error of a step in eV/atom, with its standard deviation over the seeds."""
    return _spread([one["mae"]["value"] for one in _tested(run, step)])


def _tested(run: Run, step: str) -> list[Mapping[str, Any]]:
    """The scores of the test part with each seed; a step has one origin."""
    (origin,) = run.steps[step]["origins"]
    return [one["origins"][origin]["test"] for one in run.repeats(step)]


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def promises(run: Run) -> Iterator[str]:
    """Coverage and width of the intervals, split by split."""
    for split, words in SPLITS.items():
        (origin,) = run.steps[f"trust_{split}"]["origins"]
        for seed, one in enumerate(run.trusts(f"trust_{split}"), 1):
            parts = one["origins"][origin]
            test = parts["test"]["interval"]
            low, high = test["coverage"]["interval"]
            cells = [
                f"{words}, split {seed}",
                str(parts["calibration"]["groups"]),
                str(parts["test"]["groups"]),
                f"{100 * test['coverage']['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]",
                f"{test['width']['value']:.2f}",
            ]
            yield f"| {' | '.join(cells)} |"


def anions(run: Run) -> Iterator[str]:
    """The error for each most electronegative element that was held out in the first split."""
    table = run.predictions("trees_anions")
    wrong: dict[str, list[float]] = defaultdict(list)
    truths = dict(
        zip(run.table("anions").ids, run.table("anions").target("formation_energy"), strict=True)
    )
    for row, said in zip(table.rows, table.stack("value"), strict=True):
        if row.subset == "test":
            wrong[row.group].append(abs(float(said) - float(truths[row.id])))
    for anion, several in sorted(wrong.items(), key=lambda pair: -len(pair[1])):
        yield f"| {anion} | {len(several)} | {np.mean(several):.3f} |"


def uncertainty(run: Run) -> str:
    """The mean of the experiment's own uncertainty, and of how many compounds it is known."""
    known = run.table("systems").target("uncertainty")
    known = known[np.isfinite(known)]
    return f"{known.mean():.3f} eV/atom (of {len(known)} compounds)"


def main() -> None:
    """Write energies.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = Run(parser.parse_args().run)
    text = (HERE / "energies_text.md").read_text(encoding="utf-8")
    for name, lines in {"ERRORS": errors, "PROMISES": promises, "ANIONS": anions}.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines(run)))
    text = text.replace("UNCERTAINTY", uncertainty(run))
    (HERE / "energies.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
