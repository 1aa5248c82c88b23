"""Reading one structure file: guards before the parser, physics after it, nothing guessed between."""

from __future__ import annotations

import lzma
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem, Sample, Settings
from structkit_structure_files import poscar, xyz
from structkit_structure_files.cif import reading as cif
from structkit_structure_files.finding import unreadable
from structkit_structure_files.lammps import data, dump
from structkit_structure_files.physics import check_physics
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import mapped
from structkit_structure_files.text import UNPACKED, bare_suffix, read_text
from structkit_structure_files.units import set_units

if TYPE_CHECKING:
    from ase import Atoms

Reader = Callable[[str, Path, ReadSettings, np.random.Generator], Iterator["Atoms"]]
# Formats of ase that unpickle, or that are no file at all, are not read.
REFUSED = ("bundletrajectory", "db", "sqlite3", "postgresql", "mysql", "dynamic-traj")
# Formats with occupancies or types that ase leaves out without a word.
LOSSY = ("proteindatabank", "lammps-dump-binary")

TABLES = (".csv", ".json", ".jsonl", ".txt")  # data.csv is no LAMMPS file


def reader_of(path: Path) -> Reader | None:
    """Our own reader for a file, by its name or by how it begins; None leaves it to ase.

    Raises:
        DataError: S004, a compressed file of a format that only ase reads.
    """
    if reader := _by_name(path):
        return reader
    packed = path.suffix.lower() in UNPACKED
    try:
        with UNPACKED.get(path.suffix.lower(), open)(path, "rb") as stream:
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
) -> list[Sample]:
    """The structures of a file, checked.

    Args:
        path: any format that ase reads; CIF, extended XYZ, POSCAR and LAMMPS dumps are checked line
            by line.
        settings: what to do about disorder, frames, types.
        rng: for `disorder: sample`.
        name: what the samples are called; default: the path.

    Raises:
        DataError: what is wrong with the file, and where in it.
    """
    if problem := unreadable(path):
        raise DataError(problem)
    reader = reader_of(path)
    rng = rng or np.random.default_rng(0)
    atoms = (
        list(reader(read_text(path), path, settings, rng)) if reader else _by_ase(path, settings)
    )
    chosen = {"all": atoms, "first": atoms[:1], "last": atoms[-1:]}[settings.frames]
    if not chosen:
        raise DataError(Problem("S010", "no structure in the file", str(path)))
    title = name or str(path)
    samples = []
    for number, frame in enumerate(chosen):
        place = f"{path} frame {number}" if len(chosen) > 1 else str(path)
        set_units(frame, place, settings)
        check_physics(frame, place, settings)
        frame.info.pop("_names", None)
        frame.calc = None
        frame.set_constraint()
        samples.append(Sample(title if len(chosen) == 1 else f"{title}#{number}", frame))
    return samples


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


def _by_ase(path: Path, settings: ReadSettings) -> list[Any]:
    """Any other format, by ase; species as the type map says."""
    found = _read_by_ase(path)
    if settings.type_map:
        for atoms in found:
            atoms.symbols[:] = [
                mapped(symbol, str(path), settings) for symbol in atoms.get_chemical_symbols()
            ]
    return found


def _read_by_ase(path: Path) -> list[Any]:
    from ase.io import read
    from ase.io.formats import UnknownFileTypeError, filetype, ioformats

    try:
        kind = filetype(str(path))
    except (UnknownFileTypeError, OSError, UnicodeDecodeError):
        kind = ""
    if kind not in ioformats:
        fix = "rename the file, or convert it to CIF, POSCAR or extended XYZ"
        raise DataError(
            Problem("S004", f"unknown file format{f' {kind}' if kind else ''}", str(path), fix)
        )
    if kind in REFUSED:
        raise DataError(
            Problem(
                "S004", f"format '{kind}' is not read: it can run code", str(path), "convert it"
            )
        )
    if kind in LOSSY or kind.startswith("lammps") or kind in ("cif", "extxyz", "xyz", "vasp"):
        fix = "convert it to CIF or extended XYZ, or give it the usual ending"
        raise DataError(
            Problem("S004", f"format '{kind}' is not read from a file of this name", str(path), fix)
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # "run@300K.gen" is a name, not the file "run" with an index
            return list(read(str(path), index=":", format=kind, do_not_split_by_at_sign=True))
    except Exception as error:
        message = f"ase cannot read this {kind} file: {type(error).__name__}: {error}"
        raise DataError(Problem("S100", message, str(path))) from error
