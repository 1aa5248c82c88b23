"""A model of numbers by a network: what all of them share. Its numbers are scaled by those of the training part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.evaluation.target import TARGET
from structkit.randomness import seed_for
from structkit.samples import RunContext
from structkit_torch_training.learner import Learner
from structkit_torch_training.model import TorchModel
from structkit_torch_training.objective import NumberObjective
from structkit_torch_training.predicting import outputs
from structkit_torch_training.repeating import repeatable
from structkit_torch_training.settings import TrainingSettings

Numbers = NDArray[np.float64]
SCALE = "scale"  # among the facts: mean and deviation of the training part


class TorchRegressor(TorchModel):
    """Trained by Adam on the squared error; the epoch that `kept_epoch` says is kept.

    What the network learns is (number / amount − mean) / deviation, with mean and standard
    deviation of the training part, which are saved with the weights (`scale` is taken among the
    facts). A loss of one is that of always saying the mean. Its network maps a batch to scaled
    numbers: (rows,), or (atoms of all rows,) where numbers are told of atoms.

    Args:
        settings: of the training; a model's own settings inherit from them.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        super().__init__(settings)

    def amounts(self, table: Table) -> Numbers:
        """By what the number of each row is divided before it is scaled, (rows,): one, unless a model says more."""
        return np.ones(len(table))

    def known(self, table: Table) -> list[Numbers]:
        """The numbers of each row, each divided by the row's amount: of one value, or one an atom."""
        amounts = self.amounts(table)
        parts = [np.atleast_1d(table.item(TARGET, row)) for row in range(len(table))]
        return [part / amount for part, amount in zip(parts, amounts, strict=True)]

    def scaled(self, table: Table) -> list[Numbers]:
        """What the network is to say of each row."""
        mean, deviation = self.facts[SCALE]
        return [(part - mean) / deviation for part in self.known(table)]

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train on rows with the array `target`; yields one record of losses an epoch.

        Raises:
            DataError: D041, fewer than two rows; what `facts_of` and `collate` refuse.
            StepError: P012, the loss became NaN or infinite.
        """
        import torch

        self.facts = {**self.facts_of(train), SCALE: scale_of(self.known(train))}
        with repeatable(context):
            torch.manual_seed(seed_for(context.seed, "weights") % 2**63)
            self.network = self.new_network()
            self.prepare(train, valid)
            learner = Learner(
                self.network,
                self.collate,
                NumberObjective(self.scaled),
                self.settings,
                context,
                self.augmentation(),
                self.kept_epoch(),
            )
            yield from learner.fit(train, valid)

    def prepare(self, train: Table, valid: Table) -> None:  # noqa: B027  (there need be nothing)
        """Do with fresh weights what precedes the first epoch, such as a fit of a linear part; repeats itself."""

    def predict(self, features: Table) -> Any:
        """Say a number of every row, in the unit that was learnt: `value`, float64 (rows,).

        Raises:
            ValueError: the model is not trained.
        """
        return {"value": self.unscaled(self.said(features)) * self.amounts(features)}

    def said(self, features: Table) -> Numbers:
        """What the network gives for all rows, side by side, float64."""
        given = outputs(self.trained(), self.collate, features, self.together)
        parts = [part.cpu().numpy().astype(np.float64) for part in given]
        return np.concatenate([np.zeros(0), *parts])

    def unscaled(self, numbers: Numbers) -> Numbers:
        """Numbers in the unit that was learnt, from scaled ones."""
        mean, deviation = self.facts[SCALE]
        unscaled: Numbers = mean + deviation * numbers
        return unscaled


def scale_of(parts: list[Numbers]) -> list[float]:
    """Mean and standard deviation of the numbers that are known; a deviation of one where all are equal."""
    flat = np.concatenate([np.zeros(0), *parts])
    flat = flat[np.isfinite(flat)]
    if len(flat) == 0:
        return [0.0, 1.0]
    return [float(flat.mean()), float(flat.std()) or 1.0]
