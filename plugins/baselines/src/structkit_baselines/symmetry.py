"""What symmetry alone says: the descriptor `space-group` and the model `space-group-rule`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import spglib
from ase import Atoms
from numpy.typing import NDArray

from structkit import RunContext, Table
from structkit.library import component, configured, descriptor
from structkit.store.files import write_text
from structkit_baselines.settings import RuleSettings, SpaceGroupSettings

NONE = "none"  # the class of a structure whose space group means no label; it is never right


@descriptor
class SpaceGroup:
    """The international number of the space group that spglib finds; 0 where it finds none.

    Symmetry is searched within a distance tolerance, `symprec` in Å. It holds for the crystal as a
    whole or not at all: one missing atom, or displacements above the tolerance, and the number is
    that of a lower group, most often 1. A wide tolerance finds symmetry that is not there. It is
    no measure of how near a structure is to a lattice.

    Args:
        settings: the words of `SpaceGroupSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_baselines import SpaceGroup
        >>> SpaceGroup(symprec=0.1)(bulk("Cu"))["number"]
        array(225)
        >>> shaken = bulk("Cu", cubic=True)
        >>> shaken.rattle(0.2, seed=1)
        >>> SpaceGroup(symprec=0.1)(shaken)["number"]
        array(1)
    """

    @configured(SpaceGroupSettings)
    def __init__(self, settings: SpaceGroupSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.int64]]:
        """`number`: int64 ()."""
        number = 0
        if atoms.pbc.all() and atoms.cell.rank == 3:
            cell = (np.asarray(atoms.cell[:]), atoms.get_scaled_positions(), atoms.numbers)
            precision, angle = self.settings.symprec, self.settings.angle_tolerance
            dataset = spglib.get_symmetry_dataset(cell, symprec=precision, angle_tolerance=angle)
            number = dataset.number if dataset else 0
        return {"number": np.array(number, dtype=np.int64)}


@component
class SpaceGroupRule:
    """The label that belongs to the space group. Nothing is learnt but the names of the labels.

    A structure whose group stands under a label in `groups` has that label; all others are of a
    class of their own, `none`. Two labels with one group cannot be told apart (graphite and hcp
    are both 194). It fails where `space-group` does: at the first vacancy.

    Args:
        settings: the words of `RuleSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import SpaceGroupRule
        >>> numbers = np.array([225, 229])
        >>> table = Table.of([Row("Cu", "fcc"), Row("Fe", "bcc")], number=numbers)
        >>> rule = SpaceGroupRule()
        >>> records = train(rule, table)
        >>> rule.classes
        ('bcc', 'fcc', 'none')
        >>> rule.predict(table)
        array([[0., 1., 0.],
               [1., 0., 0.]])
    """

    @configured(RuleSettings)
    def __init__(self, settings: RuleSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Take the labels down; yields one record with the fraction of wrong training rows."""
        self.classes = (*sorted(set(train.labels)), NONE)
        guesses = [self.classes[i] for i in self.predict(train).argmax(axis=1)]
        wrong = np.mean(
            [guess != label for guess, label in zip(guesses, train.labels, strict=True)]
        )
        yield {"epoch": 1.0, "train_loss": float(wrong)}

    def predict(self, features: Table) -> NDArray[np.float64]:
        """One for the label of the group, `none` where there is none; (rows, classes)."""
        result = np.zeros((len(features), len(self.classes)))
        for row in range(len(features)):
            result[row, self.classes.index(self._label(int(features.item("number", row))))] = 1
        return result

    def _label(self, number: int) -> str:
        for label in self.classes:
            if label == str(number) or number in self.settings.groups.get(label, ()):
                return label
        return NONE

    def save(self, folder: Path) -> None:
        """Write the labels."""
        write_text(folder / "model.json", json.dumps(self.classes))

    def load(self, folder: Path) -> None:
        """Read the labels."""
        self.classes = tuple(json.loads((folder / "model.json").read_text(encoding="utf-8")))
