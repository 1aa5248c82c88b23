"""Child processes: what each does first, so that none outlives its parent, and how it tells how far it is.

A component that works for long tells it through the standard library's logging, on `PROGRESS`: its
lines are shown in the parent's progress and kept in run.log, from any process; in a library call
nobody listens.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading

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


def listen(handler: logging.Handler) -> None:
    """Let a handler hear what components of this process tell."""
    PROGRESS.addHandler(handler)
    PROGRESS.setLevel(logging.INFO)
    PROGRESS.propagate = False  # whoever hears it writes it to run.log
