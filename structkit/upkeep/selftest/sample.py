"""A plugin that is quick, and whose results are known to repeat: what the self-test runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import Descriptor, Sample, Source, Task, Transform, hookimpl

if TYPE_CHECKING:
    from ase import Atoms

STRUCTKIT_API = 1
HERE = __name__


class Boxes:
    """Atoms at random places in a cubic box."""

    def tasks(self) -> Sequence[Task]:
        """Twelve boxes."""
        return [Task(f"box-{number}", {"number": number}) for number in range(12)]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """One box of 200 atoms."""
        from ase import Atoms

        atoms = Atoms("Cu200", rng.uniform(0, 20, size=(200, 3)), cell=[20.0, 20.0, 20.0], pbc=True)
        yield Sample(task.id, atoms, "box", task.id)


class Shake:
    """Small displacements."""

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """One shaken copy."""
        atoms = sample.atoms.copy()
        atoms.positions += rng.normal(scale=0.1, size=atoms.positions.shape)
        yield Sample(sample.id, atoms)


class Places:
    """Histogram of all coordinates."""

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[Any]]:
        """`vector`: (50,)."""
        return {"vector": np.histogram(atoms.positions, 50, (-1, 21))[0].astype(float)}


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(name="selftest-boxes", build=f"{HERE}:Boxes", summary="atoms at random", shard=2)


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="selftest-shake", build=f"{HERE}:Shake", summary="small displacements", shard=3
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="selftest-places",
        produces="vector",
        build=f"{HERE}:Places",
        summary="coordinates",
        shard=3,
    )
