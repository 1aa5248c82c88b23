"""Large results that were found whole earlier, and whose files nobody has written to since.

To read every byte at every start takes minutes for a hundred gigabytes. The system keeps, beside a
file's bytes, who it is and when it was last changed, and no program can set the time of change back
(`st_ctime`): where all of that is as it was when the bytes were read, they are not read again. What
it does not see is a disk that changes bytes by itself: for that there are `structkit store verify`
and `--paranoid`.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import NamedTuple

from structkit.errors import IntegrityError
from structkit.store.contents import UnchangedContents
from structkit.store.files import digest, read_sealed, sealed, write_json
from structkit.store.inside import remove

LARGE = 8 << 20  # bytes: smaller results are read at every start
SETTLED = 2_000_000_000  # ns: a file changed just now may change again within one tick of its clock


class Seen(NamedTuple):
    """The files of a result as the system knows them, without their bytes.

    Args:
        state: a digest of who they are, how long, and when they were last changed.
        size: of all, in bytes.
        settled: whether the last change is so long ago that another one would show.
    """

    state: str
    size: int
    settled: bool

    @classmethod
    def of(cls, result: Path) -> Seen:
        """Look at the files of a result."""
        now = time.time_ns()
        facts = [(str(p.relative_to(result)), p.lstat()) for p in sorted(result.rglob("*"))]
        words = [
            [name, f.st_dev, f.st_ino, f.st_mode, f.st_size, f.st_mtime_ns, f.st_ctime_ns]
            for name, f in facts
        ]
        last = max((max(f.st_mtime_ns, f.st_ctime_ns) for _, f in facts), default=now)
        return cls(digest(words), sum(f.st_size for _, f in facts), now - last > SETTLED)


class Unchanged:
    """What is remembered of the files of large results, a record a result, below one folder.

    Args:
        folder: where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def record(self, key: str) -> Path:
        """Where it is remembered of a result."""
        return self.folder / f"{key}.json"

    def holds(self, key: str, seen: Seen) -> bool:
        """Whether the files of a result are those that were found whole."""
        if seen.size < LARGE:
            return False
        try:
            noted = read_sealed(self.record(key), contents=UnchangedContents)
        except IntegrityError:
            return False
        return bool(noted["files"] == seen.state)

    def note(self, key: str, seen: Seen) -> None:
        """Remember the files of a large result, whose every byte has been read since they were seen.

        Where nothing can be written they are read again.
        """
        if not (seen.size >= LARGE and seen.settled):
            return
        with contextlib.suppress(OSError):
            write_json(self.record(key), sealed({"files": seen.state}), synced=False)

    def forget(self, key: str) -> None:
        """Remember nothing of a result."""
        remove(self.record(key))
