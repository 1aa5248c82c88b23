"""The study's films again: many methods, of which the families that are learnt from choose one, never those tested."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spectra_films import COLUMNS, SAMPLE, SOME, Films, cells_of, folds, inside, simulated

from structkit.evaluation.classification import scores
from structkit.library import train
from structkit.randomness import generator
from structkit_powder_spectra import SpectrumCnn

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# what `instrument` does to the training patterns, beside what the other methods have; set before any was tried
VARIANTS: dict[str, dict[str, Any]] = {
    "as above": {},
    "broad": {"texture": (0.1, 3.0), "size": (5.0, 60.0), "lattice_strain": 0.04, "microstrain": 0.008},
    "mild": {"texture": (0.6, 1.2), "lattice_strain": 0.03},
    "many axes": {
        "texture": (0.15, 1.5),
        "texture_axes": ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1),
                         (2, 1, 0), (1, 0, 2), (2, 0, 1), (2, 1, 1), (1, 1, 2), (1, 2, 1)),
    },
}  # fmt: skip
SHIFTS = range(-12, 13, 2)  # points of 0.04 degrees by which patterns are aligned
INNER = 5  # folds of families among those that are learnt from
WARMTH, FLOOR, SHRINK = 0.02, 1e-3, 0.3  # of similarities; of products; of covariances


@dataclass(frozen=True)
class Variant:
    """One sort of simulated patterns, and a network that learnt them.

    Args:
        alike: similarities (films, patterns), as they are and aligned.
        labels: places of the patterns' classes.
        network: probabilities of the films (films, classes).
        inner: its inner layer for the films, and for some patterns.
        some: places of the classes of these.
    """

    alike: tuple[Floats, Floats]
    labels: Places
    network: Floats
    inner: tuple[Floats, Floats]
    some: Places


@dataclass(frozen=True)
class Pool:
    """Everything that methods may look at; `truth` and `alike` of films that are learnt from alone."""

    classes: tuple[str, ...]
    truth: Places
    groups: NDArray[np.str_]
    alike: tuple[Floats, Floats]
    variants: Mapping[str, Variant]


Method = Callable[[Pool, Places, Places], Floats]


def pool_of(films: Films) -> Pool:
    """Simulate and train each variant."""
    spectra = _unit(films.table.stack("spectrum"))
    place = {name: number for number, name in enumerate(films.classes)}
    variants = {}
    for name, changes in VARIANTS.items():
        rows = simulated(0, {**SAMPLE, **changes})
        model = SpectrumCnn(epochs=8, batch_size=32, learning_rate=0.001, pool=4)
        train(model, rows, seed=0, tell=print)
        some = rows.select(np.sort(generator(0, "some").permutation(len(rows))[:SOME]))
        patterns = _unit(rows.stack("spectrum"))
        variants[name] = Variant(
            (_similar(spectra, patterns), _aligned(spectra, patterns)),
            np.array([place[label] for label in rows.labels]),
            np.asarray(model.predict(films.table), float),
            (inside(model, films.table), inside(model, some)),
            np.array([place[label] for label in some.labels]),
        )
        print("films, variant", name, flush=True)
    truth = np.array([place[label] for label in films.table.labels])
    alike = (_similar(spectra, spectra), _aligned(spectra, spectra))
    return Pool(films.classes, truth, np.array(films.table.groups), alike, variants)


def _unit(spectra: NDArray[Any]) -> Floats:
    values = spectra.astype(float)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-12))


def _similar(one: Floats, other: Floats) -> Floats:
    return np.asarray(one @ other.T)


def _aligned(one: Floats, other: Floats) -> Floats:
    """The cosine of the displacement at which two patterns are most alike."""
    return np.asarray(np.max([np.roll(one, shift, axis=1) @ other.T for shift in SHIFTS], axis=0))


# Methods ---------------------------------------------------------------------------------------------


def nearest(
    pool: Pool, learnt: Places, test: Places, variant: str, aligned: bool, several: int
) -> Floats:
    """By the mean similarity to the nearest patterns of each class, measured and simulated."""
    own, other = pool.alike[aligned][np.ix_(test, learnt)], pool.variants[variant]
    best = np.zeros((len(test), len(pool.classes)))
    for number in range(len(pool.classes)):
        measured = own[:, pool.truth[learnt] == number]
        made = other.alike[aligned][test][:, other.labels == number]
        best[:, number] = np.sort(np.concatenate([measured, made], axis=1))[:, -several:].mean(
            axis=1
        )
    return _shared(np.exp((best - best.max(axis=1, keepdims=True)) / WARMTH))


def network(pool: Pool, learnt: Places, test: Places, power: float) -> Floats:
    """The mean of all variants' networks, times how common each class is among what is learnt from."""
    mean = np.mean([variant.network[test] for variant in pool.variants.values()], axis=0)
    common = np.bincount(pool.truth[learnt], minlength=len(pool.classes)) + 1.0
    return _shared(mean * (common / common.sum()) ** power)


def discriminant(pool: Pool, learnt: Places, test: Places, variant: str) -> Floats:
    """A linear discriminant on a network's inner layer, simulated and measured patterns weighing the same."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    chosen = pool.variants[variant]
    films, patterns = chosen.inner
    copies = np.repeat(learnt, max(1, len(patterns) // len(learnt)))
    rows = np.concatenate([patterns, films[copies]])
    labels = np.concatenate([chosen.some, pool.truth[copies]])
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINK).fit(rows, labels)
    p = np.zeros((len(test), len(pool.classes)))
    p[:, model.classes_] = model.predict_proba(films[test])
    return p


def together(pool: Pool, learnt: Places, test: Places, methods: Sequence[Method]) -> Floats:
    """The geometric mean of what several methods say."""
    logs = [np.log(method(pool, learnt, test) + FLOOR) for method in methods]
    return _shared(np.exp(np.mean(logs, axis=0)))


def _shared(values: Floats) -> Floats:
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def methods() -> dict[str, Method]:
    """All that are tried."""
    tried: dict[str, Method] = {}
    for variant in VARIANTS:
        for aligned in (False, True):
            for several in (1, 5):
                words = f"{several} nearest{' aligned' if aligned else ''}, both, {variant}"
                tried[words] = functools.partial(
                    nearest, variant=variant, aligned=aligned, several=several
                )
        tried[f"discriminant, both, {variant}"] = functools.partial(discriminant, variant=variant)
    for power in (0.0, 0.5, 1.0):
        tried[f"networks, prior^{power:g}"] = functools.partial(network, power=power)
    for power in (0.5, 1.0):
        parts = [tried["1 nearest aligned, both, as above"], tried[f"networks, prior^{power:g}"]]
        tried[f"nearest aligned × networks, prior^{power:g}"] = functools.partial(
            together, methods=parts
        )
    return tried


# Choosing ---------------------------------------------------------------------------------------------


class Chooser:
    """Chooses by folds of families among the films that are learnt from."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.tried = pool, methods()
        self.chosen: Counter[str] = Counter()

    def __call__(self, learnt: Places, test: Places) -> Floats:
        """What the chosen method says of films."""
        worth = {name: self._worth(method, learnt) for name, method in self.tried.items()}
        best = max(worth, key=lambda name: worth[name])
        self.chosen[best] += 1
        return self.tried[best](self.pool, learnt, test)

    def _worth(self, method: Method, learnt: Places) -> float:
        """The mean of accuracy and balanced accuracy on families left out of what is learnt from."""
        names = sorted(set(self.pool.groups[learnt].tolist()))
        order = generator(0, "inner").permutation(len(names)) % INNER
        fold = dict(zip(names, order.tolist(), strict=True))
        of = np.array([fold[group] for group in self.pool.groups[learnt].tolist()])
        guesses = np.zeros(len(learnt), np.int64)
        for number in np.unique(of):
            inner, left = learnt[of != number], learnt[of == number]
            guesses[of == number] = method(self.pool, inner, left).argmax(axis=1)
        right = guesses == self.pool.truth[learnt]
        classes = self.pool.truth[learnt]
        balanced = [right[classes == number].mean() for number in np.unique(classes)]
        return float(right.mean() + np.mean(balanced)) / 2


def _scored(
    pool: Pool, films: Films, say: Callable[[Places, Places], Floats], column: str
) -> list[dict[str, Any]]:
    """Scores, once for each deal of the films."""
    found = []
    for deal in folds(films.table, column):
        p = np.zeros((len(pool.truth), len(pool.classes)))
        for test in filter(None, deal):
            p[test] = say(np.setdiff1d(np.arange(len(pool.truth)), test), np.array(test))
        found.append(scores(films.classes, films.table.labels, p, films.table.groups))
    return found


def chosen(pool: Pool, films: Films) -> Iterator[str]:
    """The row of the method that is chosen within, and what was chosen."""
    chooser = Chooser(pool)
    cells = [c for column in COLUMNS for c in cells_of(_scored(pool, films, chooser, column))]
    print("films, chosen", cells, chooser.chosen, flush=True)
    yield f"| chosen within ({len(chooser.tried)} methods) | {' | '.join(cells)} |"
    most = ", ".join(f"{name} ({count})" for name, count in chooser.chosen.most_common(4))
    yield f"\nChosen most often: {most}, of {sum(chooser.chosen.values())} choices."


def everything(pool: Pool, films: Films) -> Iterator[str]:
    """All methods by folds of families: told, and chosen by nobody."""
    yield "| method | grouped | balanced |"
    yield "|---|---|---|"
    for name, method in methods().items():
        say = functools.partial(method, pool)
        cells = cells_of(_scored(pool, films, say, "grouped"))
        print("films, tried", name, cells, flush=True)
        yield f"| {name} | {' | '.join(cells)} |"
