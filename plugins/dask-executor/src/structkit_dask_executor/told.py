"""What dask says goes to the log of the run, and not to the terminal."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

OURS = logging.getLogger("structkit.dask")


@contextlib.contextmanager
def told_to_the_log() -> Iterator[None]:
    """Let dask's lines go to `run.log` during a block."""
    before = [(logger, logger.handlers, logger.propagate) for logger in _of_dask()]
    for logger, _, _ in before:
        logger.handlers, logger.propagate = [_Passed()], False
    try:
        yield
    finally:
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate


def _of_dask() -> list[logging.Logger]:
    """The loggers of dask that have handlers of their own."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    return [logger for logger in map(logging.getLogger, names) if logger.handlers]


class _Passed(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if OURS.isEnabledFor(record.levelno):
            OURS.handle(record)


def cause_of(error: BaseException) -> str:
    """The first line of what went wrong at first."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0]
