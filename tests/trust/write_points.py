"""Stop a run at every point at which it writes, in turn, and then once more in the run after it; nothing may be lost.

.venv/bin/python tests/trust/write_points.py             # all of them
.venv/bin/python tests/trust/write_points.py --every 40  # a slice, as in the test suite

A write point is where a file is opened for writing, flushed to the disk, renamed, linked, made or removed. The process is
killed there (SIGKILL: nothing is tidied up); at a flush the file is cut to half before, as a disk may leave it.
"""

from __future__ import annotations

import argparse
import mmap
import os
import random
import signal
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

from ground import Ground

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")


class Points:
    """Counts the write points below a folder in a forked process, and kills it at one of them."""

    def __init__(self, folder: Path, deadly: int | None = None) -> None:
        self.folder, self.deadly = folder.resolve(), deadly
        self._seen = mmap.mmap(-1, 8)  # shared with the fork

    @property
    def seen(self) -> int:
        """How many were reached."""
        return int(struct.unpack("q", self._seen[:])[0])

    def watch(self) -> None:
        """From now on, in the fork."""
        sync = os.fsync

        def fsync(handle: int) -> None:
            self.reach(Path(f"/proc/self/fd/{handle}").readlink(), flushed=True)
            sync(handle)

        os.fsync = fsync
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        opens = event == "open" and isinstance(arguments[0], str | bytes | os.PathLike)
        if event in CHANGES or (opens and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            # the store names a file in a folder that it has open; either lies in the folder of the run
            handle = isinstance(arguments[0], int)
            where = f"/proc/self/fd/{arguments[0]}" if handle else os.fsdecode(arguments[0])
            self.reach(Path(where).readlink() if handle else Path(where))

    def reach(self, path: Path, flushed: bool = False) -> None:
        """A write point."""
        if not path.absolute().is_relative_to(self.folder):
            return
        number = self.seen + 1
        self._seen[:] = struct.pack("q", number)
        if number == self.deadly:
            if flushed and path.is_file():
                os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)


def stopped_at(ground: Ground, point: int) -> bool:
    """Run until a write point; whether it was reached."""
    points = Points(ground.folder, point)
    ended = ground.run(before=points.watch)
    assert ended.code in (0, -signal.SIGKILL), ended.err
    return ended.code != 0


def every_point(ground: Ground, every: int, say: bool) -> int:
    """Kill at one point in `every`, then at another of the run that goes on; returns how many points there are."""
    ground.clean()
    counter = Points(ground.folder)
    ended = ground.run(before=counter.watch)
    assert ended.code == 0, ended.err
    rng = random.Random(0)
    for point in range(1 + rng.randrange(every), counter.seen + 1, every):
        ground.clean()
        assert stopped_at(ground, point), f"point {point} of {counter.seen} was not reached"
        ground_is_whole(ground, point)
        ground.clean()
        stopped_at(ground, point)
        again = rng.randrange(1, counter.seen + 1)
        second = stopped_at(ground, again)
        ground_is_whole(ground, point, again)
        if say:
            print(
                f"point {point} of {counter.seen}, then {again}{'' if second else ' (not reached)'}",
                flush=True,
            )
    return counter.seen


def ground_is_whole(ground: Ground, *points: int) -> None:
    """The same command finishes as if nothing had been."""
    try:
        ground.check()
    except AssertionError as error:
        raise SystemExit(
            f"killed at write point {', then '.join(map(str, points))}: {error}"
        ) from error


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    with tempfile.TemporaryDirectory() as folder:
        count = every_point(Ground(Path(folder)), every, say=True)
    print(f"{count} write points, every {every}: once and twice killed, all results as undisturbed")


if __name__ == "__main__":
    main()
