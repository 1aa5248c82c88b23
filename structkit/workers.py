"""Child processes: what each does first, so that none outlives its parent, and how it tells how far it is.

A component that works for long tells it through the standard library's logging, on `PROGRESS`: its
lines are shown in the parent's progress and kept in run.log, from any process; in a library call
nobody listens.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

PR_SET_PDEATHSIG = 1
PROGRESS = logging.getLogger("structkit.progress")


def start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and die with it: an orphaned worker would go on writing.

    Args:
        parent: the process that this one works for; a server of forks may stand between the two.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    master = multiprocessing.parent_process()
    if master is not None:
        threading.Thread(target=_die_with, args=(master.sentinel,), daemon=True).start()
    elif os.getppid() != parent:  # it died before we could ask to be told
        os._exit(1)


def _die_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


@dataclass(frozen=True)
class News:
    """What a component tells while it works.

    Args:
        text: one line, for a person.
        epoch: the record of a finished epoch of a training, where this is one.
    """

    text: str
    epoch: Mapping[str, float] | None = None


def tell(news: News) -> None:
    """Tell whoever listens to this process; nobody does in a library call."""
    PROGRESS.info("%s", news.text, extra={"epoch": news.epoch})


@contextlib.contextmanager
def listening(hear: Callable[[News], None]) -> Iterator[None]:
    """Hear what components of this process tell during a block."""
    handler = _Ear(hear)
    PROGRESS.addHandler(handler)
    PROGRESS.setLevel(logging.INFO)
    PROGRESS.propagate = False  # whoever hears it writes it to run.log
    try:
        yield
    finally:
        PROGRESS.removeHandler(handler)


class _Ear(logging.Handler):
    def __init__(self, hear: Callable[[News], None]) -> None:
        super().__init__()
        self.hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self.hear(News(record.getMessage(), getattr(record, "epoch", None)))
