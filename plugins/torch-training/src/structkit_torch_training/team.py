"""Several processes that train one network together: each takes a part of every batch.

Gradients of all parts are added before a step, each weighted by the number of terms in its loss, so
that what is learnt is the batch's mean loss, as in one process. The order of the sum depends on the
number of processes: equal numbers give equal bytes.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.errors import Problem, StepError
from structkit.workers import start_worker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from structkit_torch_training.learner import Learner

PATIENCE = datetime.timedelta(seconds=60)  # for a process that says nothing
MEETING = "meeting"  # the file by which processes find one another


@dataclass(frozen=True)
class Team:
    """A process among those that train together; alone unless said otherwise.

    Args:
        rank: which one; 0 keeps checkpoints, and tells how the training goes.
        size: how many they are.
    """

    rank: int = 0
    size: int = 1

    def part(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of a batch that this process takes."""
        return np.array_split(rows, self.size)[self.rank]

    def share(self, weight: float) -> float:
        """Which part of a batch's loss this process has; raises as `total` does.

        Args:
            weight: of its terms in the mean.
        """
        if self.size == 1:
            return 1.0
        return weight / max(self.total({"weight": weight})["weight"], 1e-300)

    def total(self, values: Mapping[str, float]) -> dict[str, float]:
        """Sums over all processes, float64.

        Raises:
            StepError: P025, one of them is gone.
        """
        if self.size == 1:
            return dict(values)
        import torch

        sums = torch.tensor(list(values.values()), dtype=torch.float64)
        _add(sums)
        return dict(zip(values, sums.tolist(), strict=True))

    def add_gradients(self, network: nn.Module) -> None:
        """Replace the gradients of a network by their sums over all processes; raises as `total` does."""
        if self.size == 1:
            return
        import torch

        weights = [weight for weight in network.parameters() if weight.requires_grad]
        flat = torch.cat(
            [(w.grad if w.grad is not None else torch.zeros_like(w)).flatten() for w in weights]
        )
        _add(flat)
        for weight, part in zip(
            weights, torch.split(flat, [w.numel() for w in weights]), strict=True
        ):
            weight.grad = part.view_as(weight).clone()


def _add(values: Tensor) -> None:
    """Replace values by their sums over all processes; all call it in the same order."""
    import torch.distributed as dist

    with _told():
        dist.all_reduce(values)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell in words that another process does not answer.

    Raises:
        StepError: P025.
    """
    try:
        yield
    except RuntimeError as error:
        message = "of the processes that train together one is gone, or says nothing for a minute"
        fix = "run it again: it goes on after the last epoch"
        raise StepError(Problem("P025", message, fix=fix)) from error


@contextlib.contextmanager
def team_of(learner: Learner, train: Table, valid: Table) -> Iterator[Team]:
    """Let as many processes as a training asks for go through its epochs beside this one.

    Raises:
        StepError: P025, a process is gone.
    """
    size = learner.settings.processes
    if size == 1:
        yield Team()
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = Path(folder) / MEETING
        for rank in range(1, size):
            stack.callback(_end, _start(rank, place, learner, train, valid))
        stack.enter_context(_together(0, size, place, learner))
        yield Team(0, size)


def _start(rank: int, place: Path, learner: Learner, train: Table, valid: Table) -> BaseProcess:
    """Start one process; tables from disk are opened there, and not sent."""
    context = replace(learner.context, log=_say_nothing)
    theirs = copy.copy(learner)
    theirs.context = context
    arguments = (rank, os.getpid(), place, theirs, train, valid)
    process = multiprocessing.get_context("spawn").Process(target=_follow, args=arguments)
    process.start()
    return process


def _follow(
    rank: int, parent: int, place: Path, shared: Learner, train: Table, valid: Table
) -> None:
    """What the other processes do: the same epochs, with their parts of the batches."""
    from structkit_torch_training.learner import repeatable

    start_worker(parent)
    learner = copy.deepcopy(shared)  # its weights came in memory that all processes see
    size, device = learner.settings.processes, _own_device(learner.context.device, rank)
    learner.move(device)
    with (
        contextlib.suppress(StepError),
        repeatable(learner.context),
        _together(rank, size, place, learner),
    ):
        learner.team = Team(rank, size)
        for _ in learner.epochs(train, valid):
            pass


@contextlib.contextmanager
def _together(rank: int, size: int, place: Path, learner: Learner) -> Iterator[None]:
    """Meet the other processes, by gloo, or on GPUs by nccl."""
    import torch.distributed as dist

    from structkit_torch_training.norms import shared_norms

    backend = "nccl" if learner.context.device.startswith("cuda") else "gloo"
    with _told():
        dist.init_process_group(backend, f"file://{place}", PATIENCE, size, rank)
    try:
        with shared_norms(learner.network, _add):
            yield
    finally:
        dist.destroy_process_group()


def _own_device(device: str, rank: int) -> str:
    """A GPU each, where the training is on GPUs; its first is the one that was asked for."""
    kind, _, number = device.partition(":")
    return f"{kind}:{int(number or 0) + rank}" if kind == "cuda" else device


def _say_nothing(text: str) -> None:
    """The first process tells how the training goes."""


def _end(process: BaseProcess) -> None:
    """Wait for a process that is done, and end one that is not."""
    process.join(1)
    if process.is_alive():
        process.kill()
    process.join()
