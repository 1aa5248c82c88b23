"""What `plan --cost` shows."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from structkit import stopping
from structkit.cli.checking import checked
from structkit.cli.commands import as_before, folder_of
from structkit.cli.output import plugins_print_aside, say, shown_progress
from structkit.discovery.allowed import remember
from structkit.engine.cost import Cost, by_step, costs
from structkit.engine.jobs import build_jobs
from structkit.randomness import chance_restored
from structkit.store.store import home_store

SIZES = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def show_cost(
    file: Path, overrides: Sequence[str], out: Path | None, rows: int, as_json: bool
) -> None:
    """`structkit plan --cost`."""
    pipeline = checked(file, overrides)
    pipeline = as_before(pipeline, folder_of(pipeline, out))
    remember(pipeline.registry.plugins)
    graph, store = build_jobs(pipeline), home_store()
    with (
        stopping.interruptible(),
        chance_restored(),
        shown_progress() as progress,
        plugins_print_aside(),
        tempfile.TemporaryDirectory(prefix="structkit-cost-") as place,
    ):
        shown = progress.task("a sample of the run")
        shown.begin(0)
        found = costs(pipeline, graph, Path(place), store, rows, shown)
        shown.end("done")
    if as_json:
        say(json.dumps([_plain(cost) for cost in found], indent=1))
        return
    for line in _table(found):
        say(line)


def _plain(cost: Cost) -> dict[str, Any]:
    """A cost as plain values."""
    job = cost.job
    return {
        "job": job.title,
        "step": job.step,
        "work": job.work,
        "origin": job.origin,
        "rows": round(cost.rows),
        "cpu_seconds": round(cost.cpu_seconds, 2),
        "memory_mib": round(cost.memory),
        "bytes": round(cost.bytes),
        "problem": cost.problem,
    }


def _table(costs: Sequence[Cost]) -> Iterator[str]:
    """A line for each step and work, and what they come to."""
    yield f"{'':<34}{'rows':>12}{'processor':>12}{'memory':>10}{'disk':>10}"
    for (step, work), parts in by_step(costs).items():
        if problem := next((part.problem for part in parts if part.problem), ""):
            yield f"{step + ' ' + work:<34}not known: {problem}"
            continue
        rows, cpu, size = (
            sum(getattr(part, name) for part in parts) for name in ("rows", "cpu_seconds", "bytes")
        )
        memory = max(part.memory for part in parts) * 2**20
        yield f"{step + ' ' + work:<34}{rows:>12,.0f}{_time(cpu):>12}{_size(memory):>10}{_size(size):>10}"
    yield from _all_together(costs)


def _all_together(costs: Sequence[Cost]) -> Iterator[str]:
    cpu, size = sum(cost.cpu_seconds for cost in costs), sum(cost.bytes for cost in costs)
    cores = len(os.sched_getaffinity(0))
    yield (
        f"in all {_time(cpu)} of processor time (at best {_time(cpu / cores)} on {cores} cores), "
        f"{_size(max(cost.memory for cost in costs) * 2**20)} of memory in each process, "
        f"{_size(size)} on the disk"
    )
    if any(cost.problem for cost in costs):
        yield "what is not known is not in it: more rows may help (--rows)"


def _time(seconds: float) -> str:
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {word}"
    return f"{seconds:.1f} s"


def _size(count: float) -> str:
    for size, word in SIZES:
        if count >= size:
            return f"{count / size:.1f} {word}"
    return f"{count:.0f} B"
