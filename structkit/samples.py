"""What flows through a run before it is a table: tasks, structures, measurements; and what a model is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit.errors import DataError, Problem

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True)
class Task:
    """A unit of a source's work that can be kept, resumed and spread: a prototype, a trajectory, a file.

    `scratch` is given by the core when the task is run: a folder for unfinished work, which
    survives a kill and is removed when the task's samples are kept. A long task writes its
    checkpoints there, and goes on from them.
    """

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    scratch: Path | None = None


@dataclass(frozen=True)
class Quantity:
    """A number that was measured or computed, with its unit as text, such as `eV/atom`."""

    value: float
    unit: str = ""


def as_atoms(structure: Any) -> Any:
    """A structure as ase has it: a `Structure` of pymatgen is taken wherever `Atoms` are.

    Raises:
        DataError: S040, sites of a pymatgen structure are partly occupied.
    """
    convert = getattr(structure, "to_ase_atoms", None)
    if convert is None:
        return structure
    if not structure.is_ordered:
        message = f"{structure.formula}: sites are partly occupied"
        raise DataError(Problem("S040", message, fix="order it, for example with pymatgen"))
    return convert(msonable=False)


@dataclass(frozen=True)
class Sample:
    """One structure on its way.

    Args:
        id: joins everything to the end.
        atoms: the structure; a `Structure` of pymatgen becomes `Atoms`.
        label: its class.
        group: what a split never parts.
        meta: what was noted of it, as JSON holds it.
        targets: numbers to be predicted, by name.
    """

    id: str
    atoms: Atoms
    label: str | None = None
    group: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, float | Quantity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "atoms", as_atoms(self.atoms))


@dataclass(frozen=True)
class Measurement:
    """One row of a representation (a spectrum, an image) that was measured or made directly, on its way.

    Args:
        id: joins everything to the end.
        arrays: by name; one is called as the representation is.
        label, group, meta, targets: as of a `Sample`.
    """

    id: str
    arrays: Mapping[str, NDArray[Any]]
    label: str | None = None
    group: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, float | Quantity] = field(default_factory=dict)


@dataclass(frozen=True)
class RunContext:
    """What the core hands to a model while it learns.

    `scratch` is the only folder a plugin may write to; it survives a kill, so a checkpoint goes
    there.
    """

    seed: int
    rng: np.random.Generator
    scratch: Path
    device: str = "cpu"
    threads: int = 1
    log: Callable[[str], None] = print
