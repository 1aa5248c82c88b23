"""Structures with what was said of each atom as extended XYZ, written some rows at a time."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from structkit.recognised import Recognised

if TYPE_CHECKING:
    from ase import Atoms

ROWS = 20_000  # atoms whose text is in memory at once


def write_frame(stream: IO[str], atoms: Atoms, result: Recognised) -> None:
    """Write a structure with `structure`, `confidence`, `novelty`, `grain` and `perfect` of its atoms.

    Args:
        stream: of text.
        atoms: the structure.
        result: what was said of it.
    """
    info = {"id": result.name, "classes": "|".join(result.classes), "verdict": result.verdict()}
    for begin in range(0, len(atoms), ROWS):
        some = slice(begin, begin + ROWS)
        _, comment, rows = _text(atoms, result, some, info).split("\n", 2)
        if begin == 0:
            stream.write(f"{len(atoms)}\n{comment}\n")
        stream.write(rows)


def _text(atoms: Atoms, result: Recognised, some: slice, info: Mapping[str, str]) -> str:
    """Some of the atoms as a frame of their own."""
    from ase import Atoms
    from ase.io import write

    told = Atoms(
        numbers=atoms.numbers[some], positions=atoms.positions[some], cell=atoms.cell, pbc=atoms.pbc
    )
    told.info = dict(info)
    told.set_array("structure", result.structure[some].astype(int))
    told.set_array("confidence", result.confidence[some].round(4))
    told.set_array("novelty", result.novelty[some].round(4))
    told.set_array("grain", result.grain[some].astype(int))
    told.set_array("perfect", result.perfect[some].astype(int))
    text = io.StringIO()
    write(text, told, format="extxyz")
    return text.getvalue()
