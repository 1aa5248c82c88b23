"""The model `nearest-neighbours`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, RunContext, Table
from structkit.data.npy import save_array
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, codes, log_loss, matrix
from structkit_baselines.settings import NeighbourSettings

IN_MEMORY = 4_000_000  # distances at once: 32 MB
BLOCK = 512  # rows that are read at once
COLUMNS = 256  # training rows that are taken in double precision at once


@component
class NearestNeighbours:
    """The vote of the nearest training rows; of equally near ones the first counts.

    Near is a small Euclidean distance |x − y|, or with `metric: cosine` a small angle, which does
    not see how strong a spectrum is. It learns by heart and makes nothing of it: with copies of
    the test rows in the training part it is always right, which is how leaks are found. Memory and
    time grow with the training rows.

    Args:
        settings: the words of `NeighbourSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import NearestNeighbours
        >>> points = np.array([[0.0], [0.1], [1.0], [1.1]])
        >>> table = Table.of([Row(f"row {i}", label="aabb"[i]) for i in range(4)], vector=points)
        >>> model = NearestNeighbours(neighbours=1)
        >>> records = train(model, table)
        >>> model.predict(Table.of([Row("new")], vector=[[0.9]]))
        array([[0., 1.]])
    """

    @configured(NeighbourSettings)
    def __init__(self, settings: NeighbourSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.features: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.labels: NDArray[np.int64] = np.zeros(0, np.int64)

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Remember the labelled rows; yields one record with the validation loss.

        Raises:
            DataError: D041, fewer rows than neighbours.
        """
        if self.settings.neighbours > len(train):
            message = f"neighbours {self.settings.neighbours} > {len(train)} training rows"
            raise DataError(Problem("D041", message, fix="lower neighbours"))
        self.classes = tuple(sorted(set(train.labels)))
        self.features = self._rows(train)
        self.labels = codes(train.labels, self.classes)
        record = {
            "epoch": 1.0,
            "train_loss": log_loss(self.predict(train), train.labels, self.classes),
        }
        if len(valid):
            record["valid_loss"] = log_loss(self.predict(valid), valid.labels, self.classes)
        yield record

    def predict(self, features: Table) -> Matrix:
        """Fractions of the votes, (rows, classes)."""
        votes = np.zeros((len(features), len(self.classes)))
        together = min(BLOCK, max(1, IN_MEMORY // max(1, len(self.features))))
        for rows in _blocks(len(features), together):
            distances = squared_distances(self._compared(features.select(rows)), self.features)
            chosen = np.eye(len(self.classes))[self.labels[self._nearest(distances)]]
            votes[rows] = chosen.mean(axis=1)
        return votes

    def _nearest(self, distances: Matrix) -> NDArray[np.intp]:
        """Places of the nearest rows, (rows, neighbours); of equally near ones the first."""
        if self.settings.neighbours == 1:
            nearest: NDArray[np.intp] = distances.argmin(axis=1)[:, None]
            return nearest
        return np.argsort(distances, axis=1, kind="stable")[:, : self.settings.neighbours]

    def _rows(self, table: Table) -> NDArray[np.float32]:
        """Rows as they are compared, some after the others: in double precision all would be gigabytes."""
        kept = np.zeros((0, 0), np.float32)
        for rows in _blocks(len(table), BLOCK):
            some = self._compared(table.select(rows))
            if not kept.size:
                kept = np.empty((len(table), some.shape[1]), np.float32)
            kept[rows] = some
        return kept

    def _compared(self, table: Table) -> NDArray[np.float32]:
        """Rows as they are compared: by angle, all are of length one."""
        rows = matrix(table)
        if self.settings.metric == "cosine":
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
        return rows.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        save_array(folder / "features.npy", self.features)
        save_array(folder / "labels.npy", self.labels)
        write_text(folder / "model.json", json.dumps({"classes": self.classes}))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.classes = tuple(
            json.loads((folder / "model.json").read_text(encoding="utf-8"))["classes"]
        )
        self.features = np.load(folder / "features.npy", allow_pickle=False)
        self.labels = np.load(folder / "labels.npy", allow_pickle=False)


def _blocks(count: int, size: int) -> Iterator[NDArray[np.int64]]:
    """Places of some rows after the others; of none once."""
    for start in range(0, max(count, 1), size):
        yield np.arange(start, min(start + size, count))


def squared_distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> Matrix:
    """Squared Euclidean distances, (rows of one, rows of other), in double precision."""
    a = one.astype(np.float64)
    distances = np.empty((len(one), len(other)))
    # taken again and again: asked for anew, the kernel fills this memory with zeros every time
    double, squared = np.empty((2, min(COLUMNS, len(other)), one.shape[1]))
    for start in range(0, len(other), COLUMNS):
        count = min(COLUMNS, len(other) - start)
        b = double[:count]
        np.copyto(b, other[start : start + count])
        lengths = np.square(b, out=squared[:count]).sum(axis=1)
        distances[:, start : start + count] = lengths - 2 * (a @ b.T)
    distances += (a**2).sum(axis=1)[:, None]
    return np.maximum(distances, 0.0)
