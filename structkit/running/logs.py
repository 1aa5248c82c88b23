"""What a run writes down of itself: its log, and the warnings that belong to a result."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from structkit.errors import printable

log = logging.getLogger("structkit")


class _Plain(logging.Formatter):
    """Nothing that a terminal obeys reaches the log, and no name begins a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = printable(super().format(record)).split("\n")
        return "\n".join([first, *(f"    {line}" for line in rest)])


@contextlib.contextmanager
def warnings_kept() -> Iterator[list[str]]:
    """What is warned of while a source looks for its work (files left out, labels alike), for the report."""
    told: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        yield told
    finally:
        log.removeHandler(handler)


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Log everything, tracebacks too, to a file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk is told once, not per line
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
