"""The model `spectrum-cnn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from structkit import DataError, Problem, Table
from structkit.library import component, configured
from structkit_powder_spectra.grid import another_grid, grid_of, same_grid
from structkit_powder_spectra.network import SpectrumNetwork
from structkit_powder_spectra.network_settings import SpectrumCnnSettings
from structkit_torch_training import TorchClassifier


@component
class SpectrumCnn(TorchClassifier):
    """Classifies spectra by a convolutional network along their axis.

    Reads the array `spectrum`, (points,) a row, and `axis`, which must be that of the training.
    Blocks of a convolution, a ReLU and pooling over `pool` points, then a dense layer and the
    classes. Trained by Adam on the cross-entropy; the epoch with the lowest validation loss is
    kept. Pooling bears small shifts of lines; a cell larger than any that was learnt moves lines
    further than that, so show it strained cells (`instrument`).

    Args:
        settings: the words of `SpectrumCnnSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_powder_spectra import PowderXrd, SpectrumCnn
        >>> describe = PowderXrd(start=20, stop=100, step=0.1)
        >>> metals = {"Cu": "fcc", "Fe": "bcc", "Al": "fcc", "W": "bcc"}
        >>> patterns = [describe(bulk(name)) for name in metals]
        >>> rows = [Row(name, label) for name, label in metals.items()]
        >>> arrays = {name: [one[name] for one in patterns] for name in ("spectrum", "axis")}
        >>> table = Table.of(rows, **arrays)
        >>> model = SpectrumCnn(epochs=3, filters=[4, 4])
        >>> records = train(model, table)
        >>> model.classes, model.predict(table).shape
        (('bcc', 'fcc'), (4, 2))
    """

    settings: SpectrumCnnSettings

    @configured(SpectrumCnnSettings)
    def __init__(self, settings: SpectrumCnnSettings) -> None:
        super().__init__(settings)

    def facts_of(self, train: Table) -> dict[str, Any]:
        """The number of points, and the axis where rows say it.

        Raises:
            DataError: X023, too few points for the pooling; X012, rows of several axes.
        """
        points = len(train.item("spectrum", 0))
        shrink = self.settings.pool ** len(self.settings.filters)
        if points < shrink:
            message = f"{points} points cannot be pooled to one in {shrink}"
            fix = "lower pool, or use fewer filters"
            raise DataError(Problem("X023", message, fix=fix))
        if "axis" not in train.arrays:
            return {"points": points}
        axis = np.asarray(train.item("axis", 0), float)
        self.facts = {"points": points, "axis": axis.tolist()}
        self._check_axes(train, range(len(train)))
        return self.facts

    def new_network(self) -> SpectrumNetwork:
        """Fresh weights, for spectra of the training data's length."""
        return SpectrumNetwork(self.settings, self.facts["points"], len(self.classes))

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input, float32 (rows, 1, points).

        Raises:
            DataError: X012, spectra of another axis than those of the training.
        """
        self._check_axes(table, rows)
        spectra = table.stack("spectrum", rows).astype(np.float32)
        return torch.from_numpy(spectra[:, None])

    def _check_axes(self, table: Table, rows: Sequence[int]) -> None:
        known = np.array(self.facts.get("axis", ()))
        if len(known) == 0 or "axis" not in table.arrays:
            return
        points = self.facts["points"]
        for row in rows:
            axis = np.asarray(table.item("axis", row), float)
            length = len(table.item("spectrum", row))
            if length != points or not same_grid(axis, known):
                own = {name: table.item(name, row) for name in ("spectrum", "axis")}
                there = grid_of({"spectrum": np.zeros(points), "axis": known})
                raise DataError(another_grid(grid_of(own), there, table.rows[row].id))
