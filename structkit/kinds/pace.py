"""How a training goes, for a person: its last epoch in words, and how long it has left."""

from __future__ import annotations

import time
from collections.abc import Mapping


class Pace:
    """How long a training has left, by its epochs so far.

    Args:
        epochs: how many there are to be; None where nobody knows.
    """

    def __init__(self, epochs: object) -> None:
        self.epochs = epochs if isinstance(epochs, int) and epochs > 1 else None
        self.started, self.first = time.monotonic(), 0.0

    def left(self, epoch: float) -> str:
        """The end of a line about an epoch: ` · 3 of 10 epochs, 12 s left`."""
        if self.epochs is None:
            return ""
        # a training that goes on begins with the records of the last run
        self.first = self.first or epoch
        seconds = (time.monotonic() - self.started) / max(1.0, epoch - self.first + 1)
        return f" · {epoch:g} of {self.epochs} epochs, {seconds * (self.epochs - epoch):.0f} s left"


def describe(record: Mapping[str, float]) -> str:
    """A record of an epoch as a person reads it."""
    return " · ".join(
        f"{name.replace('_', ' ')} {value + 0.0:.4g}" for name, value in record.items()
    )
