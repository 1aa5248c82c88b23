"""Showing how far a run is: a moving bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import Any, Protocol

log = logging.getLogger("structkit")
QUIET_SECONDS = 5.0  # plain output says something at least this often while work is done


class Progress(Protocol):
    """What the runner tells."""

    def begin(self, title: str, total: int, done: int = 0) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def note(self, text: str) -> None: ...
    def end(self, text: str) -> None: ...


class PlainProgress:
    """One line when a job begins, ends, has news, or takes long."""

    def begin(self, title: str, total: int, done: int = 0) -> None:
        self.title, self.total, self.done, self.told = title, total, done, time.monotonic()
        resumed = f" ({done} of {total} parts already done)" if done else ""
        self._say(f"{title} ...{resumed}")

    def advance(self, count: int = 1) -> None:
        self.done += count
        if time.monotonic() - self.told > QUIET_SECONDS:
            self._say(f"{self.title}: {self.done}/{self.total} parts")

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
    """A bar with the time that is left, on a terminal."""

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
        self.title = ""
        self.task: Any = None

    def __enter__(self) -> BarProgress:
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.bar.stop()

    def begin(self, title: str, total: int, done: int = 0) -> None:
        self.title = title
        self.task = self.bar.add_task(title, total=total, completed=done)

    def advance(self, count: int = 1) -> None:
        self.bar.advance(self.task, count)

    def note(self, text: str) -> None:
        self._say(f"{self.title}: {text}")

    def end(self, text: str) -> None:
        self.bar.remove_task(self.task)
        self._say(f"{self.title}: {text}")

    def _say(self, text: str) -> None:
        self.bar.console.print(text, markup=False, highlight=False)
        log.info(text)
