"""Imported by the process that workers are forked from: it imports what a run needs, once.

What every run needs is imported at once, while the pipeline is still being read. What the
components of the run need comes through a named pipe, as soon as it is known; until then, what many
components need.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import select
from collections.abc import Iterable

from structkit.discovery.imported import watch_plugins
from structkit.engine.forks import PIPE
from structkit.surroundings import Snapshot

EVERY_RUN = ("structkit.engine.pieces", "structkit.hookspecs", "ase.geometry", "threadpoolctl")
MANY_RUNS = ("scipy.spatial", "numba")


def load(names: Iterable[str]) -> None:
    """Import modules; whoever needs one that fails meets the same error, and says so."""
    for name in names:
        before = Snapshot()
        with contextlib.suppress(Exception):
            importlib.import_module(name)
        before.put_back()  # who set what is told where the plugin is found


def prepare(modules: Iterable[str]) -> None:
    """Import what every run needs and what the components of one need; for workers that are not forked from here."""
    watch_plugins()
    load([*EVERY_RUN, *modules])


def preload(pipe: str) -> None:
    """Import everything; who is to tell what the components need may be dead, and then nobody tells."""
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    watch_plugins()
    load(EVERY_RUN)
    for name in MANY_RUNS:
        if not _has_news(end):
            load([name])
    os.set_blocking(end, True)
    with os.fdopen(end, encoding="utf-8") as stream:
        load(stream.readline().split())


def _has_news(end: int) -> bool:
    return bool(select.select([end], [], [], 0)[0])


if PIPE in os.environ:
    with contextlib.suppress(OSError):
        preload(os.environ[PIPE])
