"""What the objects behind declarations must do: any class with the right verbs, no base class to inherit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.samples import RunContext, Task

if TYPE_CHECKING:
    from pathlib import Path

    from ase import Atoms

    from structkit.data.table import Table
    from structkit.evidence import Evidence
    from structkit.recognised import Recognised
    from structkit.run import Run


class ExecutorLike(Protocol):
    """The object behind an `Executor`, built with its settings.

    `open(workers, modules)` gives a `concurrent.futures.Executor` as a context manager: one for the
    whole run. `modules` are what the components of the run import; a pool may import them
    beforehand.
    """

    def open(
        self, workers: int, modules: Sequence[str]
    ) -> AbstractContextManager[futures.Executor]:
        """Start for the length of a block; `workers` and `modules` as above."""


class ExplorerLike(Protocol):
    """The object behind an `Explorer`, built without arguments."""

    def write(
        self, run: Run, path: Path, rows: int, model: str | None = None, method: str = "pca"
    ) -> Sequence[str]:
        """Write a page to look around in a run.

        Args:
            run: finished, to read only.
            path: of the file.
            rows: how many at most.
            model: the model step whose predictions are shown; the first unless given.
            method: of the map of the features: `pca`, `umap`.

        Returns:
            Sentences for the terminal: what the page shows and leaves out.

        Raises:
            SpecError: R006, no such model, or nothing to be shown; P015, a method that is not
                installed.
        """


class SourceLike(Protocol):
    """The object behind a `Source`: `samples` gives `Sample`s, or `Measurement`s of what it makes.

    One more verb is used where a source has it: `together(table)`, asked once when all rows are
    there, says what depends on all of them, as a mapping of `group` or `label` to a word a row.

    A source that declares `outside` may offer `reading(outside)`: the same source, which reads the
    very bytes whose digests `outside` said, or refuses (`DataError`). Without it, `outside` is
    asked again before every piece is kept; with it, once before the result is.
    """

    def tasks(self) -> Sequence[Task]:
        """What can be done, kept and resumed on its own; the same every time."""

    def samples(self, task: Task, rng: np.random.Generator) -> Iterable[Any]:
        """The samples of one task; `rng` is that of the task."""


class TransformLike(Protocol):
    """The object behind a `Transform`. Label and group are inherited from the parent when left out."""

    def __call__(self, sample: Any, rng: np.random.Generator) -> Iterable[Any]:
        """What is made of a sample; the sample itself stays as it is."""


class DescriptorLike(Protocol):
    """The object behind a `Descriptor`: pure. May also offer `batch(list_of_atoms) -> Mapping`, used when there."""

    def __call__(self, atoms: Atoms) -> Mapping[str, NDArray[Any]]:
        """Named arrays of one structure; the structure stays as it is."""


class ModelLike(Protocol):
    """The object behind a `Model`. `fit` yields one record of numbers an epoch; `predict` gives (rows, classes).

    More verbs are used where a model has them. `with_random_weights(seed)` gives a copy that
    has learnt nothing, every weight drawn anew; without it no explanation of the model can be
    tested. `to(device)` moves the model to a device such as `cuda:1`. `features(table)` says where
    the model sees rows, (rows, features), which guards compare, and `predict_with_features(table)`
    both, as a pair, in one pass; of a model of parts, such as pixels, `features` are an array (parts,
    numbers) for each row. `of_parts(table)` gives probabilities (parts, classes) of the parts of each
    row where `predict` gives something else; explanations of single parts are tested by it.
    """

    classes: tuple[str, ...]

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Learn; yields one record of numbers an epoch, among them `epoch` and `train_loss`."""

    def predict(self, features: Table) -> NDArray[Any]:
        """What is said of every row: for classes, probabilities of shape (rows, classes) in the order of `classes`."""

    def save(self, folder: Path) -> None:
        """Write everything that `load` needs into a folder; no pickle."""

    def load(self, folder: Path) -> None:
        """Read what `save` wrote; the model then predicts as it did."""


class ExplainerLike(Protocol):
    """The object behind an `Explainer`: one mapping of arrays per row, in order.

    Arrays named `relevance_<method>`, with one number for each part of the input, are maps: with
    two more verbs, `strength(inputs)` and `without(inputs, deleted)`, the core tests each (see
    `structkit.evaluation.faithfulness`).

    One that is declared `per="atom"` explains the atoms that `explained` of each row names, and
    finds their structure in `structure_positions` and so on: its maps are (explained atoms, parts
    …), and the two verbs are told the `atom` last; with `per="pixel"` they are pixels, counted row
    by row, and the parts are the image (see
    `structkit.evaluation.faithfulness_of_parts`).
    """

    def explain(self, model: Any, features: Table) -> Iterator[Mapping[str, NDArray[Any]]]:
        """Arrays aligned with the input of each row, in order."""


class GuardLike(Protocol):
    """The object behind a `Guard`. It learns from rows that its model never saw, and judges others.

    A row is a structure, or, of a model of atoms, an atom as a structure of one, in its structure's group;
    of a model of other parts, such as pixels, a part without arrays, where the model saw it beside it.
    What is judged are arrays by name, one item a row. Those that `structkit.evaluation.verdict` names
    have a meaning for everybody; a guard may give others beside them.
    """

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Learn what the model may promise.

        Args:
            model: as it was trained.
            learnt: the rows that it learnt from.
            calibration: rows of groups that it never saw, whose truth is known.
            context: seed, threads, and a folder for unfinished work.
        """

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """What is to be thought of each row; the truth of `rows` is not to be looked at."""

    def save(self, folder: Path) -> None:
        """Write everything that `load` needs into a folder; no pickle."""

    def load(self, folder: Path) -> None:
        """Read what `save` wrote; the guard then judges as it did."""


class ReadyModelLike(Protocol):
    """The object behind a `ReadyModel`, built without arguments; it reads its weights when it is built."""

    def recognise(self, atoms: Atoms, name: str) -> Recognised:
        """What every atom of a structure is; the structure stays as it is."""

    def card(self) -> str:
        """What the model was trained on, its scores, and what it cannot do, as Markdown."""
