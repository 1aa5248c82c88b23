"""The models of the crystal study on structures from other sources; writes real-structures.md.

.venv/bin/python docs/studies/real_structures.py runs/crystal-study ../shared/data
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from structkit.data.table import Table
from structkit.engine.prediction import Predictor
from structkit.errors import StructkitError
from structkit.evaluation.classification import scores
from structkit.run import Run
from structkit.samples import Sample
from structkit.store.files import digest

HERE = Path(__file__).parent
LABELS = {
    "sc_221": "sc",
    "fcc_225": "fcc",
    "bcc_229": "bcc",
    "dia_227": "diamond",
    "bct_139": "bct139",
    "bct_141": "bct141",
    "hex_194": "hexagonal-rhombohedral",
    "rhl_166": "hexagonal-rhombohedral",
}
MODELS = {
    "paper_cnn": "fingerprint CNN",
    "paper_linear": "fingerprint linear",
    "paper_nearest": "fingerprint 1-NN",
    "powder_cnn": "powder CNN",
    "powder_linear": "powder linear",
    "powder_nearest": "powder 1-NN",
    "spglib_loose": "Spglib 0.1 Å, 5°",
}
ORIGINS = {
    "pristine": "as it is",
    "learnt[displacement=0.06,vacancies=0.25]+turned": "25 % vacancies, σ 0.06 Å, turned",
}
PER_CLASS = 25  # compounds of each class: standard cells of large ones take a second
LAST = 96  # curium: the last element with a form factor, less the two by which the paper raises every number


def elements(folder: Path) -> Iterator[Sample]:
    """Elemental solids that are true prototypes; a group is an element in a class."""
    with gzip.open(folder / "elemental_prototypes.dev.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row["proto_ok"] in (1, "1") and atomic_numbers[row["element"]] <= LAST:
                yield _sample(
                    row, LABELS[row["cls"]], f"{row['element']} {row['cls']}", row["species"]
                )


def compounds(folder: Path) -> Iterator[Sample]:
    """Some Materials Project entries of each class that they have with all species made equal (here: copper)."""
    with gzip.open(folder / "mp20_classes.dev.csv.gz", "rt", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["geom_class"]]
    taken: Counter[str] = Counter()
    for row in sorted(
        rows, key=lambda row: digest(row["id"])
    ):  # in an order that has nothing to do with the entries
        taken[row["geom_class"]] += 1
        if taken[row["geom_class"]] <= PER_CLASS:
            yield _sample(
                row, LABELS[row["geom_class"]], row["formula"], ["Cu"] * int(row["nsites"])
            )


def _sample(row: dict[str, Any], label: str, group: str, species: Any) -> Sample:
    def plain(value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    atoms = Atoms(
        plain(species), cell=plain(row["lattice"]), scaled_positions=plain(row["frac"]), pbc=True
    )
    return Sample(row["id"], atoms, label, group)


def unseen(samples: Sequence[Sample], run: Run) -> set[str]:
    """Ids of elemental solids whose element the paper's models did not learn on in that class."""
    table = run.table("crystals")
    parts = json.loads((run.trained("paper_cnn").folder / "split.json").read_text())
    learnt = {
        (r.group.partition("-")[0], r.label) for r in table.rows if parts.get(r.group) == "train"
    }
    return {
        sample.id
        for sample in samples
        if (str(sample.atoms.symbols[0]), sample.label) not in learnt
    }


def prepared(predictor: Predictor, samples: Sequence[Sample]) -> tuple[Table, list[str]]:
    """Features of all structures that can be described, and what was wrong with the others."""
    good, bad = [], []
    for sample in samples:
        try:
            good.append(predictor.prepare([sample]))
        except StructkitError as error:
            bad.append(f"{sample.id}: {error}")
    return Table.chain(good), bad


@dataclass
class Predicted:
    """What every model says of a set of structures: by origin and model, its classes and a table with probabilities."""

    results: dict[str, dict[str, tuple[tuple[str, ...], Table]]]
    failed: set[str]

    def scores(self, origin: str, model: str, ids: set[str] | None = None) -> dict[str, Any]:
        """Scores on all structures, or on some."""
        classes, table = self.results[origin][model]
        part = table.select([i for i, row in enumerate(table.rows) if ids is None or row.id in ids])
        return scores(classes, part.labels, part.stack("probabilities"), part.groups)


def predicted(folder: Path, samples: Sequence[Sample], models: Sequence[str]) -> Predicted:
    """Predictions of some models; features are made once for each descriptor."""
    found = Predicted({origin: {} for origin in ORIGINS}, set())
    for origin in ORIGINS:
        features: dict[str, Table] = {}
        for model in models:
            predictor = Predictor(folder, model, origin)
            if predictor.features_step not in features:
                features[predictor.features_step], bad = prepared(predictor, samples)
                found.failed |= set(bad)
            table = features[predictor.features_step]
            classes, p = predictor.probabilities(table)
            found.results[origin][model] = (
                classes,
                Table.of(table.rows, probabilities=np.asarray(p, float)),
            )
            print(origin, model, found.scores(origin, model)["accuracy"], flush=True)
    return found


def tables(name: str, found: Predicted, ids: set[str] | None = None) -> Iterator[str]:
    """A Markdown section: accuracies, and the recall of every class."""
    yield f"## {name}\n"
    yield "| model | " + " | ".join(ORIGINS.values()) + " | recall by class, as it is |"
    yield "|---" * (len(ORIGINS) + 2) + "|"
    for model in found.results["pristine"]:
        words = MODELS[model]
        cells = [cell(found.scores(origin, model, ids)["accuracy"]) for origin in ORIGINS]
        yield (
            f"| {words} | "
            + " | ".join(cells)
            + f" | {recalls(found.scores('pristine', model, ids))} |"
        )
    one = found.scores("pristine", "powder_cnn", ids)
    yield f"\n{one['n']} structures in {one['groups']} groups."
    if found.failed and ids is None:
        yield f"Not described: {len(found.failed)}, such as {sorted(found.failed)[0]}."
    yield ""


def cell(score: dict[str, Any]) -> str:
    """`98.8 [96, 100]`, in percent."""
    interval = score["interval"]
    return f"{100 * score['value']:.1f}" + (
        f" [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]" if interval else ""
    )


def recalls(score: dict[str, Any]) -> str:
    """`fcc 98 (143) · …`: percent and number of structures of each class."""
    facts = score["per_class"].items()
    return " · ".join(f"{name} {100 * f['recall']:.0f} ({f['n']})" for name, f in facts if f["n"])


def main() -> None:
    """Write the page."""
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    text = (HERE / "real_structures_text.md").read_text(encoding="utf-8")
    known = list(elements(data))
    solids = predicted(folder, known, list(MODELS))
    # Spglib needs minutes for some of these: primitive cells of compounds become large ones of a single element
    others = predicted(
        folder, list(compounds(data)), [model for model in MODELS if model != "spglib_loose"]
    )
    lines = [
        text,
        *tables("Elemental solids", solids),
        *tables(
            "Those of elements that the models did not learn on in that class",
            solids,
            unseen(known, Run(folder)),
        ),
        *tables(
            f"Materials Project entries, at most {PER_CLASS} of a class, all species made equal",
            others,
        ),
    ]
    (HERE / "real-structures.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
