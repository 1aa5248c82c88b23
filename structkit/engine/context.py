"""What a piece of work is told of where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """Where a piece is done.

    Args:
        scratch: a folder for unfinished work, which survives a kill; made when it is used.
        device: of torch.
        threads: of numerical libraries, for work that is not spread.
        tell: shows a line in the progress of the run.
    """

    scratch: Path
    device: str = "cpu"
    threads: int = 1
    tell: Callable[[str], None] = print
