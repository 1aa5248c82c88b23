"""What a table costs as it grows: operations and CPU seconds for 1,000 to 1,000,000 rows.

.venv/bin/python tests/benchmarks/table_scale.py            # 10^3 to 10^6 rows, about a minute
.venv/bin/python tests/benchmarks/table_scale.py --most 5   # to 10^5

An operation is a call of a function, in Python or C. Columns: joining shards of 1,000 rows into a table, opening it,
reading one shard's rows of it (ids, and the array), stacking an array of 64 numbers a row, the same by numpy alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.block import Block
from structkit.data.merging import write_table
from structkit.data.rows import Row
from structkit.data.table import Table

SHARD, WIDTH = 1_000, 64


def shard(number: int):
    """A part of a thousand rows, in fifty groups of its own."""
    block, values = Block(), np.random.default_rng(number).random((SHARD, WIDTH))
    for row in range(SHARD):
        name = f"row-{number}-{row}"
        block.append(
            Row(name, "ab"[row % 2], f"group-{number}-{row // 20}", meta={"k": row}),
            {"vector": values[row]},
        )
    return block.part()


def counted(action: Callable[[], Any]) -> tuple[int, float, Any]:
    """Operations and CPU seconds of an action, each measured in a run of its own, and its result."""
    started = time.process_time()
    result = action()
    seconds = time.process_time() - started
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls, seconds, result


def measured(rows: int, folder: Path) -> list[tuple[str, int, float]]:
    """Name, operations and seconds of each thing that is done with a table."""
    parts = [shard(number) for number in range(rows // SHARD)]
    place = folder / str(rows)
    found = [("join", *counted(lambda: write_table(parts, place))[:2])]
    calls, seconds, table = counted(lambda: Table.open(place))
    found.append(("open", calls, seconds))
    some = range(rows // 2, rows // 2 + 32)

    def read() -> list[Any]:
        opened = Table.open(place)
        return [(opened.rows[row].id, opened.item("vector", row)) for row in some]

    found.append(("read 32", *counted(read)[:2]))
    order = np.random.default_rng(0).permutation(rows)
    # brings the file into memory
    counted(lambda: np.array(np.load(place / "vector.npy", mmap_mode="r")))
    found.append(("stack", *counted(lambda: Table.open(place).stack("vector"))[:2]))
    found.append(
        (
            "numpy alone",
            *counted(lambda: np.array(np.load(place / "vector.npy", mmap_mode="r")))[:2],
        )
    )
    found.append(("stack shuffled", *counted(lambda: Table.open(place).stack("vector", order))[:2]))
    found.append(("groups", *counted(lambda: table.groups)[:2]))
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=6, help="the largest power of ten")
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory() as folder:
        for power in range(3, most + 1):
            for name, calls, seconds in measured(10**power, Path(folder)):
                print(
                    f"{10**power:>9,} rows  {name:<15}{calls:>12,} operations  {seconds:>9.4f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
