"""The suites for explainers of single atoms, and of single pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.evaluation.faithfulness import relevance
from structkit.evaluation.faithfulness_of_parts import EXPLAINED
from structkit.testing.base import ComponentContract
from structkit.testing.materials import same_arrays
from structkit.testing.pixels import OFFSETS, linear_pixels, planted_pixels
from structkit.testing.planted import PLANTED, linear_atoms, planted_atoms

Maps = Mapping[str, NDArray[Any]]


class PartExplainerContract(ComponentContract, ABC):
    """A map a part, which lands on planted evidence, follows its part, and changes when the weights do.

    A map that is the same everywhere, or drawn at random, lands on nothing.

    Attributes:
        margin: how many times stronger the map is, on average, on the evidence than beside it.
        per: which parts are explained.
    """

    kind: ClassVar[str] = "explainer"
    margin: ClassVar[float] = 1.5
    per: ClassVar[str]

    @abstractmethod
    def model(self, randomised: bool = False) -> Any:
        """A model of parts that has learnt `features`, or a copy of it with random weights."""

    @abstractmethod
    def features(self) -> Table:
        """Rows as an explainer of such parts gets them, with planted evidence."""

    @abstractmethod
    def evidence(self, row: int, atom: int) -> NDArray[np.bool_]:
        """What says what a part is, in the shape of one map."""

    def maps(self, model: Any, table: Table | None = None) -> list[dict[str, NDArray[Any]]]:
        """The maps of every row, by method."""
        asked = self.features() if table is None else table
        return [relevance(dict(arrays)) for arrays in self.build().explain(model, asked)]

    def explained(self) -> list[tuple[int, int, int]]:
        """Every explained atom: its row, its place among those explained, its number."""
        table = self.features()
        chosen = [table.item(EXPLAINED, row).tolist() for row in range(len(table))]
        return [
            (row, place, atom)
            for row, atoms in enumerate(chosen)
            for place, atom in enumerate(atoms)
        ]

    def test_declared_for_these_parts(self) -> None:
        assert self.declaration().per == self.per, f'it is to be declared per="{self.per}"'

    def test_one_finite_map_an_explained_atom(self) -> None:
        table, made = self.features(), self.maps(self.model())
        assert len(made) == len(table), "one mapping of arrays per row, in order"
        for row, maps in enumerate(made):
            assert maps, "arrays named relevance_… are the maps"
            for name, value in maps.items():
                count = len(table.item(EXPLAINED, row))
                assert len(value) == count, f"'{name}' has {len(value)} maps of {count} atoms"
                assert np.isfinite(value).all(), f"'{name}' must be finite"

    def test_maps_can_be_deleted(self) -> None:
        table, explainer = self.features(), self.build()
        inputs = {name: table.item(name, 0) for name in table.arrays}
        before = {name: value.copy() for name, value in inputs.items()}
        atom = int(table.item(EXPLAINED, 0)[0])
        strength = explainer.strength(inputs, atom)
        shapes = {value[0].shape for value in self.maps(self.model())[0].values()}
        assert shapes == {strength.shape}, "a map has one number for each part of the atom"
        same, empty = (
            dict(explainer.without(inputs, np.full(strength.shape, gone), atom))
            for gone in (False, True)
        )
        kept = {name: same[name] for name in before}  # further arrays may stand beside them
        assert same_arrays(kept, before), "without nothing deleted the inputs stay as they are"
        left = {name: empty[name] for name in before}
        assert not same_arrays(left, before), "without anything left the inputs must differ"
        assert same_arrays(inputs, before), "without() must not change what it is given"

    def test_map_follows_its_atom(self) -> None:
        table, model = self.features(), self.model()
        turned = [table.item(EXPLAINED, row)[::-1] for row in range(len(table))]
        backwards = self.maps(
            model, _explaining(table, turned).select(range(len(table) - 1, -1, -1))
        )
        for first, second in zip(self.maps(model), backwards[::-1], strict=True):
            for name in first:
                assert np.allclose(first[name], second[name][::-1], atol=1e-5), (
                    f"'{name}' depends on the other rows, or on which atoms are explained beside it"
                )

    def test_map_lands_on_planted_evidence(self) -> None:
        made = self.maps(self.model())
        for name in made[0]:
            ratios = [
                _ratio(np.abs(made[row][name][place]), self.evidence(row, atom))
                for row, place, atom in self.explained()
            ]
            typical = float(np.median(ratios))
            assert typical >= self.margin, (
                f"'{name}' is {typical:.2f} times stronger on the evidence, {self.margin} expected"
            )

    def test_map_changes_with_randomised_weights(self) -> None:
        learnt, random = (self.maps(self.model(randomised)) for randomised in (False, True))
        for name in learnt[0]:
            same = [
                np.corrcoef(learnt[row][name][place].ravel(), random[row][name][place].ravel())[
                    0, 1
                ]
                for row, place, _ in self.explained()
            ]
            typical = float(np.nanmedian(same))
            assert typical < 0.98, (
                f"'{name}' of random weights correlates {typical:.3f} with the learnt one: it shows the input"
            )


class AtomExplainerContract(PartExplainerContract):
    """`PartExplainerContract` for explainers of atoms: some of their features say what they are."""

    per: ClassVar[str] = "atom"

    def model(self, randomised: bool = False) -> Any:
        """A model of atoms, which is linear and offers `atom-log-odds`; or a copy with random weights."""
        model = linear_atoms(self.features())
        return model.with_random_weights(3) if randomised else model

    def features(self) -> Table:
        """Structures with planted evidence."""
        return planted_atoms()

    def evidence(self, row: int, atom: int) -> NDArray[np.bool_]:
        """The features that say what an atom is; override it with `features`."""
        target = str(self.features().item("target", row)[atom])
        mask = np.zeros(self.features().item("atoms", row).shape[1], dtype=bool)
        mask[PLANTED[target]] = True
        return mask


class PixelExplainerContract(PartExplainerContract):
    """`PartExplainerContract` for explainers of pixels: a bright pixel elsewhere says what they are.

    A map of what is near the pixel, or of what is bright, lands beside it. Override `model` for an
    explainer that needs more than predictions.
    """

    per: ClassVar[str] = "pixel"

    def model(self, randomised: bool = False) -> Any:
        """A linear model of pixels; or a copy with random weights."""
        model = linear_pixels()
        return model.with_random_weights(3) if randomised else model

    def features(self) -> Table:
        """Images with planted evidence."""
        return planted_pixels()

    def evidence(self, row: int, atom: int) -> NDArray[np.bool_]:
        """The bright pixel that says what a pixel is."""
        table = self.features()
        target = table.item("target", row)
        down, across = divmod(atom, target.shape[1])
        offset = OFFSETS[int(target[down, across])]
        mask = np.zeros(target.shape, dtype=bool)
        mask[down + offset[0], across + offset[1]] = True
        return mask


def _explaining(table: Table, atoms: list[NDArray[Any]]) -> Table:
    """The same rows, of which other atoms are explained."""
    kept = [name for name in table.arrays if name != EXPLAINED]
    columns = {name: [table.item(name, row) for row in range(len(table))] for name in kept}
    return Table.of(table.rows, **columns, **{EXPLAINED: atoms})


def _ratio(relevance_of: NDArray[Any], inside: NDArray[np.bool_]) -> float:
    beside = float(relevance_of[~inside].mean())
    return float(relevance_of[inside].mean()) / max(beside, 1e-12)
