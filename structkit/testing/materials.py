"""What the suites try components on: structures that break naive code, and images with planted evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Row, Table
from structkit.samples import Sample

if TYPE_CHECKING:
    from ase import Atoms

PLANTED = {"left": slice(3, 7), "right": slice(9, 13)}  # columns of the bright patch of each class
PATCH_ROWS = slice(6, 10)


def hard_structures() -> dict[str, Atoms]:
    """One atom in its cell, a skewed cell, two species, a cluster, a displaced supercell, a lone atom."""
    from ase import Atoms
    from ase.build import bulk

    rng = np.random.default_rng(5)
    rattled = bulk("Cu", cubic=True).repeat(2)
    rattled.positions += rng.normal(scale=0.05, size=rattled.positions.shape)
    return {
        "one atom": bulk("Cu"),
        "skewed cell": Atoms("Fe2", cell=[[2.5, 0, 0], [1.9, 2.4, 0], [-1.1, 0.7, 3.1]], pbc=True,
                             scaled_positions=[[0.1, 0.2, 0.3], [0.6, 0.7, 0.8]]),
        "two species": bulk("NaCl", "rocksalt", a=5.64, cubic=True),
        "no cell": Atoms("H2OAr", [[0, 0, 0], [0, 1.5, 0], [1, 0.6, 0.2], [3.1, 3.3, 3.7]]),
        "displaced supercell": rattled,
        "lone atom": Atoms("Cu", positions=[[0.2, 0.1, 0.3]]),
    }  # fmt: skip


def hard_samples(*names: str) -> list[Sample]:
    """`hard_structures` as samples; with names, only those."""
    return [
        Sample(name, atoms, "label", f"group of {name}")
        for name, atoms in hard_structures().items()
        if not names or name in names
    ]


def planted_images(rows: int = 16, size: int = 16, seed: int = 0) -> Table:
    """Noisy images (3, size, size) of two classes that differ in where a bright patch lies.

    Row i has label `left` or `right`; the patch is at rows 6–9 and columns 3–6 or 9–12.
    """
    rng = np.random.default_rng(seed)
    images = rng.uniform(0, 0.2, size=(rows, 3, size, size)).astype(np.float32)
    labels = [("left", "right")[i % 2] for i in range(rows)]
    for image, label in zip(images, labels, strict=True):
        image[:, PATCH_ROWS, PLANTED[label]] += 0.8
    return Table.of(
        [Row(f"row-{i}", label, f"group-{i}", "planted") for i, label in enumerate(labels)],
        image=images,
    )


def planted_numbers(rows: int = 16, features: int = 6, seed: int = 0) -> Table:
    """Vectors (features,) whose `target` is 3 plus twice the first entry minus the second, without noise."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, features))
    targets = 3 + 2 * vectors[:, 0] - vectors[:, 1]
    named = [Row(f"row-{i}", None, f"group-{i}", "planted") for i in range(rows)]
    return Table.of(named, vector=vectors, target=targets)


def evidence(label: str, size: int = 16) -> NDArray[np.bool_]:
    """Where the evidence of a planted image is, (size, size), with a border of two pixels."""
    mask = np.zeros((size, size), dtype=bool)
    columns = PLANTED[label]
    mask[PATCH_ROWS.start - 2 : PATCH_ROWS.stop + 2, columns.start - 2 : columns.stop + 2] = True
    return mask


def same_arrays(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two mappings of arrays are equal to the last bit; a NaN equals a NaN, which is another test's concern."""
    return first.keys() == second.keys() and all(_same(first[name], second[name]) for name in first)


def _same(first: Any, second: Any) -> bool:
    numbers = np.asarray(first).dtype.kind == "f" and np.asarray(second).dtype.kind == "f"
    return bool(np.array_equal(first, second, equal_nan=numbers))
