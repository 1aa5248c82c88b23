"""One of several processes that make the results of a pipeline without speaking to each other: an array of jobs.

Each does its part of the pieces of every job, in whatever order they become possible. Who finds all
pieces of a job finished, whoever did them, publishes its result. So no process must stay for
another, and an ordinary run finds everything, or makes what is missing.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from structkit.discovery.plugin import import_string
from structkit.engine.jobs import Job
from structkit.engine.logs import warnings_kept
from structkit.engine.making import Making, join_pieces, placed
from structkit.engine.pieces import RECORD, Input, Piece, finished, perform
from structkit.engine.progress import Progress
from structkit.errors import Problem, StepError, StructkitError, listed
from structkit.kinds.base import Kind
from structkit.store.store import Store

GLANCE = 0.5  # seconds between looking for what others have done


@dataclass(frozen=True)
class Part:
    """Which of several processes this is.

    Args:
        number: from 0.
        count: how many there are.
    """

    number: int
    count: int

    def takes(self, piece: Piece) -> bool:
        """Whether a piece is this one's to do; jobs of a single piece are spread by their key."""
        return self.owner(piece) == self.number

    def owner(self, piece: Piece) -> int:
        """The part that does a piece."""
        return (piece.number + zlib.crc32(piece.job.key.encode())) % self.count


@dataclass
class Sharer:
    """Does one part of the pieces of several jobs.

    Args:
        jobs: of a pipeline, inputs first.
        store: which all parts share.
        part: which one this is.
        progress: shows how far it is.
        device, threads: as of a run.
        patience: seconds that are waited for others while nothing happens.
    """

    jobs: Sequence[Job]
    store: Store
    part: Part
    progress: Progress
    device: str
    threads: int
    patience: float
    ready: set[str] = field(default_factory=set)
    making: dict[str, Making] = field(default_factory=dict)

    def run(self) -> None:
        """Do what can be done until every job is finished.

        Raises:
            StepError: P024, others have not done their parts in time; or what a component raises.
            StructkitError: as a run.
        """
        left, moved = list(self.jobs), time.monotonic()
        seen = 0
        while left:
            left = [job for job in left if not self._finished(job)]
            there = self._count()
            if there != seen:
                seen, moved = there, time.monotonic()
            elif left and time.monotonic() - moved > self.patience:
                raise self._waited()
            elif left:
                time.sleep(GLANCE)

    def _count(self) -> int:
        """How much is there, whoever made it."""
        pieces = (piece for making in self.making.values() for piece in making.pieces)
        return len(self.ready) + sum((piece.folder / RECORD).exists() for piece in pieces)

    def _finished(self, job: Job) -> bool:
        """Do what can be done for a job; whether its result is there."""
        if any(need.key not in self.ready for need in job.inputs):
            return False
        if self.store.has(job.key):
            self.store.open(job.key)
            self.making.pop(job.key, None)
            self.ready.add(job.key)
            return True
        try:
            making = self.making.get(job.key) or self._cut(job)
            self._do(making)
            self._publish(making)
        except StructkitError as error:
            raise type(error)(*(placed(job, problem) for problem in error.problems)) from error
        return False

    def _cut(self, job: Job) -> Making:
        """A job as pieces."""
        kind: Kind = import_string(job.kind)()
        entries = [(self.store.open(need.key), need) for need in job.inputs]
        inputs = tuple(
            Input(entry.folder, need.origin, need.work, entry.stamp) for entry, need in entries
        )
        with warnings_kept() as notes:
            contents = kind.contents(job, inputs)
        place = self.store.partial(job.key)
        how = (self.device, self.threads, False, self.store.inside)
        pieces = [
            Piece(job, number, content, place / f"part-{number:06d}", inputs, *how)
            for number, content in enumerate(contents)
        ]
        mine = [piece for piece in pieces if self.part.takes(piece)]
        shown = self.progress.task(f"{job.title}, part {self.part.number + 1} of {self.part.count}")
        shown.begin(len(mine))
        parts = (pieces, mine, shown, ExitStack(), time.monotonic())
        self.making[job.key] = Making(job, kind, inputs, *parts, notes=notes)
        return self.making[job.key]

    def _do(self, making: Making) -> None:
        """Do this part's pieces, once."""
        while making.waiting:
            perform(making.waiting.pop(0))
            making.shown.advance()
            if not making.waiting:
                making.shown.end(f"done in {time.monotonic() - making.started:.1f} s")

    def _publish(self, making: Making) -> None:
        """Make a job's result, if all pieces are there and nobody else is about to."""
        if not all((piece.folder / RECORD).exists() for piece in making.pieces):
            return
        try:
            with self.store.claimed(making.job.key):
                if self.store.has(making.job.key):
                    return
                for piece in making.pieces:
                    done = finished(piece.folder)
                    if done is None:  # damaged, and taken away
                        making.waiting += [piece] if self.part.takes(piece) else []
                        return
                    making.done[piece.number] = done
                join_pieces(making, self.store)
        except BlockingIOError:
            return

    def _waited(self) -> StepError:
        """Who has not done what."""
        owners: set[int] = set()
        for making in self.making.values():
            missing = (piece for piece in making.pieces if not (piece.folder / RECORD).exists())
            owners |= {self.part.owner(piece) for piece in missing}
        names = [str(owner + 1) for owner in sorted(owners)]
        message = f"nothing has happened for {self.patience:g} s, waiting for"
        parts = "part" if len(names) == 1 else "parts"
        message += f" {parts} {listed(names)} of {self.part.count}" if names else " other processes"
        fix = "start these parts, and this one again; or `structkit run` makes what is missing"
        return StepError(Problem("P024", message, fix=fix))
