"""Showing how far a run is: moving bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import Any, Protocol

log = logging.getLogger("structkit")
QUIET_SECONDS = 5.0  # plain output says something at least this often while work is done


class Shown(Protocol):
    """How far one job is."""

    def begin(self, total: int, done: int = 0) -> None:
        """The job has so many parts (0: nobody knows), of which some may be done already."""

    def advance(self, count: int = 1) -> None:
        """So many parts more are done."""

    def note(self, text: str) -> None:
        """A line of news."""

    def end(self, text: str) -> None:
        """The job is over."""


class Progress(Protocol):
    """Where jobs are shown."""

    def task(self, title: str) -> Shown:
        """A job that is to be shown."""


class PlainProgress:
    """One line when a job begins, ends, has news, or takes long."""

    def task(self, title: str) -> Shown:
        """A job that is to be shown."""
        return _PlainTask(title)


class _PlainTask:
    def __init__(self, title: str) -> None:
        self.title, self.total, self.done, self.told = title, 0, 0, time.monotonic()

    def begin(self, total: int, done: int = 0) -> None:
        self.total, self.done = total, done
        resumed = f" ({done} of {total} parts already done)" if done else ""
        self._say(f"{self.title} ...{resumed}")

    def advance(self, count: int = 1) -> None:
        self.done += count
        if time.monotonic() - self.told > QUIET_SECONDS:
            of_how_many = f"/{self.total}" if self.total else ""
            self._say(f"{self.title}: {self.done}{of_how_many} parts")

    def note(self, text: str) -> None:
        self._say(f"{self.title}: {text}")

    def end(self, text: str) -> None:
        self._say(f"{self.title}: {text}")

    def _say(self, text: str) -> None:
        self.told = time.monotonic()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
        log.info(text)


class BarProgress:
    """A bar for each job, with the time that is left, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self.bar = Bar(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> BarProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def task(self, title: str) -> Shown:
        """A job that is to be shown."""
        return _BarTask(self.bar, title)


class _BarTask:
    def __init__(self, bar: Any, title: str) -> None:
        self.bar, self.title = bar, title
        self.number: Any = None

    def begin(self, total: int, done: int = 0) -> None:
        self.number = self.bar.add_task(self.title, total=total or None, completed=done)

    def advance(self, count: int = 1) -> None:
        self.bar.advance(self.number, count)

    def note(self, text: str) -> None:
        self._say(f"{self.title}: {text}")

    def end(self, text: str) -> None:
        if self.number is not None:
            self.bar.remove_task(self.number)
        self._say(f"{self.title}: {text}")

    def _say(self, text: str) -> None:
        self.bar.console.print(text, markup=False, highlight=False)
        log.info(text)
