"""Child processes: what each does first, so that none outlives its parent, and how it tells how far it is.

A component that works for long tells it through the standard library's logging, on `PROGRESS`: its lines are shown in
the parent's progress and kept in run.log, from any process; in a library call nobody listens.
"""

from __future__ import annotations

import ctypes
import logging
import logging.handlers
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PROGRESS = logging.getLogger("structkit.progress")


def start_worker(parent: int, messages: Any = None) -> None:
    """Leave Ctrl-C to the parent, and die with it: an orphaned worker would go on writing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask to be told
        os._exit(1)
    if messages is not None:
        listen(logging.handlers.QueueHandler(messages))


def listen(handler: logging.Handler) -> None:
    """Let a handler hear what components of this process tell."""
    PROGRESS.addHandler(handler)
    PROGRESS.setLevel(logging.INFO)
    PROGRESS.propagate = False  # whoever hears it writes it to run.log
