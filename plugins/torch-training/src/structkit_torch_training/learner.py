"""The one epoch loop: seeded, resumable to the bit, best or last epoch kept.

No framework: a network, a function that makes a batch, and this. torch is imported when it is
called.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.errors import DataError, Problem, StepError
from structkit.randomness import generator, seed_for
from structkit.samples import RunContext
from structkit.store.files import digest
from structkit_torch_training.checkpoint import Checkpoint
from structkit_torch_training.exact_norms import take_norms
from structkit_torch_training.objective import Objective, Targets
from structkit_torch_training.repeating import repeatable
from structkit_torch_training.settings import TrainingSettings
from structkit_torch_training.team import Team, team_of

if TYPE_CHECKING:
    from torch import Tensor, nn

TOGETHER = 32  # rows that are looked at at once: more is no faster, and takes a gigabyte for images
Record = dict[str, float]
# the epoch whose weights are kept: the one with the lowest validation loss, or the last
Kept = Literal["best", "last"]
# rows of a table as the network's input: has `.to(device)`
Collate = Callable[[Table, Sequence[int]], Any]
# a batch in training, seen otherwise: turned, mirrored, shifted
Augment = Callable[[Any, np.random.Generator], Any]


@dataclass(frozen=True)
class Labelled:
    """Rows of a table, and what is to be said of each, on the device of the training."""

    table: Table
    targets: Targets

    def __len__(self) -> int:
        return len(self.table)


@dataclass
class Learner:
    """A network on its way through the epochs.

    Args:
        network: maps a batch to what the objective compares with targets, such as logits.
        collate: makes a batch from rows of a table.
        objective: what is learnt.
        augment: shows batches otherwise while the weights are learnt; never where they are scored.
        keep: the epoch whose weights are kept.
    """

    network: nn.Module
    collate: Collate
    objective: Objective
    settings: TrainingSettings
    context: RunContext
    augment: Augment | None = None
    keep: Kept = "best"
    history: list[Record] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    team: Team = Team()

    def fit(self, train: Table, valid: Table) -> Iterator[Record]:
        """Train; yields one record an epoch, those of an interrupted run first; leaves the weights of the epoch to keep.

        A batch larger than the training part holds all of it; the log says so.

        Raises:
            DataError: D041 fewer than two training rows.
            StepError: P012 the loss became NaN or infinite; P025 one of several processes is gone.
        """
        self.batch_size = self._affordable_batch(train)
        threads = max(1, self.context.threads // self.settings.processes)
        self.context = replace(self.context, threads=threads)
        with repeatable(self.context):
            yield from self._fit(train, valid)

    def _fit(self, train: Table, valid: Table) -> Iterator[Record]:
        """Train with as many rows a batch as there are."""
        import torch

        self.network.to(self.context.device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.settings.learning_rate)
        checkpoint = Checkpoint(self.context.scratch, self._identity(train, valid))
        checkpoint.restore(self)
        yield from self.history
        follow = functools.partial(self.follow, train, valid)
        with team_of(self.settings.processes, self.context.device, follow) as self.team:
            for record in self.epochs(train, valid):
                checkpoint.keep(self)
                yield record
        self.network.load_state_dict(self.best)
        self.network.eval()

    def epochs(self, train: Table, valid: Table) -> Iterator[Record]:
        """Go through the epochs that are left."""
        train_part, valid_part = self._labelled(train), self._labelled(valid)
        with self.team.knowing_whole_batches(self.network):
            for epoch in range(len(self.history) + 1, self.settings.epochs + 1):
                if self._out_of_patience():
                    break
                self.history.append(self._epoch(epoch, train_part, valid_part))
                yield self.history[-1]

    def follow(self, train: Table, valid: Table, team: Team) -> None:
        """Go through the epochs beside the process that began the training, and keep nothing."""
        self.team = team
        self.context = replace(self.context, device=team.device)
        self.network.to(team.device)
        self.optimizer.load_state_dict(self.optimizer.state_dict())  # follows its weights
        with repeatable(self.context):
            for _ in self.epochs(train, valid):
                pass

    def __getstate__(self) -> dict[str, Any]:
        """What another process is sent: who listens to this one does not listen to that."""
        return {**vars(self), "context": replace(self.context, log=_say_nothing)}

    def _affordable_batch(self, train: Table) -> int:
        """The batch size that was asked for; where there are fewer training rows, their number."""
        wanted, rows = self.settings.batch_size, len(train)
        if rows < 2:
            message = f"training rows: {rows}, a network needs at least two"
            raise DataError(Problem("D041", message, fix="add structures"))
        if min(wanted, rows) < self.settings.processes:
            message = (
                f"a batch of {min(wanted, rows)} rows for processes: {self.settings.processes}"
            )
            raise DataError(Problem("D041", message, fix="give each process a row at least"))
        if wanted <= rows:
            return wanted
        self.context.log(f"batch_size {wanted} > {rows} training rows: each batch holds all {rows}")
        return rows

    def _labelled(self, table: Table) -> Labelled:
        """A table with the targets of all its rows, looked up once."""
        return Labelled(table, self.objective.targets(table, self.context.device))

    def _identity(self, train: Table, valid: Table) -> str:
        """A checkpoint of other rows, or of other settings, is not resumed."""
        rows = [self._rows(table) for table in (train, valid)]
        settings = self.settings.model_dump(mode="json")
        return digest(
            [
                rows,
                settings,
                self.keep,
                self.context.seed,
                self.context.threads,
                self.context.device,
            ]
        )

    def _rows(self, table: Table) -> list[list[Any]]:
        """Who the rows are, and what is known of each."""
        known = self.objective.known(table)
        pairs = zip(table.rows, known, strict=True)
        return [[row.origin, row.id, value] for row, value in pairs]

    def _epoch(self, epoch: int, train: Labelled, valid: Labelled) -> Record:
        import torch

        # Seeded by the epoch alone: going on after a kill needs no generator state.
        torch.manual_seed(seed_for(self.context.seed, "epoch", epoch, *self._own) % 2**63)
        order = generator(self.context.seed, "order", epoch).permutation(len(train))
        self._set_rate(epoch)
        self.network.train()
        losses = [
            self._step(epoch, i, train, rows) * len(rows)
            for i, rows in enumerate(self._batches(order), 1)
        ]
        record = {"epoch": float(epoch), "train_loss": sum(losses) / len(train)}
        if self.settings.exact_norms:
            # the epoch's batches: those of a table in order may hold one class each, whose variance is far less
            # than that of all
            take_norms(
                self.network, self._batches(order), functools.partial(self._see, train.table)
            )
        record |= self._score(epoch, valid) if len(valid) else {}
        if self.keep == "last" or self._is_best(record):
            self.best = {
                name: value.detach().clone() for name, value in self.network.state_dict().items()
            }
        return record

    def _is_best(self, record: Record) -> bool:
        """Whether no epoch before had a lower validation loss; of the training part where there is no other."""
        watched = [r.get("valid_loss", r["train_loss"]) for r in (*self.history, record)]
        return watched[-1] <= min(watched)

    def _set_rate(self, epoch: int) -> None:
        """The learning rate of an epoch, from its number alone."""
        left = 1.0
        if self.settings.schedule == "cosine":
            left = 0.5 * (1 + math.cos(math.pi * (epoch - 1) / self.settings.epochs))
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * left

    def _batches(self, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Batches of the wanted size; a last one of too few rows joins the one before.

        Batch norms need two, and each of several processes one.
        """
        size = self.batch_size
        cuts = list(range(size, len(order), size))
        if cuts and len(order) - cuts[-1] < max(2, self.team.size):
            cuts.pop()
        return np.split(order, cuts)

    def _step(self, epoch: int, batch: int, train: Labelled, rows: NDArray[np.int64]) -> float:
        self.optimizer.zero_grad()
        mine = self.team.part(rows)
        targets = train.targets[mine]
        share = self.team.share(self.objective.weight(targets))
        output = self._output(train.table, mine, self._chance(epoch, batch))
        # a part of which nothing is known has no mean; it takes part all the same, for the others' sums
        loss = self.objective.loss(output, targets) * share if share else 0.0 * output.sum()
        value = self.team.total({"loss": float(loss.detach())})["loss"]
        self._check_finite(value, f"epoch {epoch}, batch {batch}")
        loss.backward()  # type: ignore[no-untyped-call]
        self.team.add_gradients(self.network)
        self.optimizer.step()
        return value

    def _check_finite(self, loss: float, place: str) -> None:
        if not math.isfinite(loss):
            message = f"loss is {loss} in {place} (learning rate {self.settings.learning_rate:g})"
            raise StepError(
                Problem("P012", message, fix="lower learning_rate; the last good epoch is kept")
            )

    def _score(self, epoch: int, valid: Labelled) -> Record:
        """Loss, and what else the objective tells, on the validation part."""
        import torch

        self.network.eval()
        sums: dict[str, float] = {}
        with torch.no_grad():
            for start in range(0, len(valid), TOGETHER):
                block = np.arange(start, min(start + TOGETHER, len(valid)))
                mine = self.team.part(block)
                rows = mine if len(mine) else block[:1]  # looked at, and not counted
                output = self._output(valid.table, rows)
                told = self.objective.score(output, valid.targets[rows], len(rows))
                for name, value in told.items():
                    sums[name] = sums.get(name, 0.0) + (value if len(mine) else 0.0)
        sums = self.team.total(sums)
        self._check_finite(sums["loss"], f"the validation of epoch {epoch}")
        return {f"valid_{name}": value / len(valid) for name, value in sums.items()}

    def _see(self, table: Table, rows: NDArray[np.int64]) -> None:
        """Show a batch to the network; of several processes, each its part."""
        self._output(table, self.team.part(rows))

    def _chance(self, epoch: int, batch: int) -> np.random.Generator | None:
        """What the augmentation of a batch draws from, by its number alone; None without one."""
        if self.augment is None:
            return None
        return generator(self.context.seed, "augment", epoch, batch, *self._own)

    @property
    def _own(self) -> tuple[int, ...]:
        """What tells the random numbers of one process from those of the others, where there are several."""
        return (self.team.rank,) if self.team.size > 1 else ()

    def _output(
        self, table: Table, rows: NDArray[np.int64], chance: np.random.Generator | None = None
    ) -> Tensor:
        batch = self.collate(table, rows.tolist())
        if self.augment is not None and chance is not None:
            batch = self.augment(batch, chance)
        output: Tensor = self.network(batch.to(self.context.device))
        return output

    def _out_of_patience(self) -> bool:
        if self.settings.patience is None or not self.history:
            return False
        watched = [r.get("valid_loss", r["train_loss"]) for r in self.history]
        return len(watched) - 1 - watched.index(min(watched)) >= self.settings.patience


def _say_nothing(text: str) -> None:
    """The process that began a training tells how it goes."""
