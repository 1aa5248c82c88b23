"""A job that is being made, and what is known of one that is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from structkit import stopping
from structkit.engine.jobs import Job
from structkit.engine.logs import warnings_kept
from structkit.engine.pieces import RECORD, Done, Input, Piece
from structkit.engine.progress import Shown
from structkit.errors import IntegrityError, Problem, StructkitError
from structkit.kinds.base import Kind
from structkit.run import NOTES
from structkit.store.entries import require_stamps
from structkit.store.files import write_json
from structkit.store.store import Store

LATE = 10.0  # seconds that a published folder may take to show up on a disk shared by several hosts


@dataclass
class Making:
    """A job that is being made.

    Args:
        job: the job.
        kind: how it is done.
        inputs: what it reads.
        pieces: all of them, in order.
        waiting: those that nobody has begun.
        shown: how far it is, for a person.
        claim: held until the result is published.
        started: by the monotonic clock.
        done: what is known of finished pieces, by number.
        failed: errors of pieces while the others go on.
        notes: what was warned of before the first piece.
    """

    job: Job
    kind: Kind
    inputs: tuple[Input, ...]
    pieces: list[Piece]
    waiting: list[Piece]
    shown: Shown
    claim: contextlib.ExitStack
    started: float
    done: dict[int, Done] = field(default_factory=dict)
    failed: list[StructkitError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heard: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """What is known of a finished job, for the provenance of the run."""

    job: Job
    cached: bool
    seconds: float
    peak_memory_mib: float
    cpu: tuple[str, ...] = ()
    cpu_seconds: float = 0.0


class Watcher(Protocol):
    """Who is told how a run goes."""

    def ended(self, fact: Fact) -> None:
        """A job is finished."""

    def learnt(self, job: Job, record: Mapping[str, float]) -> None:
        """A training has finished an epoch."""


def placed(job: Job, problem: Problem) -> Problem:
    """A problem with the step it happened in, where it does not say a place of its own."""
    return Problem(
        problem.code, problem.message, problem.where or f"step '{job.step}'", problem.fix
    )


def together(failed: Sequence[StructkitError]) -> StructkitError:
    """Several failures as one, of the gravest kind."""
    gravest = max(failed, key=lambda error: error.exit_code)
    return type(gravest)(*(problem for error in failed for problem in error.problems))


def notes_of(making: Making) -> list[str]:
    """Everything that was warned of, each once, in the order of the pieces."""
    pieces = [making.done[piece.number].warnings for piece in making.pieces]
    return list(
        dict.fromkeys([*making.notes, *(warning for warned in pieces for warning in warned)])
    )


def join_pieces(making: Making, store: Store) -> None:
    """Make the result of a job whose pieces are finished, in the store.

    Raises:
        StructkitError: as the kind's `join`; I001, a piece does not show up.
    """
    job = making.job
    folders = [seen(piece.folder) for piece in making.pieces]
    with store.making(job.key, job.ingredients) as draft:
        with warnings_kept() as warned:
            making.kind.join(job, folders, making.inputs, draft)
        stopping.check()  # whoever swallowed it, nothing is published
        require_stamps(making.inputs)
        making.notes += warned
        if notes := notes_of(making):
            write_json(draft / NOTES, notes)


def seen(folder: Path) -> Path:
    """A published folder, waited for where the disk shows it late.

    Raises:
        IntegrityError: I001, it does not show up.
    """
    for _ in _moments(LATE):
        if (folder / RECORD).exists():
            return folder
        with contextlib.suppress(OSError):
            list(folder.parent.iterdir())  # asks the server anew
    raise IntegrityError(
        Problem("I001", "a finished piece of work is not there", str(folder), "run it again")
    )


def _moments(seconds: float) -> Iterator[Any]:
    end = time.monotonic() + seconds
    yield None
    while time.monotonic() < end:
        time.sleep(0.2)
        yield None
