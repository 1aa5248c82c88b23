"""The study's films: 88 measured patterns in seven classes, recognised with and without simulated patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spectra_perovskites import perovskites

from structkit import Measurement, Row, Table
from structkit.evaluation.classification import scores
from structkit.library import train
from structkit.randomness import generator
from structkit_powder_spectra import Instrument, PowderXrd, SpectrumCnn, SpectrumFiles, TidySpectrum
from structkit_powder_spectra.source import family as named

GRID: dict[str, Any] = {"start": 10.0, "stop": 60.0, "step": 0.04}
TIDY = {"window": 3.0, "smooth": 0.06}
# thin films: strong texture, wide lines, much of the substrate's background; set before any film was predicted
SAMPLE: dict[str, Any] = {
    "copies": 40,
    "texture": (0.25, 1.5),
    "lattice_strain": 0.02,
    "size": (10.0, 80.0),
    "microstrain": 0.004,
    "zero_shift": 0.1,
    "displacement": 0.15,
    "background": 1.0,
    "counts": (60.0, 6000.0),
    "impurity": 0.5,
    "impurities": ("PbI2", "SnO2"),  # what is left of the precursor, and the substrate
}
FOLDS, REPEATS, SEEDS = 5, 5, 2
SOME = 1400  # simulated patterns beside the measured ones
FAMILIES = (
    (r"^\d+% (Sn|SnPer)", "SnPb series"),
    (r"DT perovskite", "DT series"),
    (r"\(Dark\)", "dark series"),
    (r"^\d+_2-Theta", "numbered series"),
    (r"^FAPbI3\d_MAPbBr", "FAPbI-MAPbBr series"),
    (r"^FAI_", "FAI-MABr series"),
    (r"MAPI", "MAPI"),
    (r"^MASnI3", "MASnI3"),
    (r"^FAPbI3_", "FAPbI3"),
    (r"^FAPbBr", "FAPbBr3"),
    (r"^MAPbBr3", "MAPbBr3"),
    (r"^CsAgBiBr", "Cs2AgBiBr6"),
    (r"^MASbI", "MA3Sb2I9"),
)


def family(name: str) -> str:
    """What films are alike: a series of one experiment, else the elements of the compound."""
    for pattern, words in FAMILIES:
        if re.search(pattern, name):
            return words
    elements = re.match(r"(Cs|Rb|K)3?(Sb|Bi)2?(Br|I)", name)
    if elements is None:
        raise ValueError(f"no family for {name}")
    return "-".join(elements.groups())


def films(folder: Path) -> Table:
    """The measured films, tidy; a film that is scanned over part of the range is held at its ends."""
    source = SpectrumFiles(
        path=str(folder), label="folder", file_wavelength="Cu", fill=True, accept=("gap",), **GRID
    )
    tidy = TidySpectrum(**TIDY)
    rows, spectra, axes = [], [], []
    for task in source.tasks():
        for sample in source.samples(task, np.random.default_rng(0)):
            bare = next(tidy(sample, np.random.default_rng(0)))
            name = Path(sample.id).name
            rows.append(Row(name, sample.label, f"{sample.label} {family(name)}", "films"))
            spectra.append(bare.arrays["spectrum"])
            axes.append(bare.arrays["axis"])
    return Table.of(rows, spectrum=np.stack(spectra), axis=np.stack(axes))


def simulated(seed: int, sample: Mapping[str, Any] = SAMPLE) -> Table:
    """Patterns of the crystals of the seven classes, as films show them; as many of each class."""
    powder, tidy = PowderXrd(**GRID), TidySpectrum(**TIDY)
    crystals = list(perovskites())
    most = max(sum(label == other for other, _, _ in crystals) for label, _, _ in crystals)
    rows, spectra, axes = [], [], []
    for label, group, atoms in crystals:
        alike = sum(label == other for other, _, _ in crystals)
        instrument = Instrument(**{**sample, "copies": round(sample["copies"] * most / alike)})
        rng = generator(seed, "films", label, group)
        pattern = Measurement(group, powder(atoms), label, group)
        for number, child in enumerate(instrument(pattern, rng)):
            bare = next(tidy(child, rng))
            rows.append(Row(f"{group}#{number}", label, group, "simulated"))
            spectra.append(bare.arrays["spectrum"])
            axes.append(bare.arrays["axis"])
    return Table.of(rows, spectrum=np.stack(spectra), axis=np.stack(axes))


Inner = tuple[NDArray[Any], NDArray[Any], list[str]]


@dataclass(frozen=True)
class Films:
    """The films and what networks that have seen simulated patterns alone say of them.

    Args:
        table: of the films.
        classes: of the network.
        network: probabilities (films, classes), the mean of several seeds.
        library: simulated patterns, for the nearest of them.
        inner: of each seed, what the layer before the last says of the films and of some simulated
            patterns, and the labels of these.
        model: the network of the first seed.
    """

    table: Table
    classes: tuple[str, ...]
    network: NDArray[np.float64]
    library: Table
    inner: tuple[Inner, ...]
    model: SpectrumCnn


def trained(folder: Path) -> Films:
    """Read the films, simulate, train."""
    table = films(folder)
    p: list[NDArray[Any]] = []
    inner: list[Inner] = []
    models: list[SpectrumCnn] = []
    for seed in range(SEEDS):
        rows = simulated(seed)
        model = SpectrumCnn(epochs=8, batch_size=32, learning_rate=0.001, pool=4)
        train(model, rows, seed=seed, tell=print)
        p.append(model.predict(table))
        some = rows.select(np.sort(generator(seed, "some").permutation(len(rows))[:SOME]))
        inner.append((inside(model, table), inside(model, some), some.labels))
        models.append(model)
        print("films, network", seed, flush=True)
    network = np.mean(p, axis=0)
    return Films(table, models[0].classes, network, simulated(0), tuple(inner), models[0])


def inside(model: SpectrumCnn, rows: Table) -> NDArray[Any]:
    """What the layer before the last says of rows, (rows, units)."""
    import torch

    network: Any = model.network
    with torch.no_grad():
        spectra = model.collate(rows, range(len(rows)))
        values: NDArray[Any] = network.head[:-1](network.features(spectra)).numpy()
    return values


def adapted(films: Films, learnt: Sequence[int], test: Sequence[int]) -> NDArray[np.float64]:
    """A linear model on the network's inner layer, of simulated patterns and, with as much weight, measured ones."""
    from sklearn.linear_model import LogisticRegression

    own = [films.table.labels[i] for i in learnt]
    p = np.zeros((len(test), len(films.classes)))
    for measured, library, labels in films.inner:
        scale = library.std(axis=0) + 1e-6
        rows = np.concatenate([library, measured[list(learnt)]]) / scale
        weights = np.r_[np.ones(len(library)), np.full(len(learnt), len(library) / len(learnt))]
        model = LogisticRegression(C=0.01, max_iter=300)
        model.fit(rows, [*labels, *own], sample_weight=weights)
        p += model.predict_proba(measured[list(test)] / scale) / len(films.inner)
    return p


def nearest(
    spectra: NDArray[Any], labels: Sequence[str], new: NDArray[Any], classes: Sequence[str]
) -> NDArray[np.float64]:
    """The label of the most similar pattern by cosine, as probabilities (new, classes)."""
    unit = spectra / np.maximum(np.linalg.norm(spectra, axis=1, keepdims=True), 1e-12)
    best = (new @ unit.T).argmax(axis=1)
    place = {name: index for index, name in enumerate(classes)}
    return np.eye(len(classes))[[place[labels[index]] for index in best]]


def folds(table: Table, column: str) -> Iterator[list[list[int]]]:
    """Which films are tested together: at random, by name, by family, or one family each time.

    There are several deals of all but the last.
    """
    groups = table.groups
    if column == "by name":
        groups = [f"{row.label} {named(Path(row.id))}" for row in table.rows]
    names = sorted(set(groups))
    if column == "leave-one-out":
        yield [[i for i, group in enumerate(groups) if group == name] for name in names]
        return
    for repeat in range(REPEATS):
        rng = generator(0, "folds", column, repeat)
        if column == "random":
            yield [part.tolist() for part in np.array_split(rng.permutation(len(table)), FOLDS)]
        else:
            deal = dict(zip(names, rng.permutation(len(names)) % FOLDS, strict=True))
            yield [[i for i, g in enumerate(groups) if deal[g] == fold] for fold in range(FOLDS)]


def said(films: Films, method: str, test: Sequence[int]) -> NDArray[np.float64]:
    """What a method says of some films, having learnt from the others."""
    spectra, labels = films.table.stack("spectrum").astype(float), films.table.labels
    learnt = [i for i in range(len(labels)) if i not in set(test)]
    own = [labels[i] for i in learnt]
    if method == "majority":
        top = max(sorted(set(own)), key=own.count)
        return np.eye(len(films.classes))[[films.classes.index(top)] * len(test)]
    if method == "network, simulated only":
        return films.network[list(test)]
    new = spectra[list(test)]
    measured = nearest(spectra[learnt], own, new, films.classes)
    if method == "1-NN, measured":
        return measured
    library = films.library.stack("spectrum").astype(float)
    if method == "1-NN, simulated only":
        return nearest(library, films.library.labels, new, films.classes)
    if method == "1-NN, both":
        both = np.concatenate([spectra[learnt], library])
        return nearest(both, [*own, *films.library.labels], new, films.classes)
    return adapted(films, learnt, test)  # "network, both"


METHODS = ("majority", "1-NN, measured", "1-NN, simulated only", "network, simulated only", "1-NN, both",
           "network, both")  # fmt: skip
COLUMNS = ("random", "by name", "grouped", "leave-one-out")


def scored(films: Films, method: str, column: str) -> list[dict[str, Any]]:
    """Scores of a method, once for each deal of the films."""
    found = []
    for deal in folds(films.table, column):
        p = np.zeros((len(films.table), len(films.classes)))
        for test in deal:
            if test:
                p[test] = said(films, method, test)
        found.append(scores(films.classes, films.table.labels, p, films.table.groups))
    return found


def table(films: Films) -> Iterator[str]:
    """Accuracy and balanced accuracy of every method in every column."""
    yield "| method | " + " | ".join(f"{column} | balanced" for column in COLUMNS) + " |"
    yield "|---" * (1 + 2 * len(COLUMNS)) + "|"
    for method in METHODS:
        cells = [cell for column in COLUMNS for cell in cells_of(scored(films, method, column))]
        print("films", method, cells, flush=True)
        yield f"| {method} | {' | '.join(cells)} |"


def cells_of(found: Sequence[dict[str, Any]]) -> list[str]:
    """Means over the deals, with the spread of the deals and the interval over families of the first."""
    cells = []
    for name in ("accuracy", "balanced_accuracy"):
        values = [100 * one[name]["value"] for one in found]
        interval = found[0][name]["interval"]
        text = f"{np.mean(values):.1f}"
        if len(values) > 1:
            text += f" ± {np.std(values, ddof=1):.1f}"
        if interval is not None:
            text += f" [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]"
        cells.append(text)
    return cells


def by_class(films: Films) -> Iterator[str]:
    """How many films of each class the networks that have seen simulated patterns alone are right about."""
    guessed = [films.classes[index] for index in films.network.argmax(axis=1)]
    yield "| class | films | families | right | taken for |"
    yield "|---|---|---|---|---|"
    for label in films.classes:
        own = [i for i, other in enumerate(films.table.labels) if other == label]
        families = {films.table.groups[i] for i in own}
        wrong = [guessed[i] for i in own if guessed[i] != label]
        words = ", ".join(f"{name} {wrong.count(name)}" for name in sorted(set(wrong))) or "–"
        yield f"| {label} | {len(own)} | {len(families)} | {len(own) - len(wrong)} | {words} |"
