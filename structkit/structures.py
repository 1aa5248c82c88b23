"""Structures as tables: `ase.Atoms` in, plain arrays on disk, `ase.Atoms` out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.components import Sample
from structkit.table import ARRAY_NAME, Array, Row, Table

if TYPE_CHECKING:
    from ase import Atoms

RAGGED = ("numbers", "positions", "extra")
KNOWN = ("numbers", "positions")


def to_row(sample: Sample) -> tuple[Row, dict[str, Array]]:
    """A sample as an identity row and arrays.

    Positions and cell in Å, as ase has them (or reduced units: the numbers are not touched). Scalars in
    `atoms.info` and numeric per-atom arrays are kept; calculators and constraints are not part of a structure.
    """
    atoms = sample.atoms
    extra = {name: value for name, value in sorted(atoms.arrays.items()) if _keep(name, value)}
    columns = [np.asarray(value, dtype=np.float64).reshape(len(atoms), -1) for value in extra.values()]
    meta = dict(sample.meta)
    if extra:
        meta["_arrays"] = {name: [value.dtype.str, list(value.shape[1:])] for name, value in extra.items()}
    if info := {name: value for name, value in map(_plain, atoms.info.items()) if value is not None}:
        meta["_info"] = info
    row = Row(sample.id, sample.label, sample.group or sample.id, meta=meta)
    return row, {
        "numbers": atoms.numbers.astype(np.int32),
        "positions": atoms.positions.astype(np.float64),
        "cell": np.asarray(atoms.cell[:], dtype=np.float64),
        "pbc": np.asarray(atoms.pbc, dtype=bool),
        # all further per-atom arrays of a row side by side, so that rows may differ in which they have
        "extra": np.hstack(columns).ravel() if columns else np.zeros(0),
    }


def to_sample(table: Table, index: int) -> Sample:
    """One row of a structures table as a sample."""
    from ase import Atoms

    row = table.rows[index]
    part = {name: np.array(table.item(name, index)) for name in ("numbers", "positions", "cell", "pbc", "extra")}
    meta = dict(row.meta)
    extra, info = meta.pop("_arrays", {}), meta.pop("_info", {})
    atoms = Atoms(part["numbers"], part["positions"], cell=part["cell"], pbc=part["pbc"], info=info)
    _restore(atoms, part["extra"], extra)
    return Sample(row.id, atoms, row.label, row.group, meta)


def _restore(atoms: Atoms, flat: Array, layout: dict[str, Any]) -> None:
    """Put the further per-atom arrays back as they were."""
    widths = [int(np.prod(shape, dtype=int)) for _, shape in layout.values()]
    block = flat.reshape(len(atoms), sum(widths)) if layout else flat
    start = 0
    for (name, (dtype, shape)), width in zip(layout.items(), widths, strict=True):
        values = block[:, start : start + width].reshape(len(atoms), *shape)
        atoms.set_array(name, values.astype(np.dtype(dtype)))
        start += width


def _keep(name: str, value: Array) -> bool:
    return name not in KNOWN and bool(ARRAY_NAME.fullmatch(name)) and value.dtype.kind in "biuf"


def _plain(item: tuple[Any, Any]) -> tuple[str, Any]:
    """An info entry as JSON can hold it, or None as its value."""
    name, value = item
    if isinstance(value, np.generic):
        value = value.item()
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        value = None
    return str(name), value
