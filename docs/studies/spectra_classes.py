"""The study's crystal systems and space groups: prototypes that were never seen, through three instruments."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from spectra_films import nearest

from structkit import DataError, Measurement, Row, Table
from structkit.evaluation.classification import scores
from structkit.library import train
from structkit.randomness import generator
from structkit.store.files import digest
from structkit_powder_spectra import Instrument, PowderXrd, SpectrumCnn, TidySpectrum

GRID: dict[str, Any] = {"start": 10.0, "stop": 80.0, "step": 0.05}
MOST_ATOMS, PER_PROTOTYPE = 60, 6
TEST_PART, VALID_PART = 0.3, 0.1  # of the prototypes
SYSTEMS = ((2, "triclinic"), (15, "monoclinic"), (74, "orthorhombic"), (142, "tetragonal"), (167, "trigonal"),
           (194, "hexagonal"), (230, "cubic"))  # fmt: skip
NOTHING: dict[str, Any] = {
    "zero_shift": 0.0,
    "displacement": 0.0,
    "lattice_strain": 0.0,
    "size": None,
    "microstrain": 0.0,
    "texture": None,
    "background": 0.0,
    "counts": None,
}
# how the rows of the test are seen; the second is of the ranges of the training, the third goes beyond them
SEEN: dict[str, dict[str, Any]] = {
    "clean": NOTHING,
    "noisy instrument": {},
    "shifted instrument": {
        **NOTHING,
        "zero_shift": 0.2,
        "displacement": 0.3,
        "lattice_strain": 0.02,
    },
}
TRAINED: dict[str, dict[str, Any]] = {
    "clean": {**NOTHING, "copies": 1},
    "instrument": {"copies": 8, "lattice_strain": 0.1},
}


@dataclass(frozen=True)
class Crystal:
    """A structure with its space group and its prototype."""

    id: str
    atoms: Atoms
    number: int
    prototype: str

    @property
    def system(self) -> str:
        """The crystal system."""
        return next(name for last, name in SYSTEMS if self.number <= last)


def crystals(folder: Path) -> list[Crystal]:
    """AFLOW's prototypes and entries of the Materials Project, a few of each prototype."""
    taken: dict[str, int] = {}
    found = []
    for row in sorted(_rows(folder), key=lambda row: digest(row["id"])):
        atoms = Atoms(row["species"], cell=row["lattice"], scaled_positions=row["frac"], pbc=True)
        counts = sorted(np.unique(atoms.numbers, return_counts=True)[1].tolist())
        shared = np.gcd.reduce(counts)
        prototype = (
            f"{'-'.join(str(c // shared) for c in counts)} {row['group']} {len(atoms) // shared}"
        )
        taken[prototype] = taken.get(prototype, 0) + 1
        if taken[prototype] <= PER_PROTOTYPE:
            found.append(Crystal(row["id"], atoms, row["group"], prototype))
    return found


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Structures of both sets whose space group is certain."""
    with gzip.open(folder / "aflow_prototypes_by_group.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row["sg_0.01"] == row["label"] and row["nsites"] <= MOST_ATOMS:
                yield {**row, "group": int(row["label"])}
    with gzip.open(folder / "mp20_classes.dev.csv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["sg_0.01"] == row["label"]:
                plain = {name: json.loads(row[name]) for name in ("lattice", "species", "frac")}
                yield {"id": row["id"], "group": int(row["label"]), **plain}


def patterns(found: Sequence[Crystal]) -> list[Measurement]:
    """Patterns of all crystals that have one; the group is the prototype."""
    powder = PowderXrd(**GRID)
    rows = []
    for one in found:
        try:
            rows.append(
                Measurement(
                    one.id,
                    powder(one.atoms),
                    one.system,
                    one.prototype,
                    {"number": str(one.number)},
                )
            )
        except DataError as error:
            print(one.id, error, flush=True)
    return rows


def label_of(row: Measurement, target: str) -> str:
    """The crystal system or the space group of a row."""
    return str(row.label if target == "system" else row.meta["number"])


def seen(rows: Sequence[Measurement], settings: dict[str, Any], seed: int, target: str) -> Table:
    """Rows through an instrument, tidy."""
    instrument, tidy = Instrument(**{"copies": 1, **settings}), TidySpectrum()
    made, spectra, axes = [], [], []
    for row in rows:
        rng = generator(seed, "classes", row.id)
        label = label_of(row, target)
        for number, child in enumerate(instrument(row, rng)):
            bare = next(tidy(child, rng))
            made.append(Row(f"{row.id}#{number}", label, row.group or row.id, "simulated"))
            spectra.append(bare.arrays["spectrum"])
            axes.append(bare.arrays["axis"])
    return Table.of(made, spectrum=np.stack(spectra), axis=np.stack(axes))


def split(rows: Sequence[Measurement]) -> list[list[Measurement]]:
    """Rows to learn from, to choose the epoch by, and to test: no prototype in two; the digest of its name says where."""
    parts: list[list[Measurement]] = [[], [], []]
    for row in rows:
        place = int(digest(row.group)[:8], 16) / 16**8
        part = 2 if place < TEST_PART else 1 if place < TEST_PART + VALID_PART else 0
        parts[part].append(row)
    return parts


def well_known(rows: Sequence[Measurement], fewest: int = 8) -> list[Measurement]:
    """Rows of space groups with so many prototypes."""
    prototypes: dict[str, set[str]] = {}
    for row in rows:
        prototypes.setdefault(str(row.meta["number"]), set()).add(row.group or row.id)
    return [row for row in rows if len(prototypes[str(row.meta["number"])]) >= fewest]


@dataclass(frozen=True)
class Answer:
    """What a model said of a test: its scores, and how right it is where it is surest."""

    scores: dict[str, Any]
    refused_half: float


def answer(classes: Sequence[str], p: NDArray[np.float64], test: Table) -> Answer:
    """Scores, and the accuracy of the surer half."""
    order = {name: index for index, name in enumerate(classes)}
    truth = np.array([order.get(label, -1) for label in test.labels])
    sure = np.argsort(-p.max(axis=1), kind="stable")[: len(p) // 2]
    return Answer(
        scores(classes, test.labels, p, test.groups),
        float((p.argmax(axis=1) == truth)[sure].mean()),
    )


def answers(rows: Sequence[Measurement], target: str) -> dict[tuple[str, str], Answer]:
    """Every training beside every way to see the test."""
    learnt, watched, tested = split(rows)
    tests = {name: seen(tested, settings, 1, target) for name, settings in SEEN.items()}
    found: dict[tuple[str, str], Answer] = {}
    for name, settings in TRAINED.items():
        table = seen(learnt, settings, 0, target)
        valid = seen(watched, {**settings, "copies": 1}, 2, target)
        epochs = 40 if settings["copies"] == 1 else 14
        model = SpectrumCnn(epochs=epochs, batch_size=64, learning_rate=0.001, schedule="cosine")
        train(model, table, valid, seed=0, tell=print)
        spectra = table.stack("spectrum").astype(float)
        for kind, test in tests.items():
            found[f"network, trained {name}", kind] = answer(
                model.classes, model.predict(test).astype(float), test
            )
            new = test.stack("spectrum").astype(float)
            near = nearest(spectra, table.labels, new, model.classes)
            found[f"1-NN by cosine, {name}", kind] = answer(model.classes, near, test)
        for key, value in found.items():
            print(target, key, value.scores["accuracy"], round(value.refused_half, 3), flush=True)
    return found


def table(found: dict[tuple[str, str], Answer]) -> Iterator[str]:
    """Accuracy and balanced accuracy, and the accuracy of the surer half of the answers."""
    yield "| model | seen by | accuracy | balanced | surer half |"
    yield "|---|---|---|---|---|"
    for (model, kind), value in found.items():
        sure = f"{100 * value.refused_half:.1f}" if model.startswith("network") else "–"
        cells = [_cell(value.scores[name]) for name in ("accuracy", "balanced_accuracy")]
        yield f"| {model} | {kind} | {' | '.join(cells)} | {sure} |"


def _cell(score: dict[str, Any]) -> str:
    interval = score["interval"]
    words = "" if interval is None else f" [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]"
    return f"{100 * score['value']:.1f}{words}"


def counted(rows: Sequence[Measurement]) -> str:
    """How many rows there are."""
    learnt, _, tested = split(rows)
    labels = {row.label for row in rows}
    return (
        f"{len(learnt)} crystals of {len({row.group for row in learnt})} prototypes to learn from, {len(tested)} of "
        f"{len({row.group for row in tested})} others to test, {len(labels)} crystal systems; the most frequent one of "
        f"the training is {100 * majority(learnt, tested, 'system'):.1f} % of the test."
    )


def majority(learnt: Sequence[Measurement], tested: Sequence[Measurement], target: str) -> float:
    """How much of a test has the label that is most frequent among what is learnt from."""
    labels = [label_of(row, target) for row in learnt]
    top = max(sorted(set(labels)), key=labels.count)
    return float(np.mean([label_of(row, target) == top for row in tested]))


def counted_groups(rows: Sequence[Measurement]) -> str:
    """How many space groups there are."""
    learnt, _, tested = split(rows)
    groups = {label_of(row, "group") for row in rows}
    share = 100 * majority(learnt, tested, "group")
    count = f"{len(groups)} of them, {len(rows)} crystals"
    return f"{count}; the most frequent one of the training is {share:.1f} % of the test."
