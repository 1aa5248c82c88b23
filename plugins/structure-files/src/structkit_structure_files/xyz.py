"""Extended XYZ, checked line by line; ase makes the atoms."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import mapped
from structkit_structure_files.text import atom_count, number

if TYPE_CHECKING:
    from ase import Atoms

PROPERTIES = re.compile(r"""\bProperties\s*=\s*["']?([^\s"']+)""", re.IGNORECASE)
LATTICE = re.compile(r"""\bLattice\s*=\s*["'{\[]([^"'}\]]*)["'}\]]""", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\{[^}]*\}|\[[^\]]*\]")
NINE = re.compile(
    r"""\b(lattice|cell)\s*[=:]\s*["'{\[]?\s*(?:[-+0-9.eE]+[\s,]+){8}[-+0-9.eE]+""", re.IGNORECASE
)
PBC = re.compile(r"""\bpbc\s*=\s*(?:["'{\[]([^"'}\]]*)["'}\]]|(\S+))""", re.IGNORECASE)


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """Every frame of the file.

    Raises:
        DataError: with the line: S100 rows missing, S102 columns, S013/S103/S104 numbers, S030
            elements, S012 lattice.
    """
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    start = 0
    while start < len(lines):
        count = atom_count(lines[start].strip(), f"{path}:{start + 1}", settings.max_atoms)
        end = start + 2 + count
        if end > len(lines):
            message = f"{count} atoms announced, {max(len(lines) - start - 2, 0)} rows follow"
            raise DataError(
                Problem("S100", message, f"{path}:{start + 1}", "mend the count or the rows")
            )
        frame = _check_frame(lines[start:end], f"{path}", start + 1, settings)
        yield _parse("\n".join(frame) + "\n", f"{path}:{start + 1}")
        start = end


def _check_frame(lines: list[str], path: str, first: int, settings: ReadSettings) -> list[str]:
    """The lines of a frame, with species as the type map says."""
    comment, where = lines[1], f"{path}:{first + 1}"
    _check_keys(comment, where)
    columns = _columns(comment, where)
    _check_lattice(comment, where)
    rows = []
    for offset, line in enumerate(lines[2:], 2):
        words = line.split()
        _check_row(words, columns, f"{path}:{first + offset}", settings)
        rows.append(" ".join(words) if settings.type_map else line)
    return [*lines[:2], *rows]


def _check_keys(comment: str, where: str) -> None:
    """Keys that a parser passes over in silence: misspelt ones, and all but the last of two."""
    bare = QUOTED.sub('""', comment)
    for code, key in (("S106", "Lattice"), ("S107", "pbc"), ("S105", "Properties")):
        if len(re.findall(rf"\b{key}\s*=", bare)) > 1:
            raise DataError(Problem(code, f"{key} is given twice", where, "give it once"))
    if (odd := NINE.search(comment)) and not re.match(r"Lattice\s*=", odd.group(0)):
        raise DataError(
            Problem("S106", f"'{odd.group(1)}' is no key of a cell", where, 'write Lattice="..."')
        )
    for key in ("pbc", "Properties"):
        if odd := re.search(rf"\b(?!{key}\b)((?i:{key}))\s*=", bare):
            raise DataError(Problem("S105", f"'{odd.group(1)}' is no key", where, f"write {key}="))


def _columns(comment: str, where: str) -> list[tuple[str, str]]:
    """Name and kind (S, R, I, L) of every column."""
    match = PROPERTIES.search(comment)
    if not match:
        return [("species", "S"), *[("pos", "R")] * 3]
    fields = match.group(1).split(":")
    triples = list(zip(fields[::3], fields[1::3], fields[2::3], strict=False))
    sound = len(fields) % 3 == 0 and all(
        k in "SRIL" and len(k) == 1 and n.isdigit() and 0 < int(n) < 100 for _, k, n in triples
    )
    if not sound:
        fix = "write name:kind:columns triples such as species:S:1:pos:R:3"
        raise DataError(
            Problem("S105", f"Properties '{match.group(1)[:60]}' cannot be read", where, fix)
        )
    names = [name for name, _, _ in triples]
    if "pos" not in names or not {"species", "Z", "numbers"} & set(names):
        raise DataError(
            Problem(
                "S105", f"Properties name {', '.join(names)}: pos and species are needed", where
            )
        )
    wanted = {"pos": ("R", "3"), "species": ("S", "1"), "Z": ("I", "1"), "numbers": ("I", "1")}
    if wrong := [":".join(t) for t in triples if t[0] in wanted and t[1:] != wanted[t[0]]]:
        name = wrong[0].partition(":")[0]
        raise DataError(
            Problem("S105", f"column {wrong[0]}", where, f"write {name}:{':'.join(wanted[name])}")
        )
    if len(said := [name for name in names if name in ("species", "Z", "numbers")]) > 1:
        raise DataError(
            Problem(
                "S105", f"columns {' and '.join(said)} both name the elements", where, "keep one"
            )
        )
    return [(name, kind) for name, kind, n in triples for _ in range(int(n))]


def _check_row(
    words: list[str], columns: list[tuple[str, str]], where: str, settings: ReadSettings
) -> None:
    if len(words) != len(columns):
        message = f"{len(words)} columns, Properties needs {len(columns)}"
        raise DataError(Problem("S102", f"line {where.rpartition(':')[2]}: {message}", where))
    for place, (word, (name, kind)) in enumerate(zip(words, columns, strict=True)):
        if (
            kind in "RI"
            and number(word, where, name) != 1
            and name.lower() in ("occupancy", "occ", "occupancies")
        ):
            raise DataError(
                Problem(
                    "S040", f"{name} {word}: disordered", where, "extended XYZ holds whole atoms"
                )
            )
        if name == "species":
            words[place] = mapped(word, where, settings)


def _check_lattice(comment: str, where: str) -> None:
    match = LATTICE.search(comment)
    if match:
        values = [number(word, where, "Lattice") for word in match.group(1).split()]
        if len(values) != 9:
            fix = "write the nine numbers of three vectors"
            raise DataError(Problem("S106", f"Lattice has {len(values)} numbers", where, fix))
    if pbc := PBC.search(comment):
        words = (pbc.group(1) or pbc.group(2)).replace(",", " ").split()
        if len(words) not in (1, 3) or any(
            w.lower() not in ("t", "f", "true", "false", "1", "0") for w in words
        ):
            raise DataError(
                Problem(
                    "S107", f"pbc '{' '.join(words)[:40]}' is unknown", where, 'write pbc="T T T"'
                )
            )


def _parse(frame: str, where: str) -> Atoms:
    from ase.io.extxyz import read_xyz

    try:
        atoms: Any = next(iter(read_xyz(io.StringIO(frame), 0)))
    except Exception as error:
        raise DataError(
            Problem("S100", f"not extended XYZ: {type(error).__name__}: {error}", where)
        ) from error
    if (
        atoms.calc is not None and "energy" in atoms.calc.results
    ):  # ase takes it out of what the file records
        atoms.info.setdefault("energy", float(atoms.calc.results["energy"]))
    return atoms
