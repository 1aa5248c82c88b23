"""Walking the jobs: each is found in the store or made, piece by piece, beside all that can be done at the same time.

One process of all that share a store makes a key; the others wait for it without holding anything
themselves.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from structkit.discovery.plugin import import_string
from structkit.engine.jobs import Job, Need
from structkit.engine.logs import warnings_kept
from structkit.engine.machine import cpu_seconds
from structkit.engine.making import Fact, Making, Watcher, join_pieces, placed, together
from structkit.engine.pieces import Done, Input, Piece, drop_strange, finished, perform
from structkit.engine.progress import Progress, Shown
from structkit.errors import DataError, IntegrityError, Problem, StepError, StructkitError
from structkit.kinds.base import Kind
from structkit.store.inside import remove
from structkit.store.reading import opened
from structkit.store.store import Store
from structkit.workers import News, listening

log = logging.getLogger("structkit")
HOPELESS = 3  # when that many pieces have failed and none has not, the others would fail too
AHEAD = 2  # pieces that wait for each worker, so that none is idle
NEWS = 0.5  # seconds between looking for what pieces tell


@dataclass
class Scheduler:
    """Makes jobs in an order in which each comes after its inputs, several at a time where the executor can.

    Args:
        jobs: of the run, inputs first.
        store: where results are kept.
        executor: what pieces are handed to.
        width: how many pieces it has at a time.
        progress: shows how far everything is.
        device, threads: for work that is not spread.
        aside: whether pieces are done in other processes.
        watcher: is told of every finished job, and of every finished epoch of a training.
    """

    jobs: Sequence[Job]
    store: Store
    executor: concurrent.futures.Executor
    width: int
    progress: Progress
    device: str
    threads: int
    aside: bool
    watcher: Watcher

    def __post_init__(self) -> None:
        self.ready: set[str] = set()
        self.making: dict[str, Making] = {}
        self.running: dict[concurrent.futures.Future[Done], tuple[Making, Piece]] = {}

    def run(self) -> None:
        """Make every job.

        Raises:
            StructkitError: the first failure; everything that was finished stays.
        """
        left = list(self.jobs)
        try:
            while left or self.making:
                left = self._begin(left)
                self._submit()
                if self.running:
                    self._collect()
                elif not self.making and left:
                    # another process makes what everything else here waits for
                    time.sleep(NEWS / 5)
        except BrokenExecutor as error:
            ours = isinstance(error, BrokenProcessPool)
            lost = "a worker process died (killed, or out of memory)" if ours else str(error)
            message = f"{lost} during {self._under_way()}"
            fix = "use fewer --workers" if ours else "look at the workers, and run it again"
            raise StepError(Problem("P013", message, fix=fix)) from error
        finally:
            for making in self.making.values():
                making.claim.close()

    def _under_way(self) -> str:
        return (
            ", ".join(sorted({making.job.title for making, _ in self.running.values()}))
            or "the run"
        )

    # Beginning ------------------------------------------------------------------------------------------

    def _begin(self, left: list[Job]) -> list[Job]:
        """Begin what can begin, as long as a worker would be idle; returns the jobs that are still to come."""
        later = []
        for job in left:
            if (
                not self._has_room()
                or job.key in self.making
                or any(need.key not in self.ready for need in job.inputs)
                or not self._began(job)
            ):
                later.append(job)
        return later

    def _has_room(self) -> bool:
        return (
            sum(len(making.waiting) for making in self.making.values()) + len(self.running)
            < self.width
        )

    def _began(self, job: Job) -> bool:
        """Find a result, or begin to make it; False where another process is making it."""
        started = time.monotonic()
        if self._found(job):
            self._finish(Fact(job, True, round(time.monotonic() - started, 3), 0.0))
            return True
        claim = contextlib.ExitStack()
        try:
            claim.enter_context(self.store.claimed(job.key))
        except BlockingIOError:
            return False
        if self._found(job, claimed=True):  # another process may have made it in between
            claim.close()
            self._finish(Fact(job, True, round(time.monotonic() - started, 3), 0.0))
            return True
        try:
            self._plan(job, claim, started)
        except BaseException as error:
            claim.close()
            raise self._explained(job, error) from error
        return True

    def _plan(self, job: Job, claim: contextlib.ExitStack, started: float) -> None:
        """Cut a job into pieces, of which some may be there already."""
        kind: Kind = import_string(job.kind)()
        inputs = tuple(self._input(need) for need in job.inputs)
        shown = self.progress.task(job.title)
        with warnings_kept() as notes, self._hearing(job, shown):
            contents = kind.contents(job, inputs)
        place = self.store.partial(job.key)
        drop_strange(place)
        folders = [place / f"part-{number:06d}" for number in range(len(contents))]
        how = (self.device, self.threads, self.aside, self.store.inside)
        pieces = [
            Piece(job, number, content, folder, inputs, *how)
            for number, (content, folder) in enumerate(zip(contents, folders, strict=True))
        ]
        done = {piece.number: found for piece in pieces if (found := finished(piece.folder))}
        waiting = [piece for piece in pieces if piece.number not in done]
        for piece in waiting:
            remove(piece.told)  # what lies there was told by nobody of this run
        shown.begin(len(pieces), len(done))
        parts = (pieces, waiting, shown, claim, started, done)
        making = self.making[job.key] = Making(job, kind, inputs, *parts, notes=notes)
        if not waiting:
            self._publish(making)

    def _input(self, need: Need) -> Input:
        entry = self.store.open(need.key)
        return Input(entry.folder, need.origin, need.work, entry.stamp)

    def _found(self, job: Job, claimed: bool = False) -> bool:
        """Whether an intact result is in the store; who has claimed it names a damaged one and sets it aside."""
        if not self.store.has(job.key):
            return False
        try:
            self.store.open(job.key)
            self.store.done_with(job.key)
        except IntegrityError as error:
            if not claimed:  # another process may be making it again already
                return False
            shown = self.progress.task(job.title)
            shown.begin(1)
            shown.end(
                f"{error} — making it again; the damaged one is in {self.store.drop(job.key)}"
            )
            return False
        log.info("%s: found in the store (%s)", job.title, job.key[:12])
        return True

    # Doing ----------------------------------------------------------------------------------------------

    def _submit(self) -> None:
        """Hand pieces to the executor, those of the first job first."""
        for making in list(self.making.values()):
            while making.waiting and len(self.running) < self.width:
                piece = making.waiting.pop(0)
                with self._hearing(making.job, making.shown):
                    future = self.executor.submit(perform, piece)
                self.running[future] = (making, piece)
                if future.done():
                    return  # done on the spot: look at it before the next one

    def _collect(self) -> None:
        """Take up what has been done, and tell what is told meanwhile."""
        first = concurrent.futures.FIRST_COMPLETED
        done, _ = concurrent.futures.wait(
            self.running, timeout=NEWS if self.aside else None, return_when=first
        )
        for making, piece in list(self.running.values()):
            self._tell(making, piece)
        for future in done:
            making, piece = self.running.pop(future)
            self._take(making, piece, future)

    def _tell(self, making: Making, piece: Piece) -> None:
        """Show the lines that a piece has written since we last looked."""
        if not self.aside or not piece.told.exists():
            return
        with opened(piece.told) as stream:
            stream.seek(making.heard.get(piece.number, 0))
            data = stream.read()
        whole = data[: data.rfind(b"\n") + 1]
        making.heard[piece.number] = making.heard.get(piece.number, 0) + len(whole)
        for line in whole.decode("utf-8").splitlines():
            self._hear(making.job, making.shown, News(**json.loads(line)))

    def _hearing(self, job: Job, shown: Shown) -> contextlib.AbstractContextManager[None]:
        """Hear what is told in this process, where work is done in it."""
        if self.aside:
            return contextlib.nullcontext()
        return listening(functools.partial(self._hear, job, shown))

    def _hear(self, job: Job, shown: Shown, news: News) -> None:
        shown.note(news.text)
        if news.epoch is not None:
            self.watcher.learnt(job, news.epoch)

    def _take(self, making: Making, piece: Piece, future: concurrent.futures.Future[Done]) -> None:
        try:
            making.done[piece.number] = future.result()
            self._warn(making.done[piece.number])
            making.shown.advance()
        except (StepError, DataError) as error:
            self._failed(making, error)
        except Exception as error:
            if isinstance(error, BrokenExecutor):
                raise
            raise self._explained(making.job, error) from error
        self._tell(making, piece)
        remove(piece.told)
        if len(making.done) + len(making.failed) == len(making.pieces):
            self._publish(making)

    def _warn(self, done: Done) -> None:
        """Write down what was warned of in another process, whose log nobody keeps."""
        for warning in done.warnings if self.aside else ():
            log.warning("%s", warning)

    def _failed(self, making: Making, error: StructkitError) -> None:
        """A failed piece of a job that goes on waits until the others are done: nothing that they made is lost."""
        log.error("a part of %s failed", making.job.title, exc_info=error)
        making.failed.append(error)
        hopeless = not making.done and len(making.failed) == HOPELESS
        if not making.kind.goes_on(making.job) or hopeless:
            raise self._explained(making.job, together(making.failed)) from error
        if len(making.pieces) > 1:
            making.shown.note(f"failed, the other tasks go on: {error.problems[0]}")

    # Publishing -----------------------------------------------------------------------------------------

    def _publish(self, making: Making) -> None:
        """Make the result of the finished pieces."""
        job = making.job
        if making.failed:
            raise self._explained(job, together(making.failed)) from making.failed[0]
        started = cpu_seconds()
        try:
            join_pieces(making, self.store)
        except Exception as error:
            raise self._explained(job, error) from error
        making.claim.close()
        del self.making[job.key]
        seconds = time.monotonic() - making.started
        said, pieces = making.kind.said(job, self.store.open(job.key).folder), making.done.values()
        making.shown.end(f"{said} in {seconds:.1f} s")
        peak = max((done.peak_memory_mib for done in pieces), default=0.0)
        cpus = tuple(sorted({done.cpu for done in pieces}))
        spent = sum(done.cpu_seconds for done in pieces) + cpu_seconds() - started
        self._finish(Fact(job, False, round(seconds, 3), peak, cpus, round(spent, 3)))

    def _finish(self, fact: Fact) -> None:
        self.ready.add(fact.job.key)
        self.watcher.ended(fact)

    def _explained(self, job: Job, error: BaseException) -> BaseException:
        """An error with the step it happened in, where it does not say a place of its own."""
        if not isinstance(error, StructkitError):
            return error
        log.error("step %s failed", job.step, exc_info=error)
        return type(error)(*(placed(job, problem) for problem in error.problems))
