"""Formation energies by mat2vec, and how many compounds it takes: writes energies-more.md.

.venv/bin/structkit run docs/studies/energies-more.yaml
.venv/bin/python docs/studies/energies_more.py runs/energies-more-study
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from energies import SPLITS, over_seeds
from numpy.typing import NDArray

from structkit import RunContext, Table
from structkit.randomness import generator
from structkit.run import Run
from structkit_baselines import ExtraTrees

HERE = Path(__file__).parent
NOTE = "<!-- made by energies_more.py from energies-more_text.md and a finished run: change those, not this file -->"
MODELS = {
    "trees_{}": "extra trees, 22 properties of the elements (66 numbers)",
    "trees_{}_mat2vec": "extra trees, mat2vec (600 numbers)",
    "ridge_{}": "ridge, 22 properties of the elements (66 numbers)",
    "ridge_{}_mat2vec": "ridge, mat2vec (600 numbers)",
}
SHARES, DRAWS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0), 3  # of the training groups; draws of each share
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def errors(run: Run) -> Iterator[str]:
    """The mean absolute error of each model under each split, over the seeds."""
    for pattern, words in MODELS.items():
        cells = [over_seeds(run, pattern.format(split)) for split in SPLITS]
        yield f"| {words} | {' | '.join(cells)} |"


def learning(run: Run) -> Iterator[str]:
    """The error on the test part of the first split, learnt from a part of the training groups; three draws of each."""
    table = run.table("systems")
    said = run.predictions("trees_systems")
    parts = dict(zip(said.ids, said.values("subset"), strict=True))
    truth, groups = table.target("formation_energy"), np.array(table.groups)
    subset = np.array([parts[name] for name in table.ids])
    test = np.flatnonzero(subset == "test")
    names = np.unique(groups[subset == "train"])
    for share in SHARES:
        sizes, wrong = [], []
        for draw in range(DRAWS if share < 1 else 1):
            order = generator(0, "learning", draw).permutation(len(names))
            kept = names[order[: round(share * len(names))]]
            rows = np.flatnonzero((subset == "train") & np.isin(groups, kept))
            answers = _learnt(table, truth, rows, test)
            sizes.append(len(rows))
            wrong.append(float(np.abs(answers - truth[test]).mean()))
        spread = f" ± {np.std(wrong, ddof=1):.3f}" if len(wrong) > 1 else ""
        systems = round(share * len(names))
        yield f"| {systems} | {np.mean(sizes):.0f} | {np.mean(wrong):.3f}{spread} |"


def _learnt(table: Table, truth: Floats, rows: Ints, test: Ints) -> Floats:
    """What extra trees say of the test rows, having learnt from some others."""
    model = ExtraTrees()
    train = table.with_arrays(target=truth).select(rows)
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext(0, generator(0, "trees"), Path(folder), log=lambda text: None)
        for _ in model.fit(train, train.select([]), context):
            pass
    return model.predict(table.select(test))["value"]


def main() -> None:
    """Write energies-more.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = Run(parser.parse_args().run)
    text = (HERE / "energies-more_text.md").read_text(encoding="utf-8")
    for name, lines in {"ERRORS": errors, "LEARNING": learning}.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines(run)))
    (HERE / "energies-more.md").write_text(f"{NOTE}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
