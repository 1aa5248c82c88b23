"""What the verbs share: lines on the terminal, how far a run is, and where results lie."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from structkit.engine.progress import BarProgress, PlainProgress, Progress
from structkit.errors import printable

RUNS = Path("runs")


def say(text: str) -> None:
    """Print a line; what a terminal could obey is written out."""
    sys.stdout.write(printable(text) + "\n")


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress]:
    """A moving bar on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        with BarProgress() as bar:
            yield bar
    else:
        yield PlainProgress()


@contextlib.contextmanager
def plugins_print_aside() -> Iterator[None]:
    """What a plugin prints goes to standard error: standard output is for results, which programs read."""
    with contextlib.redirect_stdout(sys.stderr):
        yield
