"""The trained models of the crystal study on structures from other sources; writes crystals_real.md.

    .venv/bin/python docs/studies/crystals_real.py runs/crystal-study ../shared/data/elemental_prototypes.dev.jsonl.gz

The file holds one JSON object a line: `lattice` (3×3, Å), `species`, `frac`, `element`, `cls` (class and space group)
and `proto_ok` (whether it is a one- or two-atom prototype).
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from structkit import Sample
from structkit.bootstrap import Headlines, intervals
from structkit.prediction import Predictor
from structkit.runs import Run

HERE = Path(__file__).parent
LARGEST = 96  # the fingerprint adds two to an atomic number, and the table of form factors ends at 98
LABELS = {"fcc_225": "fcc", "bcc_229": "bcc", "dia_227": "diamond", "sc_221": "sc", "hex_194": "hexagonal-rhombohedral",
          "rhl_166": "hexagonal-rhombohedral", "bct_139": "bct139", "bct_141": "bct141"}  # fmt: skip
MODELS = {"paper_cnn": "fingerprint CNN", "powder_cnn": "powder CNN", "powder_nearest": "powder 1-NN"}
LEVELS = {"pristine": "as they are", "pristine_turned": "turned", "s06_turned": "σ 0.06 Å, turned",
          "v25_turned": "25 % vacancies, turned", "v25_s06_turned": "25 % vacancies, σ 0.06 Å, turned"}  # fmt: skip
TEXT = """\
<!-- made by crystals_real.py from a finished crystal study: change that, not this file -->

# The crystal study's models on structures from other sources

```sh
.venv/bin/python docs/studies/crystals_real.py runs/crystal-study ../shared/data/elemental_prototypes.dev.jsonl.gz
```

Elemental solids, measured and computed, that were in no source of this repository; true prototypes of one or two atoms
only, up to curium, {n} structures of {elements} elements. Accuracy in percent, with 95 % intervals over elements. "Unseen" leaves out
every structure whose element the model has learnt or validated with the same label ({unseen} structures remain).
"""


def samples(path: Path) -> Iterator[Sample]:
    """The structures of the file, labelled as the study labels them; the group is the element."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for number, row in enumerate(map(json.loads, stream)):
            if row["cls"] in LABELS and int(row["proto_ok"]):
                lattice, species, places = (_list(row[key]) for key in ("lattice", "species", "frac"))
                atoms = Atoms(species, scaled_positions=places, cell=lattice, pbc=True)
                if atoms.numbers.max() <= LARGEST:
                    yield Sample(f"{row['id']}/{number}", atoms, LABELS[row["cls"]], row["element"])


def _list(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def learnt(run: Run, model: str) -> set[tuple[str, str]]:
    """Pairs of element and label in the training and validation parts."""
    rows = run.predictions(model).rows
    return {(row.group.split("-")[0], str(row.label)) for row in rows if row.meta["subset"] != "test"}


def cell(labels: list[str], guesses: list[str], groups: list[str]) -> str:
    """Accuracy and its interval."""
    right = np.array([a == b for a, b in zip(labels, guesses, strict=True)])
    truth, probabilities = np.zeros(len(right), dtype=np.int64), np.eye(2)[(~right).astype(int)]
    interval = intervals(Headlines(truth, probabilities), groups, 0)["accuracy"] or [np.nan, np.nan]
    return f"{100 * right.mean():.1f} [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]"


def main() -> None:
    """Write the page."""
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    structures, run = list(samples(path)), Run(folder)
    seen = learnt(run, "powder_cnn")
    fresh = [i for i, s in enumerate(structures) if (str(s.group), str(s.label)) not in seen]
    lines = [TEXT.format(n=len(structures), elements=len({s.group for s in structures}), unseen=len(fresh))]
    for title, chosen in (("All", list(range(len(structures)))), ("Unseen", fresh)):
        lines += [f"## {title}\n", "| damage | " + " | ".join(MODELS.values()) + " |", "|---" * (len(MODELS) + 1) + "|"]
        picked = [structures[i] for i in chosen]
        labels, groups = [str(s.label) for s in picked], [str(s.group) for s in picked]
        for origin, name in LEVELS.items():
            guesses = [[p.label for p in Predictor(folder, model, origin).predict(picked)] for model in MODELS]
            lines.append(f"| {name} | " + " | ".join(cell(labels, found, groups) for found in guesses) + " |")
        lines.append("")
    (HERE / "crystals_real.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
