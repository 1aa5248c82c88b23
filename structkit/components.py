"""What a plugin can declare, and what the objects behind the declarations must do.

A declaration is data. It names the code by a string, so that declaring cannot import torch by
accident.
The object behind it is any class with the right verbs: no base class to inherit, no core object
around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator

from structkit.sorted_sets import sort_sets


class Settings(BaseModel):
    """Base of every component's settings: unknown words refused, values frozen, no NaN, docstrings kept.

    The docstring under a field is its documentation everywhere (errors, schema, docs): name the
    unit there.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    @model_validator(mode="after")
    def _sort_sets(self) -> Self:
        """Give the items of sets in one order in every process."""
        for name, value in vars(self).items():
            vars(self)[name] = sort_sets(value)
        return self


class NoSettings(Settings):
    """For a component that has nothing to set."""


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
        settings: a frozen `Settings` class, whose fields are the words allowed under `with:`; or
            `"package.module:Class"`, imported when somebody uses the component, so that all others
            start faster.
        build: `"package.module:Class"`, imported when a step runs and called as
            `Class(**settings)`.
        summary: one line.
        version: raised when equal settings now give another result.
        versions: of shared code whose results the component's own depend on, such as
            `{"torch-training": 3}`; part of the key.
        references: what to cite.
        shard: tasks (of a source) or rows (of all others) that are computed and kept together.
        chance: whether random numbers are drawn; `"package.module:function"`, (settings) -> bool,
            where the settings decide. Without chance, another seed makes nothing anew.
    """

    kind: ClassVar[str]
    name: str
    build: str
    summary: str
    settings: type[Settings] | str = NoSettings
    version: int = 1
    versions: Mapping[str, int] = field(default_factory=dict, hash=False)  # a dict has no hash
    references: tuple[Reference, ...] = ()
    shard: int = 32
    chance: bool | str = True


@dataclass(frozen=True, kw_only=True)
class Source(Declaration):
    """Makes structures, task by task. The object behind it: `SourceLike`.

    Args:
        outside: optional `"package.module:function"`, (settings) -> JSON mapping: what outside the
            settings decides the result, such as digests of the files that are read. It becomes part
            of the key of the step.
        makes: `structure`, or a representation (`spectrum`, `image`, `vector`, ...), of which it
            gives `Measurement`s.
        ragged: names of the arrays of a representation whose length differs from row to row.
        reads: optional `"package.module:function"`,
            `(path: Path, settings: Settings | None, units: str) -> list[Sample]`:
            reads one file of a user for `predict`. `settings` are those of the run's own source
            step where that step uses this component, else None: strict defaults, in the run's
            `units` (`metal` or `lj`).
        places: optional `"package.module:function"`, `(path: Path) -> Iterable[Sample]`: reads the
            structures of a file one after the other for who looks at places only, so that species
            that the file does not name are no fault.
        patterns: names of files that `reads` can read, such as `*.cif`: of a folder that is given to
            `predict`, these are meant.
        checks: optional `"package.module:function"`, (settings) -> None: looks at everything that
            is read from outside, and raises a `DataError` of all that is wrong with it. `structkit
            validate` asks it.
        picture, labels: as a `Descriptor` has them.
    """

    kind: ClassVar[str] = "source"
    shard: int = 1
    outside: str | None = None
    makes: str = "structure"
    ragged: tuple[str, ...] = ()
    reads: str | None = None
    places: str | None = None
    patterns: tuple[str, ...] = ()
    checks: str | None = None
    picture: str | None = None
    labels: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transform(Declaration):
    """Turns one structure into 0…n structures. The object behind it: `TransformLike`.

    Args:
        reads: what it takes and gives: `structure`, or a representation, as `Measurement`s.
        ragged: names of the arrays of a representation whose length differs from row to row.
        picture: of a representation, as a `Descriptor` has it.
    """

    kind: ClassVar[str] = "transform"
    reads: str = "structure"
    ragged: tuple[str, ...] = ()
    picture: str | None = None


@dataclass(frozen=True, kw_only=True)
class Descriptor(Declaration):
    """Turns one structure into named arrays. The object behind it: `DescriptorLike`.

    Args:
        produces: the representation: `image`, `graph`, `vector`, or a word of the plugin's own.
        ragged: names of the arrays whose length differs from row to row.
        picture: optional `"package.module:function"` that draws one row: (arrays), or (arrays,
            settings) with the step's settings by name -> `structkit.pictures.Drawn`.
        labels: of a vector, optional `"package.module:function"` that names its numbers, with their
            units: (settings by name) -> names.
    """

    kind: ClassVar[str] = "descriptor"
    chance: bool | str = False
    produces: str
    ragged: tuple[str, ...] = ()
    picture: str | None = None
    labels: str | None = None


@dataclass(frozen=True, kw_only=True)
class Model(Declaration):
    """Learns on a table and predicts. The object behind it: `ModelLike`.

    Args:
        accepts: the representations it can learn on.
        offers: the capabilities an explainer may ask for, such as `gradients` or `attention`.
        predicts: what it says: `classes`, `numbers`, or what a plugin declared with
            `structkit_targets`.
        per: of what: `structure`, `atom`, or another that a target was declared for.
        devices: optional `"package.module:function"`, (device) -> bool: whether the model can work
            here on a device such as `cuda:1`. It is asked before a run, unless the device is `cpu`.
    """

    kind: ClassVar[str] = "model"
    accepts: tuple[str, ...]
    offers: tuple[str, ...] = ()
    predicts: str = "classes"
    per: str = "structure"
    devices: str | None = None


@dataclass(frozen=True, kw_only=True)
class Explainer(Declaration):
    """Turns a model and its inputs into arrays aligned with the input. The object behind it: `ExplainerLike`.

    Args:
        needs: the capabilities it asks of a model.
        per: of what the models that it explains speak: `structure`, `atom` or `pixel`.
        ragged: names of the arrays whose length differs from row to row.
        picture: optional `"package.module:function"` that draws one row: (arrays), or (arrays,
            settings) with the step's settings by name -> `structkit.pictures.Drawn`.
        axes: what lies along the sides of its two-dimensional maps, from left to right and downwards;
            without, they are aligned with the picture of the input.
    """

    kind: ClassVar[str] = "explainer"
    needs: tuple[str, ...] = ()
    per: str = "structure"
    ragged: tuple[str, ...] = ()
    picture: str | None = None
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Guard(Declaration):
    """Says what a prediction may promise, from rows that the model never learnt from. The object: `GuardLike`.

    Args:
        judges: the targets of the models that it can guard, such as `classes` and `numbers`.
        per: of what these models may speak: `structure`, `atom` and so on, or `both`: of rows and of
            their parts, whatever these are. A part is judged as a row; an atom as a structure of one.
        looks_at_features: whether it compares features, so that the model must offer `features`, or
            read arrays that have the same length in every row; of atoms, an item for each.
    """

    kind: ClassVar[str] = "guard"
    judges: tuple[str, ...] = ("classes",)
    per: str = "structure"
    looks_at_features: bool = False


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What can be added to structkit itself, beside components.

    Args:
        name: unique among those of its sort.
        build: `"package.module:Class"`, imported when it is needed and called without arguments.
        summary: one line.
    """

    name: str
    build: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class Kind(Extension):
    """A kind of step. The object behind it: `structkit.kinds.base.Kind`.

    Args:
        declares: the class of its declarations.
        hook: the collection hook by which plugins declare components of this kind.
        verbs: methods that the object behind a component must have.
    """

    declares: type[Declaration]
    hook: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Executor(Extension):
    """Where work is done: `structkit run FILE --executor NAME`. The object behind it: `ExecutorLike`.

    Args:
        settings: words allowed under `[executors.NAME]` of the site's `structkit.toml`; `build` is
            called with them.
    """

    settings: type[Settings] = NoSettings


@dataclass(frozen=True, kw_only=True)
class Explorer(Extension):
    """What writes a page to look around in a run: `structkit explore RUN`. The object: `ExplorerLike`."""


@dataclass(frozen=True, kw_only=True)
class Item(Extension):
    """What a row can hold. The object behind it: `structkit.data.items.base.Item`.

    `name` is what a source `makes` and a transform `reads`.
    """


@dataclass(frozen=True, kw_only=True)
class Target(Extension):
    """What is to be said of a row. The object behind it: `structkit.evaluation.target.Target`.

    Args:
        per: of what: `structure` or `atom`. `name` and `per` together are what a model `predicts`,
            and `per` what.
    """

    per: str = "structure"


@dataclass(frozen=True, kw_only=True)
class ReadyModel(Extension):
    """A trained model that is installed with its plugin: `structkit recognise FILES --model NAME`.

    The object behind it: `structkit.verbs.ReadyModelLike`.

    Args:
        versions: of the components that it was trained with, such as `{"local-environments": 1}`.
            Where another version is installed, the model is refused: its numbers would mean
            something else.
    """

    versions: Mapping[str, int] = field(default_factory=dict, hash=False)
