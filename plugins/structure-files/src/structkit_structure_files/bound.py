"""Sources of files that are bound to the bytes which were hashed for their key."""

from __future__ import annotations

import copy
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Measurement, Problem, Task
from structkit_structure_files.finding import Found, find
from structkit_structure_files.hashing import contents, hashed_bytes, unchanged
from structkit_structure_files.settings import FilesSettings
from structkit_structure_files.text import warn


class Source(Protocol):
    """A source whose tasks are files."""

    def tasks(self) -> Sequence[Task]:
        """One task a file."""

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Any]:
        """What one file holds."""


class Where(Protocol):
    """Settings that say where files of measurements are."""

    @property
    def path(self) -> str | None:
        """A folder, a file or a glob."""

    @property
    def manifest(self) -> str | None:
        """A CSV or JSONL file that names them."""

    @property
    def label(self) -> Literal["folder", "manifest", "none"]:
        """Where labels come from."""

    @property
    def on_bad(self) -> str:
        """What becomes of a file that cannot be read: `refuse` or `skip`."""


S = TypeVar("S", bound=Where)


class BoundFiles:
    """A source of files that reads the very bytes whose digests its key has."""

    _said: Mapping[str, Any] | None = None

    def reading(self, outside: Mapping[str, Any]) -> Self:
        """The same source, of the very bytes that `contents` hashed: what has changed since is refused.

        Args:
            outside: what `contents` said.
        """
        bound = copy.copy(self)
        bound._said = outside
        return bound

    def unchanged(self, files: list[Found]) -> list[Found]:
        """The files that are found now, where they are still those that were hashed.

        Raises:
            DataError: D031, they are others.
        """
        return files if self._said is None else unchanged(files, self._said)

    def hashed(self, path: str) -> bytes | None:
        """The bytes of a file, which are those that were hashed; nothing where none were.

        Raises:
            DataError: D030 D031, it cannot be read, or holds something else.
        """
        return None if self._said is None else hashed_bytes(Path(path), self._said[path][0])


class MeasuredFiles(BoundFiles, ABC, Generic[S]):
    """Measurements of a folder, a glob or a manifest. One file is one task.

    A source of its own gives `settings`, and says what a file holds and which files are alike.

    Attributes:
        notes: endings of files beside the measurements that are none, in a folder that is read whole.
    """

    settings: S
    notes: tuple[str, ...] = ()

    @abstractmethod
    def group_of(self, path: Path, name: str) -> str:
        """The group of a file that no manifest gives one; `name` is that of its task."""

    @abstractmethod
    def arrays_of(
        self, path: Path, content: bytes | None
    ) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """The arrays of each row of a file, by what is put behind the name of the task.

        Args:
            path: of the file.
            content: its bytes, where they have been read.

        Raises:
            DataError: what is wrong with it.
        """

    def tasks(self) -> Sequence[Task]:
        """One task per file.

        Raises:
            DataError: D004 D020 D021 D023 D024 D030, what is wrong with the list of files; D031,
                they are no longer those that were hashed.
        """
        files = self.unchanged(find(_where(self.settings), self.notes))
        root = os.path.commonpath([item.path.absolute().parent for item in files])
        return [self._task(item, root) for item in files]

    def _task(self, item: Found, root: str) -> Task:
        name = Path(os.path.relpath(item.path.absolute(), root)).as_posix()
        group = item.group or self.group_of(item.path, name)
        return Task(name, {"path": str(item.path), "label": item.label, "group": group})

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Measurement]:
        """The rows of one file; none of a bad one, with `on_bad: skip`.

        Raises:
            DataError: what is wrong with the file.
        """
        path = Path(task.params["path"])
        content = self.hashed(
            task.params["path"]
        )  # a file that changes is no bad file: never left out
        try:
            rows = self.arrays_of(path, content)
        except DataError as error:
            if self.settings.on_bad == "refuse":
                raise
            for problem in error.problems:
                warn(problem.where or path, problem.code, f"left out: {problem.message}")
            return
        label, group = task.params["label"], task.params["group"]
        for ending, arrays in rows.items():
            yield Measurement(f"{task.id}{ending}", arrays, label, group, {"file": str(path)})


def contents_of(settings: Where, notes: Sequence[str]) -> dict[str, Any]:
    """Digest of every file of measurements, and what the manifest says of it: part of the step's key."""
    return contents(_where(settings), notes)


def _where(settings: Where) -> FilesSettings:
    """Where files are, as `files` is told."""
    return FilesSettings(path=settings.path, manifest=settings.manifest, label=settings.label)


def check_all(source: Source) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    problems: list[Problem] = []
    for task in source.tasks():
        try:
            for _ in source.samples(task, np.random.default_rng(0)):
                pass
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(*problems)
