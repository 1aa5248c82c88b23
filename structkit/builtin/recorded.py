"""What was recorded with a structure (label, columns, `info`): rows chosen by it, and its numbers as features."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit.builtin.settings import RecordedSettings, SelectSettings
from structkit.errors import DataError, Problem
from structkit.library import component, configured, descriptor
from structkit.samples import Sample

if TYPE_CHECKING:
    from ase import Atoms


@component
class Select:
    """The structures whose recorded values are among the wanted ones; the others are left out.

    It looks at `label`, at a column, or at a value that a source or a file recorded in `info`,
    such as the temperature of a frame; numbers within rounding are the same. Nothing of a
    structure is changed, nor its id, group or label. It cannot choose by what nobody recorded: a
    structure that has no such value is refused (S118).

    Args:
        settings: the words of `SelectSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Sample
        >>> from structkit.builtin.recorded import Select
        >>> samples = [Sample("a", bulk("Cu"), label="fcc"), Sample("b", bulk("Fe"), label="bcc")]
        >>> keep, rng = Select(where={"label": ["fcc"]}), np.random.default_rng(0)
        >>> [kept.id for sample in samples for kept in keep(sample, rng)]
        ['a']
    """

    @configured(SelectSettings)
    def __init__(self, settings: SelectSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The structure itself, or nothing.

        Raises:
            DataError: S118, the structure has no such value.
        """
        known = {"label": sample.label, **sample.atoms.info, **sample.meta}
        if all(
            any(_same(_value(known, name, sample.id), wanted) for wanted in values)
            for name, values in self.settings.where.items()
        ):
            yield sample


@descriptor
class Recorded:
    """Numbers that a source or file recorded in `info`, such as an energy: a baseline that sees nothing else.

    What a model reaches on such a number alone is what the structure need not say. A glass and a
    liquid of different energies are told apart by the energy; a network that reads the structure
    has shown something only where it does better. A structure without the number is refused
    (S118).

    Args:
        settings: the words of `RecordedSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit.builtin.recorded import Recorded
        >>> copper = bulk("Cu")
        >>> copper.info["energy_per_particle"] = -3.49
        >>> Recorded(names=["energy_per_particle"])(copper)["vector"]
        array([-3.49], dtype=float32)
    """

    @configured(RecordedSettings)
    def __init__(self, settings: RecordedSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32 (names,).

        Raises:
            DataError: S118, there is no such value, or it is no number.
        """
        return {
            "vector": np.array(
                [_number(atoms.info, name) for name in self.settings.names], dtype=np.float32
            )
        }


def labels(settings: Mapping[str, Any]) -> list[str]:
    """The names of the numbers that `recorded` gives."""
    return list(settings["names"])


def _value(known: Mapping[str, Any], name: str, who: str) -> Any:
    if name not in known:
        message = (
            f"'{who}' has no recorded '{name}'; it has {', '.join(sorted(known)) or 'nothing'}"
        )
        raise DataError(Problem("S118", message, fix="name one of those"))
    return known[name]


def _number(known: Mapping[str, Any], name: str) -> float:
    value = _value(known, name, "the structure")
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.number)
        or not np.isfinite(value)
    ):
        raise DataError(
            Problem("S118", f"the recorded '{name}' is {value!r}", fix="name finite numbers")
        )
    return float(value)


def _same(value: Any, wanted: Any) -> bool:
    """Numbers are equal up to rounding; a number is never equal to a text or to true."""
    numbers = [
        isinstance(x, int | float | np.number) and not isinstance(x, bool) for x in (value, wanted)
    ]
    if all(numbers):
        return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-12)
    return not any(numbers) and type(value) is type(wanted) and bool(value == wanted)
