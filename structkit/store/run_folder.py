"""The run folder while a run writes it: a view of results in the store, held by one process at a time."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from structkit.errors import BusyError, IntegrityError, Problem, SpecError, StructkitError
from structkit.records import REPEATS
from structkit.run import DONE, FORMAT, MARK, REPORT, REPORTED, Run, sealed_files
from structkit.store.contents import DoneContents
from structkit.store.differences import differences
from structkit.store.entries import RECORD, Entry, entry_record
from structkit.store.files import (
    damaged,
    digest,
    inventory,
    read_sealed,
    sealed,
    write_bytes,
    write_json,
    write_text,
)
from structkit.store.inside import (
    keep_inside,
    kept_inside,
    link_or_copy,
    make_folder,
    remove,
    text_to,
)
from structkit.store.locks import locks_for
from structkit.store.reading import LARGEST_SEALED, NoFileError, strange_file, text_of
from structkit.store.remnants import CITED, is_remnant

SEVERAL = ("predictions", "judged")  # folders of a step in which a table names those of all origins
LONGEST_HOLDER = 10_000  # bytes of a lock that says who holds it


class RunFolder:
    """A run folder while a run writes it."""

    def __init__(self, path: Path, chosen: bool) -> None:
        self.path = path
        keep_inside(path if chosen else Path())
        self.chosen = chosen  # named by --out: it is then never given to another spec

    def check(self, file: Path, resolved: Mapping[str, Any]) -> None:
        """Refuse a folder that holds something else; nothing is ever deleted for it.

        Raises:
            SpecError: R001, with what differs.
        """
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_dir()):
            kind = "a symbolic link" if self.path.is_symlink() else "no folder"
            raise self._refuse(f"is {kind}")
        if not self.chosen and self.path.parent.is_symlink():
            raise self._refuse("is in a folder that is a symbolic link")
        if not self.path.exists():
            return
        if strange := strange_file(self.path):
            kind = "a symbolic link" if strange.is_symlink() else "a pipe, socket or device"
            place = strange.relative_to(self.path)
            raise self._refuse(f"holds {kind} ({place}), which a run never makes")
        if not (self.path / MARK).exists():
            if foreign := sorted(p.name for p in self.path.iterdir() if not is_remnant(p)):
                what = f"holds files that are no structkit run ({foreign[0]})"
                raise self._refuse(what, "; if nothing in it is wanted, remove it yourself")
            return
        record = Run(self.path).record
        if digest(record["resolved"]) == digest(resolved):
            return
        changes = list(differences(record["resolved"], dict(resolved)))
        spec = digest(record["resolved"])[:8]
        shown = "; ".join(changes[:3]) + (
            f"; and {len(changes) - 3} more" if len(changes) > 3 else ""
        )
        if self.chosen and ((self.path / DONE).exists() or record["file"] != str(file.resolve())):
            raise self._refuse(f"holds run {spec} of another spec (differs: {shown})")
        if record["file"] != str(file.resolve()):
            raise self._refuse(
                f"holds run {spec} of another file, {record['file']} (differs: {shown})"
            )

    def threads_of(self, file: Path) -> int | None:
        """How many threads the run of a pipeline file in this folder was begun with; None where there is none."""
        try:
            record = Run(self.path).record
        except StructkitError:
            return None
        threads = record["resolved"].get("threads")
        return (
            threads if record["file"] == str(file.resolve()) and isinstance(threads, int) else None
        )

    def _refuse(self, what: str, other_way: str = "") -> SpecError:
        fix = f"choose another --out, or another name{other_way}"
        return SpecError(Problem("R001", f"{self.path} {what}", fix=fix))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the kernel lets go when the process dies, so nothing is ever unlocked by hand.

        Raises:
            BusyError: R002, naming who holds it.
        """
        make_folder(self.path)
        lock = self.path / ".lock"
        with contextlib.ExitStack() as stack:
            stack.enter_context(kept_inside(self.path))
            try:
                stack.enter_context(locks_for(self.path).held(lock))
            except BlockingIOError as error:
                fix = "wait for it, or choose another --out"
                raise BusyError(
                    Problem("R002", f"{self.path} in use by {_holder(lock)}", fix=fix)
                ) from error
            since = f"{datetime.now():%Y-%m-%d %H:%M}"
            with text_to(lock) as stream:
                stream.write(f"pid {os.getpid()} on host {socket.gethostname()} since {since}\n")
            with self._still_there(lock):
                yield

    @contextlib.contextmanager
    def _still_there(self, lock: Path) -> Iterator[None]:
        """Say in one sentence that somebody took the folder away, whatever failed because of it.

        Raises:
            IntegrityError: R009.
        """
        mine = _identity(lock)
        try:
            yield
        except (OSError, StructkitError) as error:
            if _identity(lock) == mine:
                raise
            message = "the run folder was taken away, or exchanged, while it was written"
            fix = "what was computed is in the store: run the same command again"
            raise IntegrityError(Problem("R009", message, str(self.path), fix)) from error

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Note the digest of a report that is written meanwhile: it is no part of the seal, and can be made again."""
        before = _identity(self.path / REPORT)
        yield
        if _identity(self.path / REPORT) not in (before, None):
            files = inventory(self.path, [REPORT])
            write_json(self.path / REPORTED, sealed({"files": files}), synced=False)

    def is_complete(self, record: Mapping[str, Any]) -> bool:
        """Whether the folder shows exactly this run, finished, with every file as it was written."""
        try:
            done = read_sealed(self.path / DONE, contents=DoneContents)
        except IntegrityError:
            return False
        whole = done["run"] == digest(record) and not damaged(self.path, sealed_files(done))
        return whole and all(map(self._shows, record["jobs"].values()))

    def _shows(self, job: Mapping[str, Any]) -> bool:
        """Whether the result of a job, and no other, lies where the folder shows it."""
        try:
            entry_record(self.path / "steps" / job["shown"], job["key"])
        except IntegrityError:
            return False
        return True

    def finish(self, record: Mapping[str, Any]) -> None:
        """Write the record that the run is done, last of all."""
        names = ["pipeline.yaml", "resolved.yaml", MARK, "provenance.json", CITED]
        # which tables make up a step's; the results themselves have records of their own
        indices = [
            *self.path.glob("steps/*/table.json"),
            *_indices(self.path, "steps/*"),
            *_indices(self.path, f"steps/*/{REPEATS}/*"),
        ]
        names += sorted(str(path.relative_to(self.path)) for path in indices)
        if lack := [name for name in names if not (self.path / name).is_file()]:
            raise IntegrityError(Problem("I001", "missing", str(self.path / lack[0])))
        write_json(
            self.path / DONE, sealed({"run": digest(record), "files": inventory(self.path, names)})
        )

    def begin(self, record: Mapping[str, Any], text: str, resolved: str) -> None:
        """Write the user's file byte for byte, the resolved one, and the record of what this run is.

        Raises:
            SpecError: Y007, the record would be larger than any that is read back.
        """
        _check_size(record)
        remove(self.path / DONE)
        write_bytes(self.path / "pipeline.yaml", text.encode())
        write_text(self.path / "resolved.yaml", resolved)
        write_json(self.path / MARK, sealed({"format": FORMAT, **record}))
        self._tidy(record["steps"])

    def _tidy(self, steps: Mapping[str, Any]) -> None:
        """Views of steps that are no longer in the file go; the store keeps their results."""
        for folder in sorted((self.path / "steps").glob("*")):
            if folder.name not in steps:
                remove(folder, strict=True)

    def show(self, entry: Entry, *place: str) -> None:
        """Link an entry's files into the folder; a view of the same entry stays as it is."""
        target = self.path.joinpath("steps", *place)
        if _same_view(entry, target):
            return
        remove(target)
        for name in [*_files_of(entry), RECORD]:  # the record last: a view without it is no view
            link_or_copy(entry.folder / name, target / name)

    def show_files(self, entry: Entry, *place: str) -> None:
        """Link an entry's files straight into a step's folder, beside what else is there."""
        for name in [*_files_of(entry), RECORD]:
            link_or_copy(entry.folder / name, self.path.joinpath("steps", *place, name))

    def keep(self, names: Sequence[str], *place: str) -> None:
        """Take away the folders of a place that have other names."""
        for folder in sorted(self.path.joinpath("steps", *place).glob("*")):
            if folder.name not in names:
                remove(folder, strict=True)

    def show_parts(self, origins: Sequence[str], *place: str) -> None:
        """Make one table of the origins' tables in a folder."""
        parts = [{"folder": origin, "origin": origin} for origin in origins]
        folder = self.path.joinpath("steps", *place)
        write_json(folder / "table.json", {"parts": parts})
        for stale in [
            p
            for p in folder.iterdir()
            if (p / RECORD).exists() and p.name not in (*origins, "trained")
        ]:
            remove(stale, strict=True)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path: a report that is written anew is another."""
    with contextlib.suppress(OSError):
        facts = path.lstat()
        return facts.st_ino, facts.st_mtime_ns
    return None


def _indices(folder: Path, step: str) -> Iterator[Path]:
    """The tables that name those of all origins, of the steps that a pattern means."""
    for part in SEVERAL:
        yield from folder.glob(f"{step}/{part}/table.json")


def _check_size(record: Mapping[str, Any]) -> None:
    size = len(json.dumps(record, indent=1))
    if size > LARGEST_SEALED:
        message = f"the record of the run would have {size} bytes (limit {LARGEST_SEALED})"
        fix = "split the pipeline: it has too many steps, origins or seeds"
        raise SpecError(Problem("Y007", message, fix=fix))


def _files_of(entry: Entry) -> dict[str, Any]:
    return dict(entry_record(entry.folder, entry.key)["files"])


def _holder(lock: Path) -> str:
    """Who holds the lock; one that has just taken it may not have written its name yet."""
    for _ in range(40):
        with contextlib.suppress(NoFileError, ValueError):
            if holder := text_of(lock, LONGEST_HOLDER).strip():
                return holder
        time.sleep(0.05)
    return "another process"


def _same_view(entry: Entry, target: Path) -> bool:
    """Whether a folder shows an entry already, by links to its files: they need not be read."""
    names = _files_of(entry)
    return all(_linked(entry.folder / name, target / name) for name in (RECORD, *names))


def _linked(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other) and not other.is_symlink()
    except OSError:
        return False
