"""What a descriptor step costs beside the plain loop over the same structures, in CPU seconds of one thread.

.venv/bin/python plugins/diffraction-fingerprint/benchmarks/step_overhead.py                # 1,000, 5,000, 20,000 rows
.venv/bin/python plugins/diffraction-fingerprint/benchmarks/step_overhead.py --rows 1000 --profile

The step reads 256-atom structures from the store, makes fingerprints in shards of 32, checks them,
and keeps a verified table; the loop calls `DiffractionFingerprint.batch` on 32 structures in memory
at a time and keeps nothing. Both run here, in turn, three times (once from 20,000 rows on); the
ratio of the medians is printed.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["STRUCTKIT_BLOCK"] = "structkit-html-report"  # a report is no part of a step

if TYPE_CHECKING:
    from structkit.run import Run

SOURCE = """
import numpy as np
from pydantic import Field
from structkit import Sample, Settings, Source, Task, hookimpl

STRUCTKIT_API = 1


class ManySettings(Settings):
    rows: int = Field(1000, ge=1)
    \"\"\"structures\"\"\"


class Many:
    def __init__(self, **settings):
        self.rows = settings["rows"]

    def tasks(self):
        return [Task(f"t{start}", {"start": start}) for start in range(0, self.rows, 500)]

    def samples(self, task, rng):
        from ase.build import bulk  # 0.3 s, of which nobody should know who makes no structures

        cluster = bulk("Cu", cubic=True).repeat(4)
        for number in range(task.params["start"], min(task.params["start"] + 500, self.rows)):
            atoms = cluster.copy()
            atoms.positions += rng.normal(scale=0.05, size=atoms.positions.shape)
            yield Sample(f"row-{number}", atoms, "ab"[number % 2], f"group-{number // 10}")


@hookimpl
def structkit_sources():
    yield Source(name="many", build=f"{__name__}:Many", settings=ManySettings, summary="rattled copper")
"""
PIPELINE = """
structkit: 1
name: many
threads: 1
plugins: [many.py]
steps:
  many: {{use: many, with: {{rows: {rows}}}}}
  fingerprint: {{use: diffraction-fingerprint, from: many}}
"""


def run(only: str) -> Run:
    """Run the pipeline of the working folder up to a step, in this process."""
    from structkit.cli.checking import checked
    from structkit.engine.progress import PlainProgress
    from structkit.engine.runner import Runner
    from structkit.store.run_folder import RunFolder
    from structkit.store.store import Store

    pipeline = checked(Path("many.yaml"), ())
    return Runner(
        pipeline,
        RunFolder(Path("run"), chosen=False),
        Store(Path("store")),
        PlainProgress(),
        only=only,
    ).run()


def step() -> float:
    """CPU seconds of the descriptor step, from structures in the store."""
    for entry in Path("store/store").glob("*/*/image.npy"):
        shutil.rmtree(entry.parent)
    started = time.process_time()
    run("fingerprint")
    return time.process_time() - started


def loop(structures: list) -> float:
    """CPU seconds of the plain loop."""
    from structkit_diffraction_fingerprint import DiffractionFingerprint

    descriptor = DiffractionFingerprint()
    started = time.process_time()
    for start in range(0, len(structures), 32):
        descriptor.batch(structures[start : start + 32])
    return time.process_time() - started


def measured(rows: int, profile: bool) -> None:
    """Print the times and their ratio for one number of rows."""
    from structkit.data.items.structure import to_atoms

    Path("many.yaml").write_text(PIPELINE.format(rows=rows))
    table = run("many").table("many")
    structures = [to_atoms(table, row) for row in range(rows)]
    step(), loop(structures[:64])  # compiled and imported
    times = [(step(), loop(structures)) for _ in range(1 if rows >= 20_000 else 3)]
    ours, plain = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"{rows:>7,} rows: step {ours:.2f} s, loop {plain:.2f} s, overhead {100 * (ours / plain - 1):+.1f} %",
        flush=True,
    )
    if profile:
        with cProfile.Profile() as profiler:
            step()
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(70)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("many.py").write_text(SOURCE)
        for rows in options.rows:
            measured(rows, options.profile)


if __name__ == "__main__":
    main()
