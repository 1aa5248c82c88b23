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


class ExecutorLike(Protocol):
    """The object behind an `Executor`, built with its settings.

    `open(workers, modules)` gives a `concurrent.futures.Executor` as a context manager: one for the whole run.
    `modules` are what the components of the run import; a pool may import them beforehand.
    """

    def open(self, workers: int, modules: Sequence[str]) -> AbstractContextManager[futures.Executor]: ...


class SourceLike(Protocol):
    """The object behind a `Source`: `samples` gives `Sample`s, or `Measurement`s of what it makes."""

    def tasks(self) -> Sequence[Task]: ...
    def samples(self, task: Task, rng: np.random.Generator) -> Iterable[Any]: ...


class TransformLike(Protocol):
    """The object behind a `Transform`. Label and group are inherited from the parent when left out."""

    def __call__(self, sample: Any, rng: np.random.Generator) -> Iterable[Any]: ...


class DescriptorLike(Protocol):
    """The object behind a `Descriptor`: pure. May also offer `batch(list_of_atoms) -> Mapping`, used when there."""

    def __call__(self, atoms: Atoms) -> Mapping[str, NDArray[Any]]: ...


class ModelLike(Protocol):
    """The object behind a `Model`. `fit` yields one record of numbers an epoch; `predict` gives (rows, classes).

    Two more verbs are used where a model has them. `with_random_weights(seed)` gives a copy that has
    learnt nothing, every weight drawn anew; without it no explanation of the model can be tested.
    `to(device)` moves the model to a device such as `cuda:1`.
    """

    classes: tuple[str, ...]

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]: ...
    def predict(self, features: Table) -> NDArray[Any]: ...
    def save(self, folder: Path) -> None: ...
    def load(self, folder: Path) -> None: ...


class ExplainerLike(Protocol):
    """The object behind an `Explainer`: one mapping of arrays per row, in order.

    Arrays named `relevance_<method>`, with one number for each part of the input, are maps: with two more verbs,
    `strength(inputs)` and `without(inputs, deleted)`, the core tests each (see `structkit.evaluation.faithfulness`).
    """

    def explain(self, model: Any, features: Table) -> Iterator[Mapping[str, NDArray[Any]]]: ...
