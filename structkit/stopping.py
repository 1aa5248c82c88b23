"""Stopping: a signal is remembered until the run has ended, so that no component can swallow it.

The handler raises at once, wherever the program is. A bare `except:` of a component may eat that;
what was asked for is looked at again (`check`) before and after each call, before each row, and
before anything is published.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from structkit.errors import Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME = (
    0.2  # seconds within which a second signal is the first one, passed on by `timeout` or a shell
)


@dataclass
class _Asked:
    """That somebody wants us to stop: with which exception, and since when."""

    error: BaseException | None = None
    since: float = 0.0


_asked = _Asked()


def heed() -> None:
    """Let every stopping signal stop this process cleanly, and a second one end it at once."""
    forget()
    for number in STOPPING:
        signal.signal(number, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    if _asked.error is not None:
        if time.monotonic() - _asked.since > SAME:
            _end()
        return  # once is enough: it must not interrupt the tidying up
    _remember(Stopped(128 + number))


def _interrupt(_: int, __: FrameType | None) -> None:
    _remember(KeyboardInterrupt())


def _remember(error: BaseException) -> None:
    _asked.error, _asked.since = error, time.monotonic()
    raise error


def _end() -> None:
    """End this process without tidying up, with all that it started where the process group is its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def check() -> None:
    """Stop here, if somebody has asked for it.

    Raises:
        Stopped, KeyboardInterrupt: what was raised when the signal came.
    """
    if _asked.error is not None:
        raise _asked.error


def forget() -> None:
    """Nobody has asked for anything: a new run begins."""
    _asked.error = None


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Remember Ctrl-C for the length of a block, where the program leaves it to Python, as a notebook does."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    forget()
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
        check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        forget()
