"""Which files a source reads: by folder, glob or manifest; each with its label, its group and its digest."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structkit import DataError, Problem
from structkit.errors import IntegrityError
from structkit.store.files import read_sealed
from structkit_structure_files.manifest import rows, word
from structkit_structure_files.settings import FilesSettings
from structkit_structure_files.targets import targets_of_row
from structkit_structure_files.text import MAX_BYTES, bare_suffix, warn
from structkit_structure_files.textfile import too_large

TEXTS = (
    ".cif",
    ".mcif",
    ".xyz",
    ".extxyz",
    ".vasp",
    ".poscar",
    ".lammpstrj",
    ".dump",
    ".data",
    ".csv",
    ".jsonl",
)
SKIPPED = (
    ".csv",
    ".jsonl",
    ".json",
    ".md",
    ".txt",
    ".yaml",
    ".yml",
    ".py",
    ".html",
    ".png",
    ".svg",
)


@dataclass(frozen=True)
class Found:
    """One file to read, and what is known of it before: label, group, numbers to be predicted with their units."""

    path: Path
    label: str | None = None
    group: str | None = None
    targets: Mapping[str, tuple[float, str]] = field(default_factory=dict)


def find(settings: FilesSettings, skipped: Sequence[str] = SKIPPED) -> list[Found]:
    """The files of the settings, sorted by name.

    Args:
        settings: where they are, and where their labels come from.
        skipped: endings of files that are none of them, in a folder that is read whole.

    Raises:
        DataError: D004 a manifest and the files disagree, D020 nothing matches, D030 a file cannot
            be read.
    """
    if (settings.path is None) == (settings.manifest is None):
        raise DataError(
            Problem("D024", "files needs either 'path' or 'manifest'", fix="give one of them")
        )
    if settings.label == "manifest" and settings.manifest is None:
        raise DataError(
            Problem("D024", "label: manifest needs 'manifest'", fix="name the CSV or JSONL file")
        )
    read = _from_manifest if settings.manifest else _from_path
    files = read(settings, skipped)
    problems = [problem for item in files if (problem := _unusable(item.path))]
    if problems:
        raise DataError(*problems)
    return files


def _unusable(path: Path) -> Problem | None:
    """Why a file cannot be one of a run, which holds the bytes that it has hashed."""
    problem = unreadable(path)
    if problem is None and path.stat().st_size > MAX_BYTES and bare_suffix(path) in TEXTS:
        return too_large(path)
    return problem


def unreadable(path: Path) -> Problem | None:
    """Why a path cannot be read as a file, if so. A FIFO or a device is never opened."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        reason = (
            "dangling symbolic link"
            if path.is_symlink()
            else (error.strerror or "unreadable").lower()
        )
        return Problem("D030", f"cannot read {path}: {reason}")
    if any("\udc80" <= c <= "\udcff" for c in str(path)):
        return Problem("D030", f"cannot read {path}: its name is not UTF-8", fix="rename it")
    if not stat.S_ISREG(mode):
        return Problem("D030", f"cannot read {path}: not a regular file")
    if not os.access(path, os.R_OK):
        return Problem("D030", f"cannot read {path}: permission denied")
    return None


def _from_path(settings: FilesSettings, skipped: Sequence[str]) -> list[Found]:
    pattern = str(settings.path)
    root = Path(pattern)
    if root.is_dir():
        paths = sorted(_below(root, skipped))
        if not paths:
            raise DataError(
                Problem("D020", f"folder {root} holds no files to read", fix="mend 'path'")
            )
    else:
        found = sorted(_matching(pattern))
        matches = found or ([pattern] if os.path.lexists(pattern) else [])
        looked_into = {Path(pattern.partition("*")[0]).parent, *map(Path, matches)}
        for folder in sorted(looked_into | set(_searched(pattern))):
            _check_folder(folder)
        named = len(Path(pattern.partition("*")[0]).parent.parts)  # folders that the user wrote out
        paths = [
            Path(p)
            for p in matches
            if not Path(p).is_dir() and not _is_hidden(Path(p).parent.parts[named:])
        ]
    if not paths:
        message = f"no file matches {pattern} (working directory {Path.cwd()})"
        raise DataError(
            Problem("D020", message, fix="mend 'path', or run from the folder it is relative to")
        )
    by_folder = settings.label == "folder"
    return _once([Found(p, _folder_label(p) if by_folder else None) for p in paths], pattern)


def _folder_label(path: Path) -> str | None:
    """The name of the folder that a file is in, as a label."""
    return word(path.absolute().parent.name, str(path))


def _searched(pattern: str) -> Iterator[Path]:
    """The folders in which a pattern looks for names: `glob` passes over those that it may not read."""
    for above in Path(pattern.partition("**")[0] + "*").parents:
        if glob.has_magic(str(above)):
            yield from (Path(folder) for folder in glob.glob(str(above)) if Path(folder).is_dir())  # noqa: PTH207


def _matching(pattern: str) -> Iterator[str]:
    """What a pattern matches; `**` is folders within folders, of which none is left out and no link is followed."""
    if "**" not in pattern:
        yield from glob.glob(pattern)  # noqa: PTH207  (patterns may be absolute)
        return
    before, _, after = pattern.partition("**")
    tail = after.lstrip("/")
    for base in glob.glob(before) if before else ["."]:  # noqa: PTH207
        for folder, _ in _walked(Path(base)):
            inside = Path(glob.escape(str(folder)), tail)
            yield from map(os.path.normpath, _matching(str(inside)) if tail else ())


def _below(root: Path, skipped: Sequence[str]) -> Iterator[Path]:
    """Files to read of a folder and the folders in it; hidden folders, run folders and tables are left out."""
    for folder, names in _walked(root):
        yield from (folder / name for name in names if _is_read(Path(name), skipped))


def _walked(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders below a folder and the files in each; one that cannot be read, or is a link, is an error.

    Raises:
        DataError: D030.
    """

    def refuse(error: OSError) -> None:
        reason = (error.strerror or "unreadable").lower()
        raise DataError(Problem("D030", f"cannot read {error.filename}: {reason}"))

    for folder, inner, names in os.walk(root, onerror=refuse):
        inner[:] = sorted(
            d for d in inner if not d.startswith(".") and not _is_run(Path(folder) / d)
        )
        if links := [Path(folder) / d for d in inner if (Path(folder) / d).is_symlink()]:
            message = f"{links[0]} is a symbolic link to a folder, which is not followed"
            raise DataError(
                Problem(
                    "D030",
                    message,
                    fix="name its target in 'path', or list the files in a manifest",
                )
            )
        yield Path(folder), sorted(names)


def _is_run(folder: Path) -> bool:
    """Whether a folder is a run folder of ours."""
    try:
        return "resolved" in read_sealed(folder / "run.json")
    except IntegrityError:
        return False


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        raise DataError(Problem("D030", f"cannot read {folder}: permission denied"))


def _is_hidden(folders: Sequence[str]) -> bool:
    """Whether a path goes through a hidden folder (such as the store)."""
    return any(part.startswith(".") and part not in (".", "..") for part in folders)


def _is_read(path: Path, skipped: Sequence[str]) -> bool:
    """In a folder that is read whole, notes and tables beside the files are none of them."""
    return path.suffix.lower() not in skipped and not path.name.startswith(".")


def _from_manifest(settings: FilesSettings, skipped: Sequence[str]) -> list[Found]:
    path = Path(str(settings.manifest))
    if problem := unreadable(path):
        raise DataError(problem)
    files: list[Found] = []
    problems: list[Problem] = []
    for line, row in rows(path, settings.label == "manifest"):
        try:
            files.append(_named(row, path, f"{path}:{line}", settings.label))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(*problems)
    if not files:
        raise DataError(Problem("D020", "the manifest names no file", str(path)))
    _tell_of_others(files, path, skipped)
    return _once(files, str(path))


def _named(row: dict[str, Any], manifest: Path, where: str, source: str) -> Found:
    """The file that a row names.

    Raises:
        DataError: D004, no path, label or file; D005, a label that is no word.
    """
    name = row.get("path")
    if not isinstance(name, str) or not name:
        raise DataError(
            Problem("D004", "no 'path' in this row", where, "columns: path, label, group")
        )
    label, group = word(row.get("label"), where), word(row.get("group"), where)
    if source == "manifest" and label is None:
        raise DataError(Problem("D004", f"no label for {name}", where, "fill in 'label'"))
    target = manifest.parent / name
    if not os.path.lexists(target):
        raise DataError(
            Problem("D004", f"no file {name}", where, "paths are relative to the manifest")
        )
    known = {"manifest": label, "folder": _folder_label(target)}.get(source)
    return Found(target, known, group, targets_of_row(row, where))


def _once(files: list[Found], where: str) -> list[Found]:
    """Every file once, by whatever name.

    Raises:
        DataError: D021.
    """
    seen: dict[Path, Path] = {}
    for item in files:
        first = seen.setdefault(item.path.resolve(), item.path)
        if first is not item.path:
            message = f"{item.path} is named twice (also as {first})"
            raise DataError(Problem("D021", message, where, "name it once"))
    return files


def _tell_of_others(files: list[Found], manifest: Path, skipped: Sequence[str]) -> None:
    """Files beside those of the manifest that it does not name may have been forgotten."""
    named = {item.path.resolve() for item in files}
    folders = {path.parent for path in named} - {manifest.parent.resolve()}
    readable = [folder for folder in folders if os.access(folder, os.R_OK | os.X_OK)]
    others = sorted(
        p for folder in readable for p in folder.iterdir() if p.is_file() and _is_read(p, skipped)
    )
    if left := [p for p in others if p not in named]:
        warn(
            manifest,
            "D004",
            f"{len(left)} files without label (first: {left[0].name}) are not read",
        )
