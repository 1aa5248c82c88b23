"""Damage results, one file at a time: each damage is found before the result is used, and named; only it is made again.

.venv/bin/python tests/trust/bit_flips.py             # 1,000 flipped bits; 100 files each cut, taken away, written to, linked, a pipe
.venv/bin/python tests/trust/bit_flips.py --count 20  # a slice, as in the test suite

The files are drawn from all those of a store, so that small and large ones are hit alike.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from ground import Ground


def flip(path: Path, rng: random.Random) -> None:
    """One bit."""
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def cut(path: Path, rng: random.Random) -> None:
    """The end goes."""
    os.truncate(path, rng.randrange(path.stat().st_size))


def take_away(path: Path, rng: random.Random) -> None:
    """The whole file goes."""
    path.unlink()


def write_to(path: Path, rng: random.Random) -> None:
    """One byte more."""
    with path.open("ab") as stream:
        stream.write(b"x")


def link_away(path: Path, rng: random.Random) -> None:
    """The same bytes, but elsewhere: whoever owns that place may change them."""
    elsewhere = path.parents[4] / "elsewhere"
    elsewhere.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(elsewhere)


def pipe(path: Path, rng: random.Random) -> None:
    """A pipe, for which a reader would wait."""
    path.unlink()
    os.mkfifo(path)


DAMAGES: dict[Callable[[Path, random.Random], None], float] = {
    flip: 1,
    cut: 0.1,
    take_away: 0.1,
    write_to: 0.1,
    link_away: 0.1,
    pipe: 0.1,
}


def damaged_once(
    ground: Ground, damage: Callable[[Path, random.Random], None], rng: random.Random
) -> None:
    """Damage a file and run: it is named, its result alone is made again, and all is as before."""
    path = rng.choice([path for path in ground.files() if path.stat().st_size])
    before = ground.finished()
    damage(path, rng)
    ended = ground.must_run()
    where = f"{damage.__name__} {path.relative_to(ground.folder)}"
    # without its record a result is not there
    gone = damage is take_away and path.name == "entry.json"
    assert gone or ("I00" in ended.err and path.name in ended.err), (
        f"{where}: not named\n{ended.err}"
    )
    assert ground.results() == ground.right, f"{where}: results differ"
    again = {key for key, inode in ground.finished().items() if before[key] != inode}
    assert again == {path.relative_to(ground.store).parts[1]}, f"{where}: made again: {again}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    count, rng = parser.parse_args().count, random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder))
        for damage, share in DAMAGES.items():
            for number in range(max(2, round(share * count))):
                damaged_once(ground, damage, rng)
                if number % 100 == 99:
                    print(f"{damage.__name__}: {number + 1}", flush=True)
    print(f"{count} flipped bits and other damage: all found and named, no other result made again")


if __name__ == "__main__":
    main()
