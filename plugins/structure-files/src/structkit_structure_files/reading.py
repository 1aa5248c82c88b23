"""Reading one structure file: guards before the parser, physics after it, nothing guessed between."""

from __future__ import annotations

import itertools
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem, Sample, Settings
from structkit_structure_files import by_ase, poscar, xdatcar, xyz
from structkit_structure_files.cells import brought_inside, right_handed
from structkit_structure_files.cif import reading as cif
from structkit_structure_files.finding import unreadable
from structkit_structure_files.frames import chosen_frames
from structkit_structure_files.lammps import data, dump
from structkit_structure_files.nearest import warn_of_lengths
from structkit_structure_files.physics import check_physics
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.sniff import SNIFFED, check_form
from structkit_structure_files.text import (
    MAX_BYTES,
    MAX_LINE,
    UNPACKED,
    bare_suffix,
    unpacked,
)
from structkit_structure_files.textfile import looked_at
from structkit_structure_files.units import set_units

if TYPE_CHECKING:
    from ase import Atoms

Reader = Callable[..., Iterator["Atoms"]]
# of the whole text, with its path, the settings and a generator
WHOLE: dict[Reader, str] = {
    cif.read: "CIF",
    poscar.read: "POSCAR",
    xdatcar.read: "XDATCAR",
    data.read: "a LAMMPS data file",
}
# of a `TextFile` and the settings, frame by frame
STREAMED: dict[Reader, str] = {xyz.read: "extended XYZ", dump.read: "a LAMMPS dump"}
# characters of a line: comments of extended XYZ hold whole tables, a POSCAR one word for each run of atoms
LONGEST: dict[Reader, int] = {xyz.read: 1_000_000, poscar.read: 1_000_000, xdatcar.read: 1_000_000}

MOST_ATOMS = 10**8  # of a frame that is read for its places: some gigabytes
TABLES = (".csv", ".json", ".jsonl", ".txt")  # data.csv is no LAMMPS file


def reader_of(path: Path, content: bytes | None = None) -> Reader | None:
    """Our own reader for a file, by its name or by how it begins; None leaves it to ase.

    Args:
        path: of the file.
        content: its bytes where they have been read.

    Raises:
        DataError: S004, a compressed file of a format that only ase reads.
    """
    if reader := _by_name(path):
        return reader
    packed = path.suffix.lower() in UNPACKED
    try:
        with unpacked(path, content) as stream:
            begins: bytes = stream.read(2000)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        begins = b""
    if begins.lstrip().startswith(b"ITEM:"):
        return dump.read
    if re.search(rb"^\s*\d+\s+atoms\s*$", begins, re.MULTILINE) and b"xlo xhi" in begins:
        return data.read
    if packed:
        raise DataError(
            Problem(
                "S004", "a compressed file of a format that is read by ase", str(path), "unpack it"
            )
        )
    return None


def _by_name(path: Path) -> Reader | None:
    name, suffix = path.name.lower(), bare_suffix(path)
    if suffix in (".cif", ".mcif"):
        return cif.read
    if suffix in (".xyz", ".extxyz"):
        return xyz.read
    if "xdatcar" in name:
        return xdatcar.read
    if (
        suffix in (".vasp", ".poscar", ".contcar")
        or name.startswith(("poscar", "contcar"))
        or "poscar" in name
    ):
        return poscar.read
    if suffix in (".lammpstrj", ".dump", ".lammpsdump") or name.startswith("dump."):
        return dump.read
    if suffix in (".data", ".lmp", ".lammps") or (
        name.startswith("data.") and suffix not in TABLES
    ):
        return data.read
    return None


def read_structures(
    path: Path,
    settings: ReadSettings,
    rng: np.random.Generator | None = None,
    name: str | None = None,
    content: bytes | None = None,
) -> list[Sample]:
    """The structures of a file, all at once; arguments and errors as of `structures_of`."""
    return list(structures_of(path, settings, rng, name, content))


def structures_of(
    path: Path,
    settings: ReadSettings,
    rng: np.random.Generator | None = None,
    name: str | None = None,
    content: bytes | None = None,
    most: int | None = MAX_BYTES,
) -> Iterator[Sample]:
    """The structures of a file, checked; one at a time is in memory.

    Args:
        path: CIF, extended XYZ, POSCAR and LAMMPS files are checked line by line; of the other
            formats those are read whose reader is known (docs/formats.md).
        settings: what to do about disorder, frames, types.
        rng: for `disorder: sample`.
        name: what the samples are called; default: the path.
        content: the file's bytes where they have been read; the disk is then not looked at.
        most: bytes, unpacked, that a trajectory may have which is read frame by frame (LAMMPS dumps
            and extended XYZ); None for any number.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    if content is None and (problem := unreadable(path)):
        raise DataError(problem)
    chosen = chosen_frames(_frames(path, settings, rng, content, most), path, settings)
    title = name or str(path)
    waiting = list(itertools.islice(chosen, 2))
    several = len(waiting) > 1
    for number in itertools.count():
        if not waiting:
            return
        frame = waiting.pop(0)
        place = f"{path} frame {number}" if several else str(path)
        _check(frame, place, path, settings)
        if number == 0:  # the other frames are in the same units
            warn_of_lengths(frame, str(path), settings)
        yield Sample(f"{title}#{number}" if several else title, frame)
        waiting.extend(itertools.islice(chosen, 0 if waiting else 1))


def _frames(
    path: Path,
    settings: ReadSettings,
    rng: np.random.Generator | None,
    content: bytes | None,
    most: int | None,
) -> Iterator[Atoms]:
    """The frames of a file, each read when it is asked for."""
    reader = reader_of(path, content)
    if reader is None:
        return by_ase.read(path, settings, content)
    longest = LONGEST.get(reader, MAX_LINE)
    if form := STREAMED.get(reader):
        file = looked_at(path, longest, content, most=most)
        check_form(file.head(SNIFFED), form, path)
        return reader(file, settings)
    text = looked_at(path, longest, content).text()
    check_form(text, WHOLE[reader], path)
    return reader(text, path, settings, rng or np.random.default_rng(0))


def _check(frame: Atoms, place: str, path: Path, settings: ReadSettings) -> None:
    """Check a structure whoever parsed it, in units and a cell that mean the same in all files."""
    set_units(frame, place, settings)
    check_physics(frame, place, settings)
    right_handed(frame, str(path))
    brought_inside(frame, str(path))
    frame.info.pop("_names", None)
    frame.calc = None
    frame.set_constraint()


def read_for_prediction(path: Path, settings: Settings | None, units: str) -> list[Sample]:
    """Read one file of a user for `predict`.

    Args:
        path: of the file.
        settings: of the step `files` of the run; None reads strictly.
        units: of the run; they count where there are no settings.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    if isinstance(settings, ReadSettings):
        return read_structures(path, settings)
    # copied, not validated: without a type map, the reader names the species that are not in it
    return read_structures(path, ReadSettings().model_copy(update={"units": units}))


def read_places(path: Path) -> Iterator[Sample]:
    """Read the structures of a file one after the other, for who looks at places only.

    A LAMMPS type that nobody names stands for the element of that number, as in ase. Frames may
    have different numbers of atoms; reduced units are read as they stand; a last frame that is cut
    short is left out, with a warning.

    LAMMPS dumps and extended XYZ may be of any size: a frame of them is in memory.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    from ase.data import chemical_symbols

    types = {str(number): chemical_symbols[number] for number in range(1, len(chemical_symbols))}
    settings = ReadSettings(
        type_map=types,
        allow_variable=True,
        on_truncated="drop_last",
        min_distance=0.0,
        max_atoms=MOST_ATOMS,
        disorder="major",
    )
    yield from structures_of(path, settings, most=None)
