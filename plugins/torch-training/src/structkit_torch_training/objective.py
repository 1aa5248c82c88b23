"""What a network is to learn: classes by the cross-entropy, or numbers by the squared error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table

if TYPE_CHECKING:
    from torch import Tensor

Rows = NDArray[np.int64]


class Targets(Protocol):
    """What is to be said of every row of a table."""

    def __getitem__(self, rows: Rows) -> Tensor:
        """What is to be said of some rows, as the loss takes it."""


class Objective(Protocol):
    """What is learnt: the targets of rows, and how far a network's output is from them."""

    def known(self, table: Table) -> Sequence[Any]:
        """What is known of every row, as JSON holds it: a checkpoint of other targets is not resumed."""

    def targets(self, table: Table, device: str) -> Targets:
        """What is to be said of every row, on the device of the training."""

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of a batch."""

    def weight(self, targets: Tensor) -> float:
        """What the terms of a batch weigh together in the mean that its loss is, such as how many they are."""

    def score(self, output: Tensor, targets: Tensor, rows: int) -> dict[str, float]:
        """Sums over the rows of a validation batch: `loss`, and what else a record of an epoch tells."""


@dataclass(frozen=True)
class ClassObjective:
    """Classes, by the cross-entropy of logits (rows, classes).

    Args:
        classes: the labels, in the order of the logits.
    """

    classes: tuple[str, ...]

    def known(self, table: Table) -> Sequence[Any]:
        """The label of every row."""
        return list(table.labels)

    def targets(self, table: Table, device: str) -> Targets:
        """The place of every row's label among the classes, int64 (rows,)."""
        import torch

        place = {name: index for index, name in enumerate(self.classes)}
        targets = [place[label] for label in table.labels]
        return torch.tensor(targets, dtype=torch.int64, device=device)

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(output, targets)

    def weight(self, targets: Tensor) -> float:
        """The rows."""
        return len(targets)

    def score(self, output: Tensor, targets: Tensor, rows: int) -> dict[str, float]:
        """Summed cross-entropy, and how many rows are right."""
        from torch.nn.functional import cross_entropy

        loss = float(cross_entropy(output, targets, reduction="sum"))
        return {"loss": loss, "accuracy": float((output.argmax(1) == targets).sum())}


@dataclass(frozen=True)
class NumberObjective:
    """Numbers, by the squared error of scaled values; one a row, or one an atom of each row.

    A loss of one is that of always saying the mean of the training part.

    Args:
        values: of a table, the scaled numbers: one array a row, of one value or of one an atom.
    """

    values: Any

    def known(self, table: Table) -> Sequence[Any]:
        """The scaled numbers of every row."""
        return [_as_json(part) for part in self.values(table)]

    def targets(self, table: Table, device: str) -> Targets:
        """The scaled numbers of every row, float32."""
        return _Ragged(self.values(table), device)

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """The mean squared error; of an atom whose number is not known, none."""
        from torch.nn.functional import mse_loss

        there = targets.isfinite()
        return mse_loss(output[there], targets[there])

    def weight(self, targets: Tensor) -> float:
        """The numbers that are known."""
        return float(targets.isfinite().sum())

    def score(self, output: Tensor, targets: Tensor, rows: int) -> dict[str, float]:
        """The mean squared error, as often as there are rows."""
        return {"loss": float(self.loss(output, targets)) * rows}


def _as_json(part: NDArray[np.float64]) -> list[float | None]:
    """Numbers as JSON holds them: none of what is not known."""
    return [value if np.isfinite(value) else None for value in part.tolist()]


class _Ragged:
    """Arrays of every row, side by side when some rows are asked for."""

    def __init__(self, parts: Sequence[NDArray[np.float64]], device: str) -> None:
        self.parts, self.device = parts, device

    def __getitem__(self, rows: Rows) -> Tensor:
        import torch

        flat = np.concatenate([self.parts[row] for row in rows.tolist()])
        return torch.tensor(flat, dtype=torch.float32, device=self.device)
