"""Structures as chemiscope's viewer takes them: elements, positions and cell, and no word of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.data.table import Row
from structkit.errors import SpecError
from structkit_explorer.subject import Subject

if TYPE_CHECKING:
    from ase import Atoms

MOST_ATOMS = 400_000  # of a page: about 10 MB
DIAMETER = 2.9  # Å: a particle in reduced units is drawn as large as an atom
DIGITS = 3


@dataclass(frozen=True)
class Shapes:
    """What is drawn in 3-D.

    Args:
        items: one a row, None for a row without; empty where no row has one.
        notes: what is left out.
    """

    items: Sequence[dict[str, Any] | None]
    notes: Sequence[str]


def shapes_of(subject: Subject) -> Shapes:
    """The structures of rows, as far as a page can hold them."""
    items: list[dict[str, Any] | None] = []
    atoms_left, left_out, without = MOST_ATOMS, 0, 0
    for row in subject.rows:
        atoms = _structure(subject, row)
        fits = atoms is not None and len(atoms) <= atoms_left
        shape = _shape(atoms, row.units) if atoms is not None and fits else None
        if shape is not None and subject.atom_classes:
            shape["classes"] = _classes(subject, row)
        items.append(shape)
        atoms_left -= len(atoms) if atoms is not None and fits else 0
        without += atoms is None
        left_out += atoms is not None and not fits
    if without == len(items):
        return Shapes((), ("these rows hold no structures (they are arrays): a map alone",))
    notes = [f"{without} rows hold no structure"] if without else []
    if left_out:
        notes.append(
            f"{left_out} structures are not drawn: a page holds {MOST_ATOMS:,} atoms (see --rows)"
        )
    return Shapes(items, notes)


def _classes(subject: Subject, row: Row) -> list[int]:
    """The predicted class of each atom, as its place among the classes."""
    predicted = (subject.predictions and subject.predictions.arrays(row)) or {}
    places: list[int] = np.argmax(predicted["probabilities"], axis=1).tolist()
    return places


def _structure(subject: Subject, row: Row) -> Atoms | None:
    try:
        return subject.run.structure(row)
    except SpecError:
        return None  # it was measured, or made of what was


def _shape(atoms: Atoms, units: str) -> dict[str, Any]:
    scale = DIAMETER if units == "lj" else 1.0
    x, y, z = np.round(scale * atoms.positions.T, DIGITS).tolist()
    shape = {"size": len(atoms), "names": atoms.get_chemical_symbols(), "x": x, "y": y, "z": z}
    if atoms.pbc.any() and atoms.cell.rank == 3:
        shape["cell"] = np.round(scale * np.ravel(atoms.cell.array), DIGITS).tolist()
    return shape
