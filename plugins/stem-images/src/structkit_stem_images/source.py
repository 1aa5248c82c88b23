"""The source `image-files`: images of microscopes as files."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit import DataError, Measurement, Problem, Task
from structkit.library import component, configured
from structkit_stem_images.reading import read_images
from structkit_stem_images.settings import ImageFilesSettings
from structkit_structure_files import finding, hashing
from structkit_structure_files.finding import Found
from structkit_structure_files.settings import FilesSettings
from structkit_structure_files.text import warn

NOTES = (".json", ".jsonl", ".md", ".yaml", ".yml", ".py", ".html", ".svg", ".pdf", ".txt", ".csv")


@component
class ImageFiles:
    """Images of a folder, a glob or a manifest. One file is one task.

    Args:
        settings: the words of `ImageFilesSettings`.
    """

    @configured(ImageFilesSettings)
    def __init__(self, settings: ImageFilesSettings) -> None:
        self.settings = settings
        self._said: Mapping[str, Any] | None = None

    def reading(self, outside: Mapping[str, Any]) -> ImageFiles:
        """The same source, of the very bytes that `contents` hashed: what has changed since is refused.

        Args:
            outside: what `contents` said.
        """
        bound = copy.copy(self)
        bound._said = outside
        return bound

    def tasks(self) -> Sequence[Task]:
        """One task per file.

        Raises:
            DataError: D004 D020 D021 D023 D024 D030, what is wrong with the list of files; D031,
                they are no longer those that were hashed.
        """
        files = finding.find(_where(self.settings), NOTES)
        if self._said is not None:
            files = hashing.unchanged(files, self._said)
        root = os.path.commonpath([item.path.absolute().parent for item in files])
        return [self._task(item, root) for item in files]

    def _task(self, item: Found, root: str) -> Task:
        name = Path(os.path.relpath(item.path.absolute(), root)).as_posix()
        folder = item.path.parent.as_posix()
        group = item.group or (folder if self.settings.group == "folder" else name)
        return Task(name, {"path": str(item.path), "label": item.label, "group": group})

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Measurement]:
        """The frames of one file; none of a bad one, with `on_bad: skip`.

        Raises:
            DataError: what is wrong with the file.
        """
        path, content = Path(task.params["path"]), None
        if self._said is not None:  # a file that changes is no bad file: it is never left out
            content = hashing.hashed_bytes(path, self._said[str(path)][0])
        try:
            read = read_images(path, self.settings, content)
        except DataError as error:
            if self.settings.on_bad == "refuse":
                raise
            for problem in error.problems:
                warn(problem.where or path, problem.code, f"left out: {problem.message}")
            return
        for number, arrays in enumerate(read):
            name = task.id if self.settings.cut == "middle" else f"{task.id}#{number}"
            label, group = task.params["label"], task.params["group"]
            yield Measurement(name, arrays, label, group, {"file": str(path)})


def contents(settings: ImageFilesSettings) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return hashing.contents(_where(settings), NOTES)


def _where(settings: ImageFilesSettings) -> FilesSettings:
    """Where files are, as `files` is told."""
    return FilesSettings(path=settings.path, manifest=settings.manifest, label=settings.label)


def check_files(settings: ImageFilesSettings) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    source = ImageFiles(**settings.model_dump())
    problems: list[Problem] = []
    for task in source.tasks():
        try:
            list(source.samples(task, np.random.default_rng(0)))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(*problems)
