"""The suite for an executor: what it is handed is done, in any order, and its faults come back."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from structkit.components import Executor
from structkit.discovery.plugin import import_string
from structkit.errors import DataError, Problem
from structkit.testing.base import declared


class ExecutorContract:
    """An executor does every piece of work, returns its result or its error, and ends with its block.

    Attributes:
        plugin: import path of the `plugin.py` module.
        name: of the executor.
        settings: options to try it with.
    """

    plugin: ClassVar[str]
    name: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}

    @contextmanager
    def opened(self) -> Iterator[concurrent.futures.Executor]:
        """The executor with two workers."""
        declaration: Executor = declared(self.plugin, "structkit_executors", self.name)
        options = declaration.settings(**self.settings)
        with import_string(declaration.build)(**dict(options)).open(2, ["json"]) as executor:
            yield executor

    def test_everything_is_done(self) -> None:
        with self.opened() as executor:
            futures = [executor.submit(pow, 2, n) for n in range(50)]
            results = sorted(
                future.result(60) for future in concurrent.futures.as_completed(futures, 60)
            )
        assert results == [2**n for n in range(50)], "each piece of work has one result"

    def test_errors_come_back_as_they_were(self) -> None:
        with self.opened() as executor:
            with pytest.raises(DataError, match="M001 a sentence"):
                executor.submit(_refuse).result(60)
            assert executor.submit(pow, 2, 3).result(60) == 8, "a failed piece stops no other"

    def test_work_is_done_in_the_folder_of_the_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with self.opened() as executor:
            assert Path(executor.submit(os.getcwd).result(60)) == tmp_path, (
                "paths of settings are relative to it"
            )

    def test_ends_with_its_block(self) -> None:
        with self.opened() as executor:
            assert executor.submit(pow, 2, 3).result(60) == 8
        if isinstance(executor, concurrent.futures.ProcessPoolExecutor):
            with pytest.raises(RuntimeError):
                executor.submit(pow, 2, 3)


def _refuse() -> None:
    raise DataError(Problem("M001", "a sentence", "a place"))
