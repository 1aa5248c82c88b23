"""The five kinds of component: how a plugin declares one, and what the object behind it must do.

A declaration is data. It names the code by a string, so that declaring cannot import torch by accident.
The object behind it is any class with the right verbs: no base class to inherit, no core object around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from ase import Atoms

    from structkit.table import Table


class Settings(BaseModel):
    """Base of every component's settings: unknown words refused, values frozen, no NaN, docstrings kept.

    The docstring under a field is its documentation everywhere (errors, schema, docs): name the unit there.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True, populate_by_name=True
    )


class NoSettings(Settings):
    """For a component that has nothing to set."""


@dataclass(frozen=True)
class Task:
    """A unit of a source's work that can be kept, resumed and spread: a prototype, a trajectory, a file.

    `scratch` is given by the core when the task is run: a folder for unfinished work, which survives a kill and is
    removed when the task's samples are kept. A long task writes its checkpoints there, and goes on from them.
    """

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    scratch: Path | None = None


@dataclass(frozen=True)
class Sample:
    """One structure on its way: `id` joins everything to the end, `group` names what a split never parts."""

    id: str
    atoms: Atoms
    label: str | None = None
    group: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunContext:
    """What the core hands to a model while it learns.

    `scratch` is the only folder a plugin may write to; it survives a kill, so a checkpoint goes there.
    """

    seed: int
    rng: np.random.Generator
    scratch: Path
    device: str = "cpu"
    threads: int = 1
    log: Callable[[str], None] = print


@dataclass(frozen=True)
class Reference:
    """A publication to cite when the component was used."""

    doi: str
    authors: str
    title: str
    journal: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What every kind of component says of itself.

    Args:
        name: kebab-case; what `use:` says in a pipeline file.
        settings: a frozen `Settings` class; its fields are the words allowed under `with:`.
        build: `"package.module:Class"`, imported when a step runs and called as `Class(**settings)`.
        summary: one line.
        version: raised when equal settings now give another result.
        versions: of shared code whose results the component's own depend on, such as
            `{"torch-training": 3}`; part of the key.
        references: what to cite.
        shard: tasks (of a source) or rows (of all others) that are computed and kept together.
    """

    kind: ClassVar[str]
    name: str
    build: str
    summary: str
    settings: type[Settings] = NoSettings
    version: int = 1
    versions: Mapping[str, int] = field(default_factory=dict, hash=False)  # a dict has no hash
    references: tuple[Reference, ...] = ()
    shard: int = 32


@dataclass(frozen=True, kw_only=True)
class Source(Declaration):
    """Makes structures, task by task. The object behind it: `SourceLike`.

    Args:
        outside: optional `"package.module:function"`, (settings) -> JSON mapping: what outside the settings decides the
            result, such as digests of the files that are read. It becomes part of the key of the step.
    """

    kind: ClassVar[str] = "source"
    shard: int = 1
    outside: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transform(Declaration):
    """Turns one structure into 0…n structures. The object behind it: `TransformLike`."""

    kind: ClassVar[str] = "transform"


@dataclass(frozen=True, kw_only=True)
class Descriptor(Declaration):
    """Turns one structure into named arrays. The object behind it: `DescriptorLike`.

    Args:
        produces: the representation: `image`, `graph`, `vector`, or a word of the plugin's own.
        ragged: names of the arrays whose length differs from row to row.
        picture: optional `"package.module:function"` that draws one row: (arrays) -> uint8 (height, width, 3).
    """

    kind: ClassVar[str] = "descriptor"
    produces: str
    ragged: tuple[str, ...] = ()
    picture: str | None = None


@dataclass(frozen=True, kw_only=True)
class Model(Declaration):
    """Learns on a table and predicts class probabilities. The object behind it: `ModelLike`.

    Args:
        accepts: the representations it can learn on.
        offers: the capabilities an explainer may ask for, such as `gradients` or `attention`.
        devices: optional `"package.module:function"`, (device) -> bool: whether the model can work
            here on a device such as `cuda:1`. It is asked before a run, unless the device is `cpu`.
    """

    kind: ClassVar[str] = "model"
    accepts: tuple[str, ...]
    offers: tuple[str, ...] = ()
    devices: str | None = None


@dataclass(frozen=True, kw_only=True)
class Explainer(Declaration):
    """Turns a model and its inputs into arrays aligned with the input. The object behind it: `ExplainerLike`.

    Args:
        needs: the capabilities it asks of a model.
        ragged: names of the arrays whose length differs from row to row.
        picture: optional `"package.module:function"` that draws one row: (arrays) -> uint8 (height, width, 3).
    """

    kind: ClassVar[str] = "explainer"
    needs: tuple[str, ...] = ()
    ragged: tuple[str, ...] = ()
    picture: str | None = None


KINDS: tuple[type[Declaration], ...] = (Source, Transform, Descriptor, Model, Explainer)


class SourceLike(Protocol):
    """The object behind a `Source`."""

    def tasks(self) -> Sequence[Task]: ...
    def samples(self, task: Task, rng: np.random.Generator) -> Iterable[Sample]: ...


class TransformLike(Protocol):
    """The object behind a `Transform`. Label and group are inherited from the parent when left out."""

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterable[Sample]: ...


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
    `strength(inputs)` and `without(inputs, deleted)`, the core tests each (see `structkit.faithfulness`).
    """

    def explain(self, model: Any, features: Table) -> Iterator[Mapping[str, NDArray[Any]]]: ...
