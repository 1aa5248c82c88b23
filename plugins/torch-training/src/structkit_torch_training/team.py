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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit.errors import Problem, StepError
from structkit.workers import start_worker
from structkit_torch_training.devices import check_device

if TYPE_CHECKING:
    from torch import Tensor, nn

PATIENCE = datetime.timedelta(seconds=60)  # for a process that says nothing
MEETING = "meeting"  # the file by which processes find one another


@dataclass(frozen=True)
class Team:
    """A process among those that train together; alone unless said otherwise.

    Args:
        rank: which one; 0 keeps checkpoints, and tells how the training goes.
        size: how many they are.
        device: on which it works.
    """

    rank: int = 0
    size: int = 1
    device: str = "cpu"

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

    @contextlib.contextmanager
    def knowing_whole_batches(self, network: nn.Module) -> Iterator[None]:
        """Let the batch norms of a network take the mean over all parts of a batch, for the length of a block."""
        if self.size == 1:
            yield
            return
        from structkit_torch_training.norms import shared_norms

        with shared_norms(network, _add):
            yield


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
def team_of(size: int, device: str, follow: Callable[[Team], None]) -> Iterator[Team]:
    """Let other processes follow this one for the length of a block.

    Args:
        size: how many they are, with this one.
        device: of this one; of several GPUs the others take the next ones.
        follow: what the others do; it is sent to them. Tables from disk are opened there.

    Raises:
        SpecError: Y012, there are not so many GPUs here.
        StepError: P025, a process is gone.
    """
    if size == 1:
        yield Team(device=device)
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = Path(folder) / MEETING
        teams = [Team(rank, size, _next_device(device, rank)) for rank in range(size)]
        for team in teams:
            check_device(team.device)
        for team in teams[1:]:
            stack.callback(_end, _start(team, place, follow))
        stack.enter_context(_together(teams[0], place))
        yield teams[0]


def _start(team: Team, place: Path, follow: Callable[[Team], None]) -> BaseProcess:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_follow, args=(team, os.getpid(), place, follow))
    process.start()
    return process


def _follow(team: Team, parent: int, place: Path, follow: Callable[[Team], None]) -> None:
    start_worker(parent)
    own = copy.deepcopy(follow)  # tensors were sent as memory that all processes see
    with contextlib.suppress(StepError), _together(team, place):
        own(team)


@contextlib.contextmanager
def _together(team: Team, place: Path) -> Iterator[None]:
    """Meet the other processes, by gloo, or on GPUs by nccl."""
    import torch.distributed as dist

    backend = "cpu:gloo,cuda:nccl" if team.device.startswith("cuda") else "gloo"
    with _told():
        dist.init_process_group(backend, f"file://{place}", PATIENCE, team.size, team.rank)
    try:
        yield
    finally:
        dist.destroy_process_group()


def _next_device(device: str, rank: int) -> str:
    """A GPU each, where the training is on GPUs; the first is the one that was asked for."""
    kind, _, number = device.partition(":")
    return f"{kind}:{int(number or 0) + rank}" if kind == "cuda" and rank else device


def _end(process: BaseProcess) -> None:
    """Wait for a process that is done, and end one that is not."""
    process.join(1)
    if process.is_alive():
        process.kill()
    process.join()
