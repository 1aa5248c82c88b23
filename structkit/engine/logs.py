"""What a run writes down of itself: its log."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from structkit.errors import printable
from structkit.store.inside import text_to

log = logging.getLogger("structkit")


class _Plain(logging.Formatter):
    """Nothing that a terminal obeys reaches the log, and no name begins a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = printable(super().format(record)).split("\n")
        return "\n".join([first, *(f"    {line}" for line in rest)])


class _Whole(logging.FileHandler):
    """A log that is told once that the disk is full, not per line."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        """The log, written at its end, through no link."""
        return text_to(Path(self.baseFilename), "a")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say nothing."""


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Log everything, tracebacks too, to a file."""
    handler = _Whole(path, encoding="utf-8")
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    except BaseException:
        log.debug("run stopped", exc_info=True)
        raise
    finally:
        log.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def warnings_kept() -> Iterator[list[str]]:
    """What the log is warned of meanwhile."""
    handler = _Kept()
    log.addHandler(handler)
    try:
        yield handler.warned
    finally:
        log.removeHandler(handler)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warned: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == log.name:
            self.warned.append(record.getMessage())
