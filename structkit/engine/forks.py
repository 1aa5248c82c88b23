"""The process that workers are forked from: one, for as long as this process lives."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.forkserver
import os
import signal
from collections.abc import Iterator, Sequence
from multiprocessing import util
from multiprocessing.context import ForkServerContext
from pathlib import Path

PRELOAD, PIPE = "structkit.engine.preload", "STRUCTKIT_PRELOAD"


class ForkServer:
    """A process that imports what a run needs and then forks the workers, who need not import it again.

    Started before the pipeline is checked, it imports what every run needs while nobody waits for
    it; what the components import it is told afterwards.
    """

    def __init__(self) -> None:
        folder = util.get_temp_dir()
        path = str(Path(folder, "modules"))
        os.mkfifo(path, 0o600)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOAD])
        # open at both ends: whoever reads waits while we live, and is told nothing when we die
        self._pipe, self._told = os.open(path, os.O_RDWR), False
        with _environment(PYTHONSAFEPATH="1", **{PIPE: path}), _uninterrupted():
            multiprocessing.forkserver.ensure_running()

    def tell(self, modules: Sequence[str]) -> ForkServerContext:
        """Say what to import before workers are forked; what is said a second time, workers import themselves."""
        if not self._told:
            os.write(self._pipe, " ".join(modules).encode() + b"\n")
            self._told = True
        return self._context


@functools.cache
def fork_server() -> ForkServer:
    """The one of this process, started when it is first asked for."""
    return ForkServer()


@contextlib.contextmanager
def _environment(**words: str) -> Iterator[None]:
    """Start processes with these words in their environment: workers import nothing from the working folder."""
    before = {name: os.environ.get(name) for name in words}
    os.environ.update(words)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that no Ctrl-C meets while they import."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
