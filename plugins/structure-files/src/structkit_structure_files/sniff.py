"""What a text looks like, whatever its file is called: messages then name the cause."""

from __future__ import annotations

import re
from pathlib import Path

from structkit import DataError, Problem

SNIFFED = 2_000_000  # characters of a text that are looked at
CIF = re.compile(r"^data_\S*[ \t]*$", re.MULTILINE | re.IGNORECASE)
CIF_TAG = re.compile(r"^[ \t]*(_cell_length_a|_cell\.length_a|_atom_site)", re.MULTILINE)
XYZ_KEY = re.compile(r"\b(Lattice|Properties)\s*=", re.IGNORECASE)
DATA = re.compile(r"^[ \t]*\d+[ \t]+atoms[ \t]*$", re.MULTILINE)
PDB = re.compile(r"^(CRYST1|ATOM  |HETATM)", re.MULTILINE)
USUAL = {
    "CIF": ".cif",
    "extended XYZ": ".xyz",
    "a LAMMPS dump": ".lammpstrj",
    "a LAMMPS data file": ".data",
    "POSCAR": ".vasp",
}


def check_form(text: str, expected: str, path: Path) -> None:
    """Refuse a text that is plainly of another format than its name says.

    Args:
        text: of the file.
        expected: the format that the name says.
        path: of the file.

    Raises:
        DataError: S007.
    """
    form = form_of(text)
    if expected == "XDATCAR" and form in ("POSCAR", None):
        return
    if form and form != expected:
        message = f"this is {form}, and its name says {expected}"
        ending = USUAL.get(form)
        fix = f"rename it to {path.stem}{ending}" if ending else "convert it to CIF"
        raise DataError(Problem("S007", message, str(path), fix))


def form_of(text: str) -> str | None:
    """The format that a text has beyond doubt, else None."""
    start = text[:20_000]
    lines = [line for line in start.split("\n")[:12] if not line.startswith("#")]
    if start.lstrip().startswith("ITEM:"):
        return "a LAMMPS dump"
    if CIF.search(start) and CIF_TAG.search(text[:SNIFFED]):
        return "CIF"
    if DATA.search(start) and "xlo xhi" in start:
        return "a LAMMPS data file"
    if len(PDB.findall(start)) > 1:
        return "PDB"
    if _is_xyz(lines):
        return "extended XYZ"
    return "POSCAR" if _is_poscar(lines) else None


def _is_xyz(lines: list[str]) -> bool:
    """A count, a comment, and a row of a name and three numbers."""
    if len(lines) < 3 or not re.fullmatch(r"\s*\d+\s*", lines[0]):
        return False
    words = lines[2].split()
    row = len(words) > 3 and not _are_numbers(words[:1]) and _are_numbers(words[1:4])
    return row or bool(XYZ_KEY.search(lines[1]))


def _is_poscar(lines: list[str]) -> bool:
    """A title, a scale, three vectors, and later a coordinate mode."""
    if len(lines) < 8 or not _are_numbers(lines[1].split()[:1]):
        return False
    if not all(_are_numbers(line.split()[:3]) and len(line.split()) > 2 for line in lines[2:5]):
        return False
    if any("configuration" in line for line in lines):  # XDATCAR, whose frames have the same head
        return False
    modes = [line.strip()[:1].lower() for line in lines[6:9]]
    return any(mode in ("d", "c", "k") for mode in modes)


def _are_numbers(words: list[str]) -> bool:
    try:
        return bool(words) and all(float(word) is not None for word in words)
    except ValueError:
        return False
