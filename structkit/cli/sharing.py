"""What the verb `shards` does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from structkit import stopping
from structkit.cli.checking import checked
from structkit.cli.commands import check_device
from structkit.cli.output import plugins_print_aside, say, shown_progress
from structkit.discovery.allowed import remember
from structkit.engine.jobs import build_jobs, threads_of
from structkit.engine.sharing import Part, Sharer
from structkit.errors import Problem, SpecError
from structkit.pipeline.checked import CheckedPipeline
from structkit.randomness import chance_restored
from structkit.store.store import home_store


def do_part(file: Path, words: str, overrides: Sequence[str], device: str, patience: float) -> None:
    """`structkit shards`."""
    part = _part(words)
    pipeline = checked(file, overrides)
    _require_threads(pipeline)
    check_device(pipeline, device)
    jobs = build_jobs(pipeline, device).jobs
    store, threads = home_store(), threads_of(pipeline)
    remember(pipeline.registry.plugins)
    with (
        stopping.interruptible(),
        chance_restored(),
        shown_progress() as progress,
        plugins_print_aside(),
        store.in_use(),
    ):
        Sharer(jobs, store, part, progress, device, threads, patience).run()
    say(f"all results are there; structkit run {file} shows them")


def _part(words: str) -> Part:
    """Which part of how many, from `3/8`.

    Raises:
        SpecError: Y012.
    """
    numbers = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", words)
    number, count = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    if not 1 <= number <= count:
        fix = "say which of how many, such as 3/8, from 1 on"
        raise SpecError(Problem("Y012", f"'{words}' is no part", "--part", fix))
    return Part(number - 1, count)


def _require_threads(pipeline: CheckedPipeline) -> None:
    """Refuse a file that leaves the number of threads to each machine: it decides the keys of models.

    Raises:
        SpecError: Y012.
    """
    if pipeline.spec.pipeline.threads is None:
        message = "the file does not say how many threads a training has"
        fix = (
            "add `threads: 1` or another number: left to each machine, it would be different models"
        )
        raise SpecError(Problem("Y012", message, str(pipeline.spec.path), fix))
