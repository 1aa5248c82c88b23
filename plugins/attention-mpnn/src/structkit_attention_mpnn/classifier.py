"""The model `attention-mpnn`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from structkit import DataError, Problem, RunContext, Table
from structkit.randomness import seed_for
from structkit.training import Learner, load_facts, load_weights, prepare, probabilities, save_network
from structkit_attention_mpnn.batch import Batch, batch
from structkit_attention_mpnn.network import Network
from structkit_attention_mpnn.operations import engine
from structkit_attention_mpnn.settings import MpnnSettings

PER_BATCH = 32  # graphs that are predicted together


class AttentionMpnn:
    """Classifies graphs by message passing with self-attention (Swanson et al., Soft Matter 16, 435 (2020)).

    Reads the arrays of `neighbour-graph`. A prediction does not depend on the graphs it is made with. Trained by Adam
    on the cross-entropy; the epoch with the lowest validation loss is kept.

    Args:
        **settings: the words of `MpnnSettings`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = MpnnSettings(**settings)
        self.classes: tuple[str, ...] = ()
        self.network: Network | None = None

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train on labelled graphs; yields one record of losses an epoch.

        Raises:
            DataError: D041, more rows in a batch than there are; M021, a species that training has not seen.
        """
        self.classes = tuple(sorted(set(train.labels)))
        prepare(context)
        torch.manual_seed(seed_for(context.seed, "weights") % 2**63)
        self.species = sorted({int(z) for row in range(len(train)) for z in np.unique(train.item("numbers", row))})
        self.angles = train.item("angles", 0).shape[1] if "angles" in train.arrays else 0
        self.span = _span(train)
        self.network = self._new_network()
        known = [row for row, label in enumerate(valid.labels) if label in self.classes]
        learner = Learner(self.network, self.collate, self.classes, self.settings, context)
        yield from learner.fit(train, valid.select(known))

    def predict(self, features: Table) -> NDArray[np.float32]:
        """Class probabilities, shape (rows, classes), in the order of `classes`."""
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        if len(features) == 0:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        return probabilities(self.network, self.collate, features, PER_BATCH)

    def collate(self, table: Table, rows: Sequence[int]) -> Batch:
        """Rows of a table as the network's input.

        Raises:
            DataError: M021, a species that training has not seen.
        """
        for row in rows:
            if strange := set(np.unique(table.item("numbers", row)).tolist()) - set(self.species):
                message = f"row '{table.rows[row].id}' holds atomic number {min(strange)}, which training has not seen"
                raise DataError(Problem("M021", message, fix="set species: false in neighbour-graph"))
        return batch(table, rows, self.species)

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and everything else (JSON) into a folder."""
        if self.network is None:
            raise ValueError("the model is not trained: nothing to save")
        facts = {"classes": list(self.classes), "species": self.species, "span": list(self.span), "angles": self.angles}
        save_network(folder, self.network, facts)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts = load_facts(folder)
        self.classes, self.species = tuple(facts["classes"]), list(facts["species"])
        self.span, self.angles = (facts["span"][0], facts["span"][1]), int(facts["angles"])
        self.network = self._new_network()
        load_weights(folder, self.network)

    def _new_network(self) -> Network:
        chosen = engine(self.settings.backend)
        return Network(self.settings, len(self.species), self.span, self.angles, len(self.classes), chosen)


def _span(train: Table) -> tuple[float, float]:
    """The range that nearly all distances of the training data lie in."""
    distances = np.concatenate([train.item("distances", row) for row in range(len(train))])
    if len(distances) == 0:
        return 0.0, 1.0
    low, high = np.quantile(distances.astype(np.float64), [0.001, 0.999])
    return float(low), float(max(high, low + 1e-3))
