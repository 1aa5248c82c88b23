"""A piece of a job: done in any process, published in one rename, found again after a kill.

Pieces are plain data and do not know who does them. One that is done twice, at once or after one
another, leaves the same folder once.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from structkit import stopping
from structkit.data.opening import INDEX
from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.engine.building import build, require_code
from structkit.engine.context import Context
from structkit.engine.jobs import Job
from structkit.engine.logs import warnings_kept
from structkit.engine.machine import cpu, cpu_seconds, peak_memory_mib
from structkit.errors import IntegrityError
from structkit.randomness import chance_restored
from structkit.store.contents import PieceContents
from structkit.store.entries import require_stamps
from structkit.store.files import (
    Facts,
    damaged,
    inventory,
    published,
    read_sealed,
    sealed,
    write_json,
)
from structkit.store.inside import keep_inside, link_or_copy, remove, text_to
from structkit.store.reading import strange_file
from structkit.workers import News, listening, tell

RECORD = "piece.json"


@dataclass(frozen=True)
class Input:
    """A finished result that a piece reads.

    Args:
        folder: of its entry, absolute.
        origin: of its rows.
        work: of the job that made it.
        stamp: of the files that were checked.
    """

    folder: Path
    origin: str
    work: str
    stamp: str = ""


@dataclass(frozen=True)
class Piece:
    """A part of a job, or all of it.

    Args:
        job: what it belongs to.
        number: of the piece, from 0.
        content: what the piece is about, as its kind says: tasks of a source, a range of rows.
        folder: where it is published, absolute.
        inputs: the results that it reads.
        device: of torch.
        threads: of numerical libraries where the job is not spread.
        aside: whether it is done in another process than the one that shows progress.
        root: below which no link is followed to write.
    """

    job: Job
    number: int
    content: Any
    folder: Path
    inputs: tuple[Input, ...] = ()
    device: str = "cpu"
    threads: int = 1
    aside: bool = False
    root: Path | None = None

    @property
    def scratch(self) -> Path:
        """Where its unfinished work is kept."""
        return self.folder.with_name(f"scratch-{self.folder.name}")

    @property
    def told(self) -> Path:
        """The file that its lines are written to while it is done elsewhere."""
        return self.folder.with_name(f"told-{self.folder.name}")


@dataclass(frozen=True)
class Done:
    """What is known of a finished piece.

    Args:
        warnings: what was warned of, for the report.
        cpu: the instructions and kernels that computed it, which decide the last bits.
        peak_memory_mib: of the process that did it.
        cpu_seconds: processor time that it took.
        files: size and digest of every file.
    """

    warnings: tuple[str, ...] = ()
    cpu: str = ""
    peak_memory_mib: float = 0.0
    cpu_seconds: float = 0.0
    files: Mapping[str, Facts] = field(default_factory=dict)


def drop_strange(folder: Path) -> None:
    """Take away what no run leaves among unfinished work: a pipe there would be waited for, a link followed."""
    while strange := strange_file(folder):
        remove(strange)


def perform(piece: Piece) -> Done:
    """Do a piece, unless it is done already, and publish it."""
    if piece.aside:  # in this process the run has said so, and would notice another folder there
        keep_inside(piece.root or piece.folder.parent)
    if done := finished(piece.folder):
        return done
    kind, started = import_string(piece.job.kind)(), cpu_seconds()
    context = Context(piece.scratch, piece.device, piece.threads, lambda text: tell(News(text)))
    with (
        told_to(piece.told if piece.aside else None),
        warnings_kept() as warned,
        chance_restored(),
        fixed_threads(piece),
        published(piece.folder, synced=False) as draft,
    ):
        kind.do(piece, draft, context)
        stopping.check()  # whoever swallowed it, nothing is published
        require_code(piece.job.recipe)
        require_stamps(piece.inputs)
        record = {
            "files": inventory(draft),
            "warnings": warned,
            "cpu": cpu(),
            "peak_memory_mib": peak_memory_mib(),
            "cpu_seconds": round(cpu_seconds() - started, 4),
        }
        write_json(draft / RECORD, sealed(record), synced=False)
    remove(piece.scratch)
    return _done(record)


def opened(folder: Path) -> Table:
    """A table that pieces read from, opened once for all pieces of this process."""
    # one that was damaged and made again is another
    return _opened(folder, (folder / INDEX).stat().st_ino)


@functools.lru_cache(maxsize=4)
def _opened(folder: Path, inode: int) -> Table:
    return Table.open(folder)


def _done(record: Mapping[str, Any]) -> Done:
    warnings, spent = tuple(record["warnings"]), record.get("cpu_seconds", 0.0)
    return Done(warnings, record["cpu"], record["peak_memory_mib"], spent, record["files"])


def finished(folder: Path) -> Done | None:
    """What is known of a piece that was published and is still what was written; a damaged one is taken away."""
    if not folder.exists():
        return None
    try:
        record = read_sealed(folder / RECORD, contents=PieceContents)
        intact = not damaged(folder, record["files"])
        done = _done(record) if intact else None
    except IntegrityError:
        done = None
    if done is None:
        remove(folder)
    return done


def adopt(folder: Path, draft: Path) -> None:
    """Show the files of a finished piece in a draft."""
    for name in read_sealed(folder / RECORD, contents=PieceContents)["files"]:
        link_or_copy(folder / name, draft / name)


@contextlib.contextmanager
def fixed_threads(piece: Piece) -> Iterator[None]:
    """As many threads as were promised, whatever a library would choose: the number decides the last bits."""
    count = 1 if piece.job.spread else piece.threads
    if piece.job.recipe is not None:
        build(piece.job.recipe)  # imports the libraries whose threads are to be limited
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else count
    with _libraries(len(sys.modules)).limit(limits=count):
        try:
            if torch:
                torch.set_num_threads(count)
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


@functools.lru_cache(maxsize=1)
def _libraries(modules: int) -> Any:
    """The numerical libraries whose threads can be limited; looked for again when more modules are imported."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextlib.contextmanager
def told_to(path: Path | None) -> Iterator[None]:
    """Write what components tell to a file, which whoever shows progress reads from time to time."""
    if path is None:
        yield
        return

    def write(news: News) -> None:
        with text_to(path, "a") as stream:
            stream.write(json.dumps(asdict(news)) + "\n")

    with listening(write):
        yield
