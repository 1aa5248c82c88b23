"""Which files a source reads: by folder, glob or manifest; each with its label, its group and its digest."""

from __future__ import annotations

import csv
import glob
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from structkit.builtin.settings import FilesSettings
from structkit.errors import DataError, Problem, quoted
from structkit.files import file_digest

SKIPPED = (".csv", ".jsonl", ".json", ".md", ".txt", ".yaml", ".yml", ".py", ".html", ".png", ".svg")


@dataclass(frozen=True)
class Found:
    """One file to read. `label` and `group` are what is known of them before reading."""

    path: Path
    label: str | None = None
    group: str | None = None


def find(settings: FilesSettings) -> list[Found]:
    """The files of the settings, sorted by name.

    Raises:
        DataError: D004 a manifest and the files disagree, D020 nothing matches, D030 a file cannot be read.
    """
    if (settings.path is None) == (settings.manifest is None):
        raise DataError(Problem("D024", "files needs either 'path' or 'manifest'", fix="give one of them"))
    if settings.label == "manifest" and settings.manifest is None:
        raise DataError(Problem("D024", "label: manifest needs 'manifest'", fix="name the CSV or JSONL file"))
    found = _from_manifest(settings) if settings.manifest else _from_path(settings)
    problems = [problem for item in found if (problem := unreadable(item.path))]
    if problems:
        raise DataError(*problems)
    return found


def contents(settings: FilesSettings) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return {str(f.path): [file_digest(f.path), f.label, f.group] for f in find(settings)}


def unreadable(path: Path) -> Problem | None:
    """Why a path cannot be read as a file, if so. A FIFO or a device is never opened."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        reason = "dangling symbolic link" if path.is_symlink() else (error.strerror or "unreadable").lower()
        return Problem("D030", f"cannot read {path}: {reason}")
    if not stat.S_ISREG(mode):
        return Problem("D030", f"cannot read {path}: not a regular file")
    if not os.access(path, os.R_OK):
        return Problem("D030", f"cannot read {path}: permission denied")
    return None


def _from_path(settings: FilesSettings) -> list[Found]:
    pattern = str(settings.path)
    root = Path(pattern)
    if root.is_dir():
        if not os.access(root, os.R_OK | os.X_OK):
            raise DataError(Problem("D030", f"cannot read {root}: permission denied"))
        paths = [p for p in sorted(root.rglob("*")) if not p.is_dir() and _is_structure(p)]
    else:
        matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  (patterns may be absolute)
        paths = [Path(p) for p in matches if not Path(p).is_dir()]
        if not paths and os.path.lexists(root):
            paths = [root]
    if not paths:
        message = f"no file matches {pattern} (working directory {Path.cwd()})"
        raise DataError(Problem("D020", message, fix="mend 'path', or run from the folder it is relative to"))
    by_folder = settings.label == "folder"
    return [Found(p, p.parent.name if by_folder else None) for p in paths]


def _is_structure(path: Path) -> bool:
    """In a folder that is read whole, notes and tables beside the structures are not structures."""
    return path.suffix.lower() not in SKIPPED and not path.name.startswith(".")


def _from_manifest(settings: FilesSettings) -> list[Found]:
    path = Path(str(settings.manifest))
    if problem := unreadable(path):
        raise DataError(problem)
    found, problems = [], []
    for line, row in _rows(path):
        where = f"{path}:{line}"
        if not isinstance(row.get("path"), str) or not row["path"]:
            problems.append(Problem("D004", "no 'path' in this row", where, "columns: path, label, group"))
            continue
        target = path.parent / row["path"]
        label, group = _word(row.get("label")), _word(row.get("group"))
        if settings.label == "manifest" and label is None:
            problems.append(Problem("D004", f"no label for {row['path']}", where, "fill in 'label'"))
        elif not os.path.lexists(target):
            problems.append(Problem("D004", f"no file {row['path']}", where, "paths are relative to the manifest"))
        else:
            known = {"manifest": label, "folder": target.parent.name}.get(settings.label)
            found.append(Found(target, known, group))
    if problems:
        raise DataError(*problems)
    if not found:
        raise DataError(Problem("D020", "the manifest names no file", str(path)))
    return _once(found, path)


def _once(found: list[Found], manifest: Path) -> list[Found]:
    seen: set[Path] = set()
    for item in found:
        if item.path in seen:
            raise DataError(Problem("D021", f"{item.path.name} is named twice", str(manifest), "name it once"))
        seen.add(item.path)
    return found


def _word(value: Any) -> str | None:
    """A cell as a label; nothing where it is empty."""
    return None if value is None or value == "" else str(value)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a manifest with their line numbers."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(Problem("D023", f"not UTF-8 text (byte {error.start})", str(path))) from error
    if path.suffix.lower() == ".jsonl":
        yield from _json_rows(path, text)
        return
    reader = csv.DictReader(text.splitlines(), skipinitialspace=False)
    if "path" not in (reader.fieldnames or ()):
        columns = ", ".join(map(quoted, reader.fieldnames or ())) or "none"
        message = f"a manifest needs the columns path and label, found {columns}"
        raise DataError(Problem("D023", message, f"{path}:1"))
    for row in reader:
        yield reader.line_num, row


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(Problem("D023", f"not JSON: {error}", f"{path}:{number}")) from error
        if not isinstance(row, dict):
            raise DataError(Problem("D023", "expected an object with path, label, group", f"{path}:{number}"))
        yield number, row
