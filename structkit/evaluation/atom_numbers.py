"""Numbers of atoms with a unit: one for each atom of each structure, from a per-atom array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array, Column
from structkit.data.items.structure import per_atom, recorded
from structkit.data.table import Table
from structkit.errors import DataError, Problem
from structkit.evaluation.intervals import size_interval
from structkit.evaluation.target import ATOM_VALUES, TARGET, Headline, Truth, ragged

UNITS = "array_units"  # in the `info` of a structure: the unit of each per-atom array that has one


@dataclass(frozen=True)
class OfAtoms:
    """What is known of the atoms of a row.

    Args:
        numbers: float64 (atoms), NaN where nothing is known.
        unit: of the numbers.
    """

    numbers: NDArray[np.float64]
    unit: str


class AtomNumbers:
    """Numbers a row, one an atom, as `structkit.evaluation.target.Target`; NaN for an atom of which nothing is known."""

    def __init__(self, name: str) -> None:
        self.name = name

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """What is known of the atoms of every row, as `OfAtoms`; groups are dealt out as one kind."""
        if structures is None:
            raise DataError(Problem("D005", f"no structures, so no atoms with '{self.name}'"))
        values = [self._of_atoms(structures, row) for row in range(len(structures))]
        known = np.array(
            [bool(np.isfinite(numbers.numbers).any()) for numbers in values], dtype=bool
        )
        return Truth(
            known, [self.name if is_known else None for is_known in known.tolist()], values
        )

    def _of_atoms(self, structures: Table, row: int) -> OfAtoms:
        """What is known of the atoms of one structure.

        Raises:
            DataError: D005, the array is not one number an atom.
        """
        value = per_atom(structures, row, self.name)
        if value is None:
            return OfAtoms(np.full(len(structures.item("numbers", row)), np.nan), "")
        if value.ndim > 1:
            message = f"the per-atom array '{self.name}' does not hold one number an atom"
            raise DataError(Problem("D005", message, fix="name another"))
        units = recorded(structures, row).get(UNITS, {})
        return OfAtoms(value.astype(np.float64), str(units.get(self.name, "")))

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse structures without such an array, and numbers that are all equal or in several units.

        Raises:
            DataError: D005; D013.
        """
        if not truth.known.any():
            message = f"no structure has a per-atom array '{self.name}'"
            raise DataError(Problem("D005", message, fix="name one that the source writes"))
        _unit(self.name, truth)
        flat = _finite(truth.values)
        if np.ptp(flat) == 0:
            message = f"all {len(flat)} values of '{self.name}' are equal"
            fix = "there is nothing to learn; add other structures"
            raise DataError(Problem("D005", message, fix=fix))

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows with the ragged array `target`, float64 (atoms)."""
        return features.with_arrays(**{TARGET: [numbers.numbers for numbers in truth.values]})

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """`atom_values` (atoms) and `truth` (atoms), both ragged."""
        parts = [np.asarray(part) for part in predicted]
        if len(parts) != len(features):
            raise ValueError(f"returned {len(parts)} arrays for {len(features)} structures")
        known = []
        for part, value in zip(parts, truth.values, strict=True):
            numbers = np.full(len(part), np.nan) if value is None else value.numbers
            _check(part, len(numbers))
            known.append(numbers)
        return {
            ATOM_VALUES: ragged([part.astype(np.float64) for part in parts]),
            "truth": ragged(known),
        }

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The name and unit of the numbers, and what the trivial baseline says."""
        mean = float(_finite(truth.values).mean())
        return {"target": self.name, "unit": _unit(self.name, truth), "mean": mean}

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows with an atom whose number is known."""
        rows = range(len(predictions))
        known = [bool(np.isfinite(predictions.item("truth", row)).any()) for row in rows]
        return np.array(known, dtype=bool)

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Errors of atoms, by structure and group, beside always saying the training mean."""
        pairs = [known_pairs(predictions, row) for row in range(len(predictions))]
        errors = np.array([np.abs(said - true).mean() for true, said in pairs])
        trivial = [np.abs(facts["mean"] - true).mean() for true, _ in pairs]
        true, said = (np.concatenate(side) for side in zip(*pairs, strict=True))
        interval = size_interval(errors, predictions.groups)
        spread = float(((true - true.mean()) ** 2).mean())
        squared = float(((said - true) ** 2).mean())
        return {
            "n": len(predictions),
            "atoms": len(true),
            "groups": len(set(predictions.groups)),
            "unit": facts["unit"],
            "mae": {"value": float(errors.mean()), "interval": interval},
            "rmse": squared**0.5,
            "r2": 1 - squared / spread if spread > 0 else None,
            "trivial_mae": float(np.mean(trivial)),
            "bias": float((said - true).mean()),
        }

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """How many atoms, of how many the number is known, and the mean absolute error of those."""
        unit = f" [{facts['unit']}]" if facts["unit"] else ""
        return ["atoms", "known", f"mean absolute error{unit}"]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row; the error is empty where nothing is known."""
        true, said = known_pairs(predictions, index)
        error = f"{float(np.abs(said - true).mean()):.8g}" if len(true) else ""
        return [str(len(predictions.item("truth", index))), str(len(true)), error]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """The mean absolute error of atoms, beside that of the training mean."""
        return [
            Headline(
                name="mae",
                words="mean absolute error per atom",
                value=scores["mae"]["value"],
                interval=scores["mae"]["interval"],
                trivial=scores["trivial_mae"],
                unit=scores["unit"],
                baseline="training mean",
            )
        ]


def known_pairs(predictions: Table, row: int) -> tuple[Array, Array]:
    """What is true and what was said of the atoms of a row of which something is known."""
    truth = predictions.item("truth", row)
    known = np.isfinite(truth)
    return truth[known], predictions.item(ATOM_VALUES, row)[known]


def _unit(name: str, truth: Truth) -> str:
    """The unit that all rows with such an array have it in.

    Raises:
        DataError: D013, they have it in several.
    """
    units = {
        numbers.unit for numbers, known in zip(truth.values, truth.known, strict=True) if known
    }
    if len(units) > 1:
        several = " and in ".join(f"'{unit}'" for unit in sorted(units))
        message = f"the per-atom array '{name}' is in {several}"
        raise DataError(Problem("D013", message, fix="give it in one unit"))
    return units.pop() if units else ""


def _finite(values: Sequence[OfAtoms]) -> NDArray[np.float64]:
    flat = np.concatenate([np.zeros(0), *(numbers.numbers for numbers in values)])
    finite: NDArray[np.float64] = flat[np.isfinite(flat)]
    return finite


def _check(part: Array, atoms: int) -> None:
    """Refuse what are no numbers of atoms.

    Raises:
        ValueError: in words.
    """
    if part.shape != (atoms,) or part.dtype.kind not in "fiu":
        message = f"returned {part.dtype} of shape {part.shape}, expected numbers of shape"
        raise ValueError(f"{message} ({atoms},)")
    if not np.isfinite(part).all():
        raise ValueError(f"returned {part[~np.isfinite(part)][0]} for an atom")
