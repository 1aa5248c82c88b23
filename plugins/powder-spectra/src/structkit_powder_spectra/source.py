"""The source `spectrum-files`: measured powder patterns of one's own."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit import DataError, Measurement, Problem, Task
from structkit.library import component, configured
from structkit_powder_spectra.reading import read_spectrum
from structkit_powder_spectra.settings import SpectrumFilesSettings
from structkit_structure_files import finding, hashing
from structkit_structure_files.finding import Found
from structkit_structure_files.settings import FilesSettings
from structkit_structure_files.text import warn

NOTES = (".json", ".jsonl", ".md", ".yaml", ".yml", ".py", ".html", ".png", ".svg", ".cif", ".pdf")


@component
class SpectrumFiles:
    """Measured spectra of a folder, a glob or a manifest, on one grid. One file is one task.

    Args:
        settings: the words of `SpectrumFilesSettings`.
    """

    @configured(SpectrumFilesSettings)
    def __init__(self, settings: SpectrumFilesSettings) -> None:
        self.settings = settings
        self._said: Mapping[str, Any] | None = None

    def reading(self, outside: Mapping[str, Any]) -> SpectrumFiles:
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
        found = find(self.settings)
        if self._said is not None:
            found = hashing.unchanged(found, self._said)
        root = os.path.commonpath([item.path.absolute().parent for item in found])
        return [self._task(item, root) for item in found]

    def _task(self, item: Found, root: str) -> Task:
        name = Path(os.path.relpath(item.path.absolute(), root)).as_posix()
        group = item.group or self._group(item.path, name)
        return Task(name, {"path": str(item.path), "label": item.label, "group": group})

    def _group(self, path: Path, name: str) -> str:
        if self.settings.group == "folder":
            return path.parent.as_posix()
        return family(path) if self.settings.group == "name" else name

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Measurement]:
        """The spectrum of one file; none of a bad one, with `on_bad: skip`.

        Raises:
            DataError: what is wrong with the file.
        """
        path, content = Path(task.params["path"]), None
        if self._said is not None:  # a file that changes is no bad file: it is never left out
            content = hashing.hashed_bytes(path, self._said[str(path)][0])
        try:
            arrays = read_spectrum(path, self.settings, content)
        except DataError as error:
            if self.settings.on_bad == "refuse":
                raise
            for problem in error.problems:
                warn(problem.where or path, problem.code, f"left out: {problem.message}")
            return
        label, group = task.params["label"], task.params["group"]
        yield Measurement(task.id, arrays, label, group, {"file": str(path)})


def family(path: Path) -> str:
    """The beginning of a file's name, up to the first digit, space or underscore after a letter."""
    match = re.match(r"[^A-Za-z]*[A-Za-z][A-Za-z+.()-]*", path.stem)
    return match[0] if match else path.stem


def find(settings: SpectrumFilesSettings) -> list[Found]:
    """The files of the settings; raises as `structkit_structure_files.finding.find`."""
    return finding.find(_where(settings), NOTES)


def contents(settings: SpectrumFilesSettings) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return hashing.contents(_where(settings), NOTES)


def _where(settings: SpectrumFilesSettings) -> FilesSettings:
    """Where files are, as `files` is told."""
    return FilesSettings(path=settings.path, manifest=settings.manifest, label=settings.label)


def check_files(settings: SpectrumFilesSettings) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    source = SpectrumFiles(**settings.model_dump())
    problems: list[Problem] = []
    for task in source.tasks():
        try:
            list(source.samples(task, np.random.default_rng(0)))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(*problems)
