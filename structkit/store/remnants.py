"""What is left of a run that was killed before its record was written, or whose folder was taken away meanwhile."""

from __future__ import annotations

from pathlib import Path

from structkit.errors import IntegrityError
from structkit.run import DONE
from structkit.store.contents import PartsContents, checked
from structkit.store.files import read_sealed
from structkit.store.reading import bytes_of, read_json

CITED = "references.bib"
CITE = "% What a run of structkit was made with: cite it.\n"  # its first line
BEGINNINGS = (".lock", ".lock.leases", "run.log", "pipeline.yaml", "resolved.yaml")


def is_remnant(path: Path) -> bool:
    """Whether a file or folder in a run folder without a record is one that a run has left there."""
    if path.name in BEGINNINGS or path.name.endswith(".tmp"):
        return True
    if path.name == "steps":
        return all(_is_view(inner) for inner in path.rglob("*") if not inner.is_dir())
    return _is_sealed(path)


def _is_view(path: Path) -> bool:
    """Whether a file is a view of something that stays when it is removed, or an index of such views.

    Somebody who removes a folder while a run links results into it may leave the last of the links.
    """
    return path.name.endswith(".tmp") or path.lstat().st_nlink > 1 or _is_index(path)


def _is_index(path: Path) -> bool:
    """Whether a file only names the folders that make up a table."""
    try:
        return path.name == "table.json" and bool(checked(read_json(path), PartsContents, path))
    except IntegrityError:
        return False


def _is_sealed(path: Path) -> bool:
    """Whether a file says itself that a run wrote it."""
    if path.name == CITED:
        return path.is_file() and bytes_of(path).startswith(CITE.encode())
    if path.name not in ("provenance.json", DONE):
        return False
    try:
        read_sealed(path, "R004")
    except IntegrityError:
        return False
    return True
