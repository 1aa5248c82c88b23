"""What convolutions in bf16 cost and gain: accuracy on held-out groups, and images a process second, in turn.

    OMP_NUM_THREADS=1 .venv/bin/python plugins/cnn-classifier/benchmarks/precision.py

The paper's network on fingerprints of crystals of seven classes, half of them damaged: a quarter of the
atoms missing, the others displaced by 0.2 Å. Both ways learn from the same rows with the same seeds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from structkit import Run, Table, train
from structkit_cnn_classifier import CnnClassifier

PIPELINE = """\
structkit: 1
name: images
seed: 5
steps:
  crystals:
    use: crystal-prototypes
    with: {{per_class: {count}, groups_per_class: 30, merge_hexagonal_rhombohedral: true}}
  pristine: {{use: standard-supercell, from: crystals}}
  damaged: {{use: point-defects, from: pristine, with: {{vacancies: 0.25, displacement: 0.2}}}}
  image: {{use: diffraction-fingerprint, from: [pristine, damaged]}}
"""


def images(count: int) -> Table:
    """Fingerprints, made by a run in a folder that is taken away."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "images.yaml").write_text(PIPELINE.format(count=count))
        command = [sys.executable, "-m", "structkit", "run", "images.yaml"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        table = Run(Path(folder) / "runs/images").table("image")
        return Table.of(list(table.rows), image=table.stack("image"))


def halves(table: Table, seed: int) -> tuple[Table, Table]:
    """Two parts without a common group."""
    groups = sorted(set(table.groups))
    chosen = set(np.random.default_rng(seed).permutation(groups)[::2].tolist())
    inside = np.array([group in chosen for group in table.groups])
    return table.select(np.flatnonzero(inside)), table.select(np.flatnonzero(~inside))


def measure(precision: str, learnt: Table, tested: Table, seed: int) -> dict[str, float]:
    """Train and predict once."""
    model = CnnClassifier(precision=precision, epochs=3)
    start = time.process_time()
    train(model, learnt, seed=seed)
    trained = time.process_time()
    probabilities = model.predict(tested)
    done = time.process_time()
    told = np.array(model.classes)[probabilities.argmax(axis=1)]
    return {
        "accuracy": float(np.mean(told == np.array(tested.labels))),
        "training": 3 * len(learnt) / (trained - start),
        "prediction": len(tested) / (done - trained),
    }


def main() -> None:
    """Print a line a way and seed, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-class", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = images(options.per_class)
    found: dict[str, list[dict[str, float]]] = {"float32": [], "bf16": []}
    for seed in range(options.seeds):
        learnt, tested = halves(table, seed)
        for precision, several in found.items():
            several.append(measure(precision, learnt, tested, seed))
            print(precision, seed, json.dumps({k: round(v, 3) for k, v in several[-1].items()}))
    for name in ("accuracy", "training", "prediction"):
        before, after = (np.mean([one[name] for one in several]) for several in found.values())
        print(f"{name}: float32 {before:.3f}, bf16 {after:.3f}, ratio {after / before:.2f}")


if __name__ == "__main__":
    main()
