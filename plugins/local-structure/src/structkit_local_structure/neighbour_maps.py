"""The explainer `atom-neighbours`: which neighbours carry the verdict on an atom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, Table
from structkit.library import component, configured
from structkit_local_structure.blocks import of_some
from structkit_local_structure.feature_maps import OfAtoms
from structkit_local_structure.settings import NeighbourMapSettings

LEAST = 15  # atoms of which surroundings can be made
SAME = 1e-3  # by how much features may differ that are computed again
Inputs = Mapping[str, NDArray[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@component
class NeighbourMaps:
    """By how much the log odds of an atom's class fall when a neighbour is taken away.

    The neighbour leaves a vacancy, and the surroundings are computed again by
    `local-environments`: farther atoms become neighbours where near ones are gone. In a cell that
    is narrower than the surroundings an atom goes with its images. It needs a model that reads
    `local-environments`, since only those can be made again (D005), and one that has learnt to
    bear vacancies: else it says how a vacancy looks and not what the neighbour was worth.
    Neighbours are taken away one at a time, so two that stand in for each other are both found
    worthless.

    Args:
        settings: the words of `NeighbourMapSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_local_structure import EnvironmentNetwork, LocalEnvironments
        >>> from structkit_local_structure import NeighbourMaps
        >>> crystals = [bulk("Cu", cubic=True).repeat(3), bulk("Mg").repeat(3)]
        >>> features = [LocalEnvironments()(crystal)["atoms"] for crystal in crystals]
        >>> truth = [np.full(len(atoms), number) for number, atoms in enumerate(features)]
        >>> rows = [Row("Cu", "bulk"), Row("Mg", "bulk")]
        >>> model = EnvironmentNetwork(hidden=[16], networks=2, epochs=20)
        >>> records = train(model, Table.of(rows, atoms=features, target=truth))
        >>> chosen = Table.of(
        ...     rows[:1],
        ...     atoms=features[:1],
        ...     explained=[np.array([0])],
        ...     structure_positions=[crystals[0].positions],
        ...     structure_cell=[crystals[0].cell.array],
        ...     structure_pbc=[crystals[0].pbc],
        ... )
        >>> maps = next(NeighbourMaps(neighbours=12).explain(model, chosen))
        >>> maps["relevance_occlusion"].shape, round(float(maps["distances"].max()), 2)
        ((1, 12), 2.55)
    """

    @configured(NeighbourMapSettings)
    def __init__(self, settings: NeighbourMapSettings) -> None:
        self.settings = settings

    def explain(self, model: OfAtoms, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Maps of every row, in order.

        Yields:
            `relevance_occlusion`: float32 (explained atoms, neighbours), from near to far;
            `neighbours`: int64 of the same shape, their numbers, -1 beyond the last of a small
            structure; `distances`: float32, of the same shape, in the unit of the positions.

        Raises:
            DataError: D005, the features are not those of `local-environments`.
        """
        for row in range(len(features)):
            inputs = {name: features.item(name, row) for name in features.arrays}
            probabilities = model.predict(features.select([row]))[0]
            made = [
                self._of_atom(model, inputs, atom, int(probabilities[atom].argmax()))
                for atom in features.item("explained", row).tolist()
            ]
            names = ("relevance_occlusion", "neighbours", "distances")
            yield {
                name: np.stack(parts)
                for name, parts in zip(names, zip(*made, strict=True), strict=True)
            }

    def strength(self, inputs: Inputs, atom: int) -> NDArray[Any]:
        """1 for each neighbour that is there, (neighbours,)."""
        return (self._nearest(inputs, atom)[0] >= 0).astype(float)

    def without(self, inputs: Inputs, deleted: Bools, atom: int) -> dict[str, NDArray[Any]]:
        """The inputs, in which the features of an atom are those without some of its neighbours."""
        if not deleted.any():
            return dict(inputs)
        neighbours, _ = self._nearest(inputs, atom)
        changed = np.array(inputs["atoms"])
        changed[atom] = features_without(inputs, neighbours[deleted & (neighbours >= 0)], atom)
        return {**inputs, "atoms": changed}

    def _of_atom(
        self, model: OfAtoms, inputs: Inputs, atom: int, cls: int
    ) -> tuple[NDArray[np.float32], Ints, NDArray[np.float32]]:
        neighbours, distances = self._nearest(inputs, atom)
        intact = features_without(inputs, neighbours[:0], atom)
        _check_same(intact, inputs["atoms"][atom])
        there = neighbours[neighbours >= 0]
        every = [intact, *(features_without(inputs, there[[i]], atom) for i in range(len(there)))]
        odds = model.log_odds(np.stack(every), np.full(len(every), cls))
        relevance = np.zeros(len(neighbours), np.float32)
        relevance[: len(there)] = odds[0] - odds[1:]
        return relevance, neighbours, distances

    def _nearest(self, inputs: Inputs, atom: int) -> tuple[Ints, NDArray[np.float32]]:
        """The nearest other atoms and how far they are, -1 and 0 where there are no more."""
        from ase.geometry import find_mic

        positions = inputs["structure_positions"]
        periodic = inputs["structure_pbc"]
        _, lengths = find_mic(positions - positions[atom], inputs["structure_cell"], periodic)
        lengths[atom] = np.inf
        enough = len(positions) - (1 if periodic.all() else LEAST)
        count = max(0, min(self.settings.neighbours, enough))
        order = np.argsort(lengths, kind="stable")[:count]
        neighbours = np.full(self.settings.neighbours, -1, np.int64)
        distances = np.zeros(self.settings.neighbours, np.float32)
        neighbours[:count], distances[:count] = order, lengths[order]
        return neighbours, distances


def features_without(inputs: Inputs, gone: Ints, atom: int) -> NDArray[np.float32]:
    """The invariants of an atom when some others are taken away, float32 (120,)."""
    kept = np.ones(len(inputs["structure_positions"]), dtype=bool)
    kept[gone] = False
    place = int(kept[:atom].sum())
    cell, periodic = inputs["structure_cell"], inputs["structure_pbc"]
    made = of_some(inputs["structure_positions"][kept], cell, periodic, np.array([place]))
    features: NDArray[np.float32] = made.features[0]
    return features


def _check_same(made: NDArray[Any], features: NDArray[Any]) -> None:
    if np.shape(features) == np.shape(made) and np.allclose(made, features, atol=SAME):
        return
    message = (
        "the features of the model are not those that local-environments gives for its structures"
    )
    fix = "explain a model that reads local-environments"
    raise DataError(Problem("D005", message, fix=fix))
