"""Formats without a reader of our own: by ase, where we know what its reader does."""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.formats import FORMATS, OURS, REFUSED, TYPES_ONLY, UNKNOWN, why_not
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.sniff import USUAL, form_of
from structkit_structure_files.species import mapped
from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

OCCUPANCIES = ("occupancy", "occupancies")
INDEX = {"first": "0", "last": "-1", "all": ""}


def read(path: Path, settings: ReadSettings, data: bytes | None = None) -> Iterator[Atoms]:
    """The frames of the file that the settings ask for; species as the type map says.

    Args:
        path: of the file.
        settings: which frames, and what is trusted.
        data: the file's bytes where they have been read: ase then reads a private copy of them.

    Raises:
        DataError: S004 a format that is not read, S040 partly occupied atoms, S100 the file is not
            of its format.
    """
    with _place_of(path, data) as place:
        kind = _format_of(path, place)
        _check_trusted(kind, path, place, settings)
        frames = _frames(path, place, kind, settings)
    for atoms in frames:
        _check_occupancies(atoms, str(path))
        _map_species(atoms, str(path), settings)
        yield atoms


@contextlib.contextmanager
def _place_of(path: Path, data: bytes | None) -> Iterator[Path]:
    """Where ase is to read: the file itself, or a copy of the bytes that were hashed, which nobody else changes."""
    if data is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="structkit-file-") as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(data)
        yield copy


def _format_of(path: Path, place: Path) -> str:
    """What ase takes the file for, which lies at a place and is called by its path.

    Raises:
        DataError: S004.
    """
    from ase.io.formats import UnknownFileTypeError, filetype, ioformats

    try:
        kind = str(filetype(str(place)))
    except (UnknownFileTypeError, OSError, UnicodeDecodeError):
        kind = ""
    if kind not in ioformats:
        name = f" {kind}" if kind else ""
        fix = (
            _renamed(path, place) or "rename the file, or convert it to CIF, POSCAR or extended XYZ"
        )
        raise DataError(Problem("S004", f"unknown file format{name}", str(path), fix))
    return kind


def _renamed(path: Path, place: Path) -> str:
    """The name under which a file of ours would be read; nothing where it is of no such format."""
    with place.open("rb") as stream:
        form = form_of(stream.read(20_000).decode(errors="replace").replace("\r\n", "\n"))
    ending = USUAL.get(form or "")
    return f"it looks like {form}: rename it to {path.stem}{ending}" if ending else ""


def _check_trusted(kind: str, path: Path, place: Path, settings: ReadSettings) -> None:
    """Refuse a format whose reader is not known to keep what a file says.

    Raises:
        DataError: S004.
    """
    if kind in REFUSED:
        message = f"format '{kind}' is not read: it can run code"
        raise DataError(Problem("S004", message, str(path), "convert it"))
    if kind in OURS or kind in TYPES_ONLY:
        fix = "convert it to CIF or extended XYZ, or give it the usual ending"
        fix = _renamed(path, place) or fix
        message = f"format '{kind}' is not read from a file of this name"
        raise DataError(Problem("S004", message, str(path), fix))
    if FORMATS.get(kind, UNKNOWN).trusted:
        return
    if not settings.trust_reader:
        fix = "convert it to CIF, POSCAR or extended XYZ; or set trust_reader: true"
        message = f"format '{kind}' is not read: {why_not(kind)}"
        raise DataError(Problem("S004", message, str(path), fix))
    warn(path, "S008", f"read by the '{kind}' reader of ase as you ask: {why_not(kind)}")


def _frames(path: Path, place: Path, kind: str, settings: ReadSettings) -> list[Any]:
    from ase.io import read as ase_read

    index = INDEX[settings.frames] or f":{settings.max_frames + 1}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # "run@300K.gen" is a name, not the file "run" with an index
            frames = ase_read(str(place), index=index, format=kind, do_not_split_by_at_sign=True)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        if isinstance(error, KeyError):
            cause = f"{error} is no element"
        message = f"ase cannot read this {kind} file: {cause}".replace(str(place), str(path))
        raise DataError(Problem("S100", message, str(path))) from error
    return frames if isinstance(frames, list) else [frames]


def _check_occupancies(atoms: Atoms, where: str) -> None:
    """Refuse atoms that are there in part of the crystal only, where the reader tells of them.

    Raises:
        DataError: S040.
    """
    for name in OCCUPANCIES:
        shares = atoms.arrays.get(name)
        if shares is not None and len(odd := np.flatnonzero(np.asarray(shares, float) != 1)):
            share = float(shares[odd[0]])
            message = f"atom {odd[0] + 1} ({atoms.symbols[odd[0]]} {share:g}) is disordered"
            raise DataError(Problem("S040", message, where, "convert it to CIF"))
    if "occupancy" in atoms.info:
        sites = atoms.info["occupancy"]
        if isinstance(sites, dict) and any(_is_partial(site) for site in sites.values()):
            raise DataError(Problem("S040", "partly occupied sites", where, "convert it to CIF"))


def _is_partial(site: Any) -> bool:
    return not isinstance(site, dict) or any(float(share) < 1 for share in site.values())


def _map_species(atoms: Atoms, where: str, settings: ReadSettings) -> None:
    """Species as the type map says: by the names of the file where the reader has kept them."""
    if not settings.type_map:
        return
    atoms.symbols[:] = [mapped(name, where, settings) for name in _names(atoms)]


def _names(atoms: Atoms) -> list[str]:
    """The names that the file has for its atoms, where ase keeps them; else its elements."""
    symbols = atoms.get_chemical_symbols()
    if "atomtypes" in atoms.arrays:  # GROMACS
        return [str(name) for name in atoms.arrays["atomtypes"]]
    if "dlp4_labels" in atoms.arrays:  # DL_POLY: what follows the letters that ase took
        labels = atoms.arrays["dlp4_labels"]
        return [f"{symbol}{label}" for symbol, label in zip(symbols, labels, strict=True)]
    return list(symbols)
