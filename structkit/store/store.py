"""The content-addressed store: a result lies under the digest of everything that decided it.

An entry is complete or absent: it is made in a draft folder and renamed into place, its record
written last. Unfinished work (shards, checkpoints) waits beside it, under the same digest, for the
same command to go on.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from structkit.errors import BusyError, IntegrityError, Problem, SpecError
from structkit.store.contents import ServedContents
from structkit.store.entries import LAYOUT, RECORD, Entry, open_entry, stamp_of
from structkit.store.files import (
    digest,
    inventory,
    published,
    read_sealed,
    sealed,
    write_json,
)
from structkit.store.inside import keep_inside, make_folder, move, remove
from structkit.store.locks import KernelLocks, Leases, locks_for
from structkit.store.reading import names_in
from structkit.store.unchanged import Seen, Unchanged

WAIT, WAITS = 0.1, 100  # seconds, and how often: for a store that is being tidied up
HOME = Path(".structkit")  # the store of the working folder
PLACE = "STRUCTKIT_STORE"  # set to a folder, it is the store instead
KEY = re.compile(r"[0-9a-f]{64}")


class Store:
    """Results by key, below one folder. Only the core writes here.

    Args:
        root: the folder.
        chosen: whether somebody has named it, who may name a link: below it none is followed.
        paranoid: whether every byte of what is opened is read, however large it is.
    """

    def __init__(self, root: Path, chosen: bool = True, paranoid: bool = False) -> None:
        self.root = root.absolute()  # handed to other processes, which may work in another folder
        if not chosen and self.root.is_symlink():
            fix = f"if it is yours, say so: {PLACE}={self.root.resolve()}"
            raise SpecError(Problem("R008", "is a symbolic link", str(self.root), fix))
        self.inside = keep_inside(self.root if chosen else self.root.parent)
        self.paranoid = paranoid
        self.unchanged = Unchanged(self.root / "unchanged")
        self._checked: dict[str, Entry] = {}

    @functools.cached_property
    def locks(self) -> KernelLocks | Leases:
        """The locks that hold on this disk."""
        make_folder(self.root)
        return locks_for(self.root)

    def folder(self, key: str) -> Path:
        """Where the entry of a key lies, made or not."""
        return self.root / "store" / key[:2] / key

    def partial(self, key: str) -> Path:
        """Where unfinished work for a key waits; created when asked for."""
        folder = self.root / "partial" / key
        return make_folder(folder)

    def has(self, key: str) -> bool:
        """Whether an entry is there (its bytes are checked when it is opened)."""
        return (self.folder(key) / RECORD).exists()

    def open(self, key: str) -> Entry:
        """Open an entry; every byte is checked once per process, or was when no file had been changed since.

        Raises:
            IntegrityError: a file is missing, truncated or not what was written; the files are
                named.
        """
        if key not in self._checked:
            self._checked[key] = self._open(key)
        return self._checked[key]

    def _open(self, key: str) -> Entry:
        folder = self.folder(key)
        seen = Seen.of(folder)  # before any of it is read
        if not self.paranoid and self.unchanged.holds(key, seen):
            return open_entry(folder, key, unchanged=True)
        entry = open_entry(folder, key)
        self.unchanged.note(key, seen)
        return entry

    def drop(self, key: str) -> Path:
        """Set a damaged entry aside, where somebody can look at it; returns where."""
        self._checked.pop(key, None)
        self.unchanged.forget(key)
        aside = self.root / "damaged" / key
        remove(aside)
        move(self.folder(key), aside)
        return aside

    @contextlib.contextmanager
    def making(self, key: str, ingredients: Mapping[str, Any]) -> Iterator[Path]:
        """A draft folder that becomes the entry when the block ends well; its unfinished work is then dropped."""
        if os.path.lexists(
            self.folder(key)
        ):  # without a record, or damaged: it must not stand in the way
            self.drop(key)
        with published(self.folder(key)) as folder:
            yield folder
            record = {
                "layout": LAYOUT,
                "key": key,
                "ingredients": dict(ingredients),
                "files": inventory(folder),
            }
            write_json(folder / RECORD, sealed(record))
        if read_sealed(self.folder(key) / RECORD) == sealed(
            record
        ):  # its bytes were hashed just now
            folder = self.folder(key)
            self._checked[key] = Entry(key, folder, dict(ingredients), stamp_of(folder))
        self.done_with(key)

    def done_with(self, key: str) -> None:
        """Drop the unfinished work of a finished result; a kill between the two leaves it behind."""
        remove(self.root / "partial" / key)

    @contextlib.contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Keep other processes from making this key for a block.

        Raises:
            BlockingIOError: another process makes it.
        """
        with self.locks.held(self.root / "locks" / key):
            yield

    @contextlib.contextmanager
    def serving(self, run: Path) -> Iterator[None]:
        """While a run folder uses the store nothing is collected; afterwards it is known whose results are here.

        Raises:
            BusyError: R002, the store is being tidied up.
        """
        with self._locked(shared=True, by="structkit store gc"):
            record = sealed({"folder": str(run.resolve())})
            path = self.root / "runs" / f"{digest(record)}.json"
            if not path.exists():
                write_json(path, record)
            yield

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While results are made nothing is collected.

        Raises:
            BusyError: R002, the store is being tidied up.
        """
        with self._locked(shared=True, by="structkit store gc"):
            yield

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the whole store.

        Raises:
            BusyError: R002, a run is going on.
        """
        with self._locked(shared=False, by="a run"):
            yield

    @contextlib.contextmanager
    def _locked(self, shared: bool, by: str) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                _patiently(
                    lambda: stack.enter_context(self.locks.held(self.root / "lock", shared)), shared
                )
            except BlockingIOError as error:
                raise BusyError(
                    Problem("R002", f"{self.root} is in use by {by}", fix="wait for it")
                ) from error
            yield

    def served(self) -> list[Path]:
        """Run folders that this store has served."""
        paths = [path for path in names_in(self.root / "runs") if path.suffix == ".json"]
        return [Path(_served_record(path)["folder"]) for path in paths]

    def keys(self) -> list[str]:
        """Keys of all entries, damaged ones too."""
        return sorted(
            name
            for part in _folders(self.root / "store")
            for name in _keys_in(part)
            if name[:2] == part.name
        )

    def waiting(self, what: Literal["partial", "damaged"]) -> list[str]:
        """Keys of unfinished work, or of results that were set aside."""
        return _keys_in(self.root / what)

    @property
    def brings_marks(self) -> bool:
        """Whether the store says of loose plugins that they have been run, as older ones did: it is not believed."""
        return os.path.lexists(self.root / "plugins")


def home_store(paranoid: bool = False) -> Store:
    """The store of the working folder, or the one that the user has named for all.

    Args:
        paranoid: whether every byte of what is opened is read.

    Raises:
        SpecError: R008, that of the working folder is a link.
    """
    named = os.environ.get(PLACE)
    return Store(Path(named) if named else HOME, chosen=bool(named), paranoid=paranoid)


def _served_record(path: Path) -> dict[str, Any]:
    """The note of a run folder whose results are here.

    Raises:
        IntegrityError: I003, it is damaged: nobody knows which results are then still wanted.
    """
    try:
        return read_sealed(path, contents=ServedContents)
    except IntegrityError as error:
        fix = "remove this note, and run the pipelines again whose results are to stay: each notes its folder"
        raise IntegrityError(*(replace(problem, fix=fix) for problem in error.problems)) from error


def _patiently(enter: Callable[[], Any], wait: bool) -> None:
    """Enter a lock; a run waits a while for somebody who tidies up, who does not wait for a run."""
    for left in range(WAITS if wait else 0, -1, -1):
        try:
            enter()
            return
        except BlockingIOError:
            if not left:
                raise
            time.sleep(WAIT)


def _folders(place: Path) -> list[Path]:
    """The folders in a folder, links to folders left out."""
    return (
        sorted(p for p in place.iterdir() if p.is_dir() and not p.is_symlink())
        if _is_own(place)
        else []
    )


def _keys_in(place: Path) -> list[str]:
    """Names of folders that are keys: of nothing else anything is read, or taken away."""
    return [path.name for path in _folders(place) if KEY.fullmatch(path.name)]


def _is_own(place: Path) -> bool:
    """Whether a folder is there and is no link to somewhere else."""
    return place.is_dir() and not place.is_symlink()
