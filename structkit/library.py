"""Components as a library: what makes a class of a plugin show its settings and fit in with others' tools.

None of this is needed by a run, and none of it is a base class: three decorators, and two
functions.
"""

from __future__ import annotations

import functools
import inspect
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from structkit.randomness import generator
from structkit.samples import RunContext, as_atoms

if TYPE_CHECKING:
    from structkit.data.table import Table
    from structkit.verbs import ModelLike

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
GIVEN = "_given_settings"  # the words that an object was made with, as they were given


def configured(
    settings: Callable[P, S],
) -> Callable[[Callable[[T, S], None]], Callable[Concatenate[T, P], None]]:
    """Decorate `__init__(self, settings)`: it is called with the words of a `Settings` class, checked.

    Its signature, for `inspect` and for editors, is that of the settings.

    >>> class Rings:
    ...     @configured(RingSettings)
    ...     def __init__(self, settings): ...
    >>> Rings(largest=8)
    """

    def decorate(init: Callable[[T, S], None]) -> Callable[Concatenate[T, P], None]:
        @functools.wraps(init)
        def with_words(self: T, /, *nothing: P.args, **words: P.kwargs) -> None:
            vars(self)[GIVEN] = dict(words)
            init(self, settings(*nothing, **words))

        of_settings = inspect.signature(settings)
        this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        words = of_settings.parameters.values()
        with_words.__signature__ = inspect.Signature([this, *words], return_annotation=None)  # type: ignore[attr-defined]
        return with_words

    return decorate


def component(cls: type[T]) -> type[T]:
    """Decorate a class whose `__init__` is `configured`: its objects say their settings, as scikit-learn's do.

    `repr` names the settings that were given; `get_params` and `set_params` are those of
    scikit-learn, so that `clone` and searches over settings work.
    """
    verbs = {"__repr__": shown, "get_params": get_params, "set_params": set_params}
    for name, verb in verbs.items():
        if name not in vars(cls):
            setattr(cls, name, verb)
    return cls


def shown(self: Any) -> str:
    """The class with the settings that are not the default ones."""
    usual = _defaults(self)
    given = {name: value for name, value in _given(self).items() if value != usual.get(name)}
    words = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return f"{type(self).__name__}({words})"


def get_params(self: Any, deep: bool = True) -> dict[str, Any]:
    """Every setting: as it was given, or its default."""
    return {**_defaults(self), **_given(self)}


def _given(self: Any) -> dict[str, Any]:
    return dict(vars(self).get(GIVEN, {}))


def _defaults(self: Any) -> dict[str, Any]:
    known = inspect.signature(type(self)).parameters.values()
    return {word.name: word.default for word in known if word.default is not word.empty}


def set_params(self: Any, **words: Any) -> Any:
    """Change settings; everything else is made anew."""
    given = {**_given(self), **words}
    vars(self).clear()
    type(self).__init__(self, **given)
    return self


def descriptor(cls: type[T]) -> type[T]:
    """Decorate a descriptor: besides what `component` gives, it is a transformer of scikit-learn.

    `transform(structures)` gives a matrix (structures, numbers); `fit` has nothing to learn.
    Wherever ase's `Atoms` are taken, a `Structure` of pymatgen is. A descriptor without `batch` gets
    one, which describes one structure after the other.
    """
    verbs = {
        "__call__": _call_of(vars(cls)["__call__"]),
        "batch": _batch_of(vars(cls).get("batch")),
        "fit": fit,
        "transform": transform,
        "fit_transform": fit_transform,
        "__sklearn_tags__": sklearn_tags,
    }
    for name, verb in verbs.items():
        setattr(cls, name, verb)
    return component(cls)


def _call_of(own: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(own)
    def call(self: Any, atoms: Any) -> Any:
        return own(self, as_atoms(atoms))

    return call


def _batch_of(own: Callable[..., Any] | None) -> Callable[..., Any]:
    if own is None:
        return one_by_one

    @functools.wraps(own)
    def batch(self: Any, structures: Iterable[Any]) -> Any:
        return own(self, [as_atoms(structure) for structure in structures])

    return batch


def one_by_one(self: Any, structures: Iterable[Any]) -> dict[str, Any]:
    """The arrays of several structures: stacked, or a list where their lengths differ."""
    rows = [self(structure) for structure in structures]
    return {name: _together([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def _together(values: Sequence[Any]) -> Any:
    arrays = [np.asarray(value) for value in values]
    return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else arrays


def fit(self: Any, structures: Any, targets: Any = None) -> Any:
    """Nothing is learnt."""
    return self


def transform(self: Any, structures: Iterable[Any]) -> NDArray[Any]:
    """Every number of every structure, (structures, numbers), array after array in the order of their names.

    Raises:
        TypeError: arrays whose length differs from structure to structure, such as graphs.
    """
    given = list(structures)
    arrays: Mapping[str, Any] = self.batch(given)
    if ragged := [name for name, value in arrays.items() if isinstance(value, list)]:
        raise TypeError(
            f"{type(self).__name__} gives '{ragged[0]}' of another length for each structure: "
            "no matrix can be made of it; call the descriptor, or its batch, for the arrays"
        )
    flat = [np.asarray(arrays[name]).reshape(len(given), -1) for name in sorted(arrays)]
    return np.concatenate(flat, axis=1)


def fit_transform(self: Any, structures: Any, targets: Any = None) -> NDArray[Any]:
    """The same as `transform`."""
    result: NDArray[Any] = self.transform(structures)
    return result


def sklearn_tags(self: Any) -> Any:
    """What scikit-learn asks of a step of a pipeline: it needs no fitting, and takes what is no array."""
    from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

    return Tags(
        estimator_type=None,
        target_tags=TargetTags(required=False),
        transformer_tags=TransformerTags(),
        input_tags=InputTags(two_d_array=False),
        requires_fit=False,
    )


def train(
    model: ModelLike,
    rows: Table,
    valid: Table | None = None,
    *,
    seed: int = 0,
    device: str = "cpu",
    threads: int = 1,
    tell: Callable[[str], None] = lambda text: None,
) -> list[dict[str, float]]:
    """Train a model; returns its learning curve, a record of numbers an epoch.

    Args:
        model: which learns.
        rows: features with labels, or with an array `target`.
        valid: more of them, to stop by; none unless given.
        seed: of every random number.
        device: of torch.
        threads: of numerical libraries that ask for their number.
        tell: is called with lines about long work.
    """
    with tempfile.TemporaryDirectory(prefix="structkit-") as scratch:
        context = RunContext(seed, generator(seed), Path(scratch), device, threads, tell)
        watched = rows.select([]) if valid is None else valid
        return [dict(record) for record in model.fit(rows, watched, context)]
