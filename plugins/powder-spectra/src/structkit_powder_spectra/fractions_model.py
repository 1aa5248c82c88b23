"""The model `phase-fractions`: how much of each reference phase a pattern holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, RunContext, Table
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_powder_spectra.grid import Grid, another_grid, grid_of, same_grid
from structkit_powder_spectra.mixture import Mixture, PhaseAnalysis
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.references import (
    Reference,
    load_references,
    references_of,
    save_references,
)
from structkit_powder_spectra.waves import Floats


@component
class PhaseFractions:
    r"""Weight fractions of the phases of a mixture, by `PhaseAnalysis` on the references that it learnt.

    Learns nothing but which phases there are: the training rows that have reflections, such as
    those of `powder-xrd`, each under its label. References of one label are added. Phases are
    taken in one after the other, the one that explains most of what is left, and all are aligned
    each time: a common displacement, and for each phase cell, size and texture. Scales S are
    non-negative and become weights

    $$
    w_k = \frac{S_k (ZMV)_k}{\sum_j S_j (ZMV)_j}
    $$

    (R. J. Hill and C. J. Howard, J. Appl. Cryst. 20, 467 (1987)). Intervals come from leaving out
    stretches of the pattern in turn, and from `systematic`, an assumption of what no pattern
    shows. Peaks away from all lines that are higher than `stray` are told as something else;
    weights are then parts of what was found. It is no Rietveld refinement: atoms stay where the
    references have them. Absorption within grains is not corrected, and what is amorphous counts
    as background.

    Args:
        settings: the words of `PhaseSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_powder_spectra import CommonPhases, PhaseFractions
        >>> from structkit_powder_spectra import PowderXrd, SimulatedMixtures
        >>> phases, rng = CommonPhases(phases=["NaCl", "Si"]), np.random.default_rng(0)
        >>> crystals = [sample for task in phases.tasks() for sample in phases.samples(task, rng)]
        >>> grid = {"start": 20, "stop": 80, "step": 0.05}
        >>> patterns = [PowderXrd(**grid)(sample.atoms) for sample in crystals]
        >>> rows = [Row(sample.id, sample.label, sample.id, "references") for sample in crystals]
        >>> arrays = {name: [pattern[name] for pattern in patterns] for name in patterns[0]}
        >>> model = PhaseFractions(blocks=8)
        >>> records = train(model, Table.of(rows, **arrays))
        >>> mixtures = SimulatedMixtures(phases=["NaCl", "Si"], parts=(2, 2), mixtures=1, **grid)
        >>> mixture = next(mixtures.samples(mixtures.tasks()[0], np.random.default_rng(0)))
        >>> row = Row("scan", mixture.label, "scan", "scans")
        >>> scan = Table.of([row], **{name: array[None] for name, array in mixture.arrays.items()})
        >>> model.phases, round(float(model.predict(scan)["fractions"].sum()), 2)
        (('NaCl', 'Si'), 1.0)
    """

    @configured(PhaseSettings)
    def __init__(self, settings: PhaseSettings) -> None:
        self.settings = settings
        self.references: list[Reference] = []
        self.grid = Grid("2theta", 0.0, 0.0, 0, 0.0)

    @property
    def phases(self) -> tuple[str, ...]:
        """The names of the references, each once, in the order of the columns that `predict` gives."""
        return tuple(sorted({reference.name for reference in self.references}))

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Keep the references; yields one record, which says how many there are.

        Raises:
            DataError: X024, no training row has reflections; X012, they are on several grids.
        """
        self.references = references_of(train)
        self.grid = _grid(train, 0)
        for row in range(len(train)):
            self._check_grid(train, row)
        yield {"references": len(self.references), "phases": len(self.phases)}

    def predict(self, features: Table) -> dict[str, NDArray[Any]]:
        """What every pattern holds.

        Returns:
            `fractions`, `low` and `high`: float64 (rows, phases), weight fractions with the ends of their
            95 % intervals, 0 of a phase that is not found; `residual`: float64 (rows,), the weighted R
            factor; `stray_height` and `stray_place`: float64 (rows,), the highest peak that no phase
            explains, as a fraction of the strongest, and where it is; 0 where there is none; `fitted` and
            `background`: float32 (rows, points), in the units of the pattern.

        Raises:
            DataError: X012, a pattern on another grid than the references; X024, one that is no counts.
        """
        rows = [self._of_row(features, row) for row in range(len(features))]
        names = rows[0] if rows else {}
        return {name: np.stack([row[name] for row in rows]) for name in names}

    def _of_row(self, table: Table, row: int) -> dict[str, NDArray[Any]]:
        self._check_grid(table, row)
        counts = np.asarray(table.item("spectrum", row), float)
        phases = [reference.phase for reference in self.references]
        mixture = PhaseAnalysis(**self.settings.model_dump())(counts, self.grid, phases)
        first = mixture.strays[0] if mixture.strays else None
        return {
            **self._shares(mixture),
            "residual": np.array(mixture.residual),
            "stray_height": np.array(first.height if first else 0.0),
            "stray_place": np.array(first.place if first else 0.0),
            "fitted": (mixture.fit.phases + mixture.fit.background).astype(np.float32),
            "background": mixture.fit.background.astype(np.float32),
        }

    def _shares(self, mixture: Mixture) -> dict[str, Floats]:
        """Fractions with the ends of their intervals, references of one name added."""
        names = {reference.phase.name: reference.name for reference in self.references}
        shares = np.zeros((3, len(self.phases)))
        for part in mixture.parts:
            column = self.phases.index(names[part.name])
            shares[:, column] += (part.fraction, *part.interval)
        shares = np.minimum(shares, 1.0)
        return {"fractions": shares[0], "low": shares[1], "high": shares[2]}

    def _check_grid(self, table: Table, row: int) -> None:
        grid = _grid(table, row)
        if grid.points != self.grid.points or not same_grid(grid.as_array(), self.grid.as_array()):
            raise DataError(another_grid(grid, self.grid, table.rows[row].id))

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        save_references(self.references, folder)
        write_text(folder / "grid.json", json.dumps(vars(self.grid)))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.references = list(load_references(folder))
        self.grid = Grid(**json.loads((folder / "grid.json").read_text(encoding="utf-8")))


def _grid(table: Table, row: int) -> Grid:
    return grid_of({name: table.item(name, row) for name in ("spectrum", "axis")})
