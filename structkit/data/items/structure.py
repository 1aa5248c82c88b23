"""Structures as rows of a table: `ase.Atoms` in, plain arrays on disk, `ase.Atoms` out."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.items.common import not_finite, own_words, row_of
from structkit.data.masks import check_unmasked
from structkit.data.npy import ARRAY_NAME
from structkit.data.rows import METAL, Row, stored_json
from structkit.data.table import Table
from structkit.samples import Sample

if TYPE_CHECKING:
    from ase import Atoms

FINITE = ("positions", "cell")  # what must be finite
RAGGED = ("numbers", "positions", "extra", "layout", "info")
KNOWN = ("numbers", "positions")
EMPTY = "[]"  # JSON of no layout, as long as that of no info
PHYSICAL = ("numbers", "positions", "cell", "pbc")  # what makes two structures equal


class StructureItem:
    """Structures, as `structkit.data.items.base.Item`."""

    sample = Sample
    ragged = RAGGED

    def __init__(self, holds: str = "structure", ragged: Sequence[str] = ()) -> None:
        self.holds = holds

    def to_row(self, sample: Sample) -> tuple[Row, dict[str, Array]]:
        """A sample as a row and its arrays."""
        return to_row(sample)

    def arrays(self, table: Table, index: int) -> Mapping[str, Array]:
        """The arrays of one row, as they lie on the disk."""
        return arrays_of(table, index)

    def to_sample(self, row: Row, arrays: Mapping[str, Array]) -> Sample:
        """A row with its arrays as a sample."""
        return _sample(row, arrays)

    def is_unchanged(self, sample: Sample, arrays: Mapping[str, Array]) -> bool:
        """Whether a structure is still what its arrays say."""
        return is_unchanged(sample.atoms, arrays)

    def own(self, sample: Sample) -> Sample:
        """The sample with a structure of its own."""
        atoms = sample.atoms.copy()
        atoms.info = copy.deepcopy(sample.atoms.info)  # ase copies the outermost mapping alone
        return replace(sample, atoms=atoms, **own_words(sample))

    def content(self, arrays: Mapping[str, Array]) -> str:
        """A digest of the atoms themselves."""
        return content(arrays)

    def fault(self, arrays: Mapping[str, Array]) -> str:
        """A structure has atoms, and finite positions and cell."""
        if len(arrays["numbers"]) == 0:
            return "gave a structure without atoms"
        return next(filter(None, (not_finite(name, arrays[name]) for name in FINITE)), "")


def to_row(sample: Sample) -> tuple[Row, dict[str, Array]]:
    """A sample as a row and its arrays.

    Positions and cell in Å, as ase has them (or reduced units: the numbers are not touched). What
    JSON can hold of `atoms.info`, and numeric per-atom arrays, are kept; calculators and
    constraints are not part of a structure.
    """
    atoms = sample.atoms
    for name, value in atoms.arrays.items():
        check_unmasked(f"'{name}' of the atoms", value)
    layout, further = _further(atoms)
    units = str(atoms.info.get("units", METAL))
    row = row_of(sample, units)
    return row, {
        "numbers": atoms.numbers.astype(np.int32),
        "positions": atoms.positions.astype(np.float64),
        "cell": np.array(atoms.cell[:], dtype=np.float64),
        "pbc": np.array(atoms.pbc, dtype=bool),
        # all further per-atom arrays of a row one after the other, so that rows may differ in which they have
        "extra": _as_bytes(further),
        "layout": _as_json(layout),
        "info": _as_json(_plain(atoms.info)),
    }


def to_sample(table: Table, index: int) -> Sample:
    """One row of a table of structures as a sample."""
    return _sample(table.rows[index], arrays_of(table, index))


def _sample(row: Row, arrays: Mapping[str, Array]) -> Sample:
    return Sample(
        row.id,
        atoms_of(arrays),
        row.label,
        row.group,
        copy.deepcopy(dict(row.meta)),
        targets=dict(row.targets),
    )


def arrays_of(table: Table, index: int) -> dict[str, Array]:
    """The arrays of one structure, as they lie on the disk."""
    return {name: table.item(name, index) for name in (*PHYSICAL, "extra", "layout", "info")}


def to_atoms(table: Table, index: int) -> Atoms:
    """The structure of one row."""
    return atoms_of(arrays_of(table, index))


def atoms_of(arrays: Mapping[str, Array]) -> Atoms:
    """A structure from its arrays, which it does not share."""
    from ase import Atoms

    atoms = Atoms(
        numbers=arrays["numbers"],
        positions=arrays["positions"],
        cell=arrays["cell"],
        pbc=arrays["pbc"],
        info=_from_json(arrays["info"]),
    )
    if len(arrays["layout"]) > len(EMPTY):
        _restore(atoms, arrays["extra"].tobytes(), _from_json(arrays["layout"]))
    return atoms


def recorded(table: Table, index: int) -> dict[str, Any]:
    """What was recorded with the structure of one row, in its `info`."""
    return dict(_from_json(table.item("info", index)))


def per_atom(table: Table, index: int, name: str) -> Array | None:
    """A further per-atom array of one row, shape (atoms, ...); None where the structure has none of that name."""
    start, count = 0, len(table.item("numbers", index))
    for known, kind, shape in _from_json(table.item("layout", index)):
        dtype, size = np.dtype(kind), count * int(np.prod(shape, dtype=int))
        if known == name:
            data = table.item("extra", index).tobytes()
            return np.frombuffer(data, dtype, size, start).reshape(count, *shape)
        start += size * dtype.itemsize
    return None


def content(arrays: Mapping[str, Array]) -> str:
    """A digest of the atoms themselves, of 32 hexadecimal digits: equal structures have equal ones."""
    total = hashlib.sha256()
    for name in PHYSICAL:
        total.update(np.ascontiguousarray(arrays[name]).data)
    return total.hexdigest()[:32]


def is_unchanged(atoms: Atoms, arrays: Mapping[str, Array]) -> bool:
    """Whether a structure that was made of arrays is still what they say, and has got nothing else.

    `info` and further per-atom arrays are compared to their depths; a constraint, a calculator, or
    anything in `info` that no row can hold was not there.
    """
    if atoms.constraints or atoms.calc is not None or np.any(atoms.get_celldisp()):
        return False
    same = np.array_equal(atoms.numbers, arrays["numbers"]) and np.array_equal(
        atoms.positions, arrays["positions"]
    )
    same = (
        same
        and np.array_equal(atoms.cell[:], arrays["cell"])
        and np.array_equal(atoms.pbc, arrays["pbc"])
    )
    return bool(same) and _same_further(atoms, arrays) and _same_info(atoms.info, arrays["info"])


def _same_further(atoms: Atoms, arrays: Mapping[str, Array]) -> bool:
    if len(atoms.arrays) == len(KNOWN) and len(arrays["layout"]) == len(EMPTY):
        return True  # the usual case: a structure of positions and nothing else
    layout, data = _further(atoms)
    if len(layout) + len(KNOWN) != len(atoms.arrays):
        return False
    return np.array_equal(_as_json(layout), arrays["layout"]) and data == arrays["extra"].tobytes()


def _same_info(info: Mapping[Any, Any], data: Array) -> bool:
    if not info:
        return len(data) == len(EMPTY)
    plain = _plain(info)
    return len(plain) == len(info) and _as_json(plain).tobytes() == data.tobytes()


def _further(atoms: Atoms) -> tuple[list[list[Any]], bytes]:
    """Per-atom arrays beside numbers and positions: name, dtype and shape of each, and their bytes."""
    further = {name: value for name, value in sorted(atoms.arrays.items()) if _keep(name, value)}
    layout = [[name, value.dtype.str, list(value.shape[1:])] for name, value in further.items()]
    return layout, b"".join(np.ascontiguousarray(value).tobytes() for value in further.values())


def _restore(atoms: Atoms, data: bytes, layout: list[list[Any]]) -> None:
    """Put the further per-atom arrays back as they were."""
    start = 0
    for name, kind, shape in layout:
        dtype = np.dtype(kind)
        count = len(atoms) * int(np.prod(shape, dtype=int))
        values = np.frombuffer(data, dtype, count, start)
        atoms.set_array(name, values.reshape(len(atoms), *shape))  # copies
        start += count * dtype.itemsize


def _keep(name: str, value: Array) -> bool:
    return name not in KNOWN and bool(ARRAY_NAME.fullmatch(name)) and value.dtype.kind in "biuf"


def _as_bytes(data: bytes) -> Array:
    return np.frombuffer(data, dtype=np.uint8)


def _as_json(value: Any) -> Array:
    return _as_bytes(json.dumps(value, allow_nan=False, sort_keys=True).encode())


def _from_json(data: Array) -> Any:
    return stored_json(data.tobytes())


def _plain(info: Mapping[Any, Any]) -> dict[str, Any]:
    """What JSON can hold of an `info`; the rest is no part of a structure."""
    kept = {}
    for name, value in info.items():
        plain = value.item() if isinstance(value, np.generic) else value
        if plain is not None and _is_json(plain):
            kept[str(name)] = plain
    return kept


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
