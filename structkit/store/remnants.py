"""What is left of a run that was killed before its record was written, or whose folder was taken away meanwhile."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from structkit.errors import IntegrityError
from structkit.run import DONE
from structkit.store.contents import PartsContents, checked
from structkit.store.files import read_sealed
from structkit.store.reading import bytes_of, read_json

CITED = "references.bib"
CITE = "% What a run of structkit was made with: cite it.\n"  # its first line
# what `files.write_bytes` renames into place: the name, a number, and who writes
DRAFT = re.compile(r"\..+\.[0-9a-f]{8}\.[0-9]+-[0-9]+@.+\.tmp")
LOCKS = (".lock", ".lock.leases")
BEGINNINGS = ("run.log", "pipeline.yaml", "resolved.yaml")  # a run writes them once it has its lock


def is_remnant(path: Path) -> bool:
    """Whether a file or folder in a run folder without a record is one that a run has left there."""
    if path.name in LOCKS or DRAFT.fullmatch(path.name):
        return True
    if path.name in BEGINNINGS:
        return (path.parent / LOCKS[0]).is_file()
    if path.name == "steps":
        return path.is_dir() and _are_views([p for p in path.rglob("*") if not p.is_dir()])
    return _is_sealed(path)


def _are_views(paths: Sequence[Path]) -> bool:
    """Whether files are views of results that stay when these are removed, indices of views, or drafts.

    Somebody who removes a folder while a run links results into it may leave the last of the links.
    A file of which all names lie here would be lost.
    """
    facts = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # removed since it was listed
            facts[path] = path.lstat()
    names_here = Counter((one.st_dev, one.st_ino) for one in facts.values())
    return all(
        one.st_nlink > names_here[one.st_dev, one.st_ino]
        or DRAFT.fullmatch(path.name)
        or _is_index(path)
        for path, one in facts.items()
    )


def _is_index(path: Path) -> bool:
    """Whether a file names the folders that make up a table, and nothing else."""
    if path.name != "table.json":
        return False
    try:
        index = checked(read_json(path), PartsContents, path)
    except IntegrityError:
        return False
    return set(index) == {"parts"} and bool(index["parts"])


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
