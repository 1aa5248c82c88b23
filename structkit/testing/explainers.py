"""The suite for explainers of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from structkit.data.table import Row, Table
from structkit.evaluation.faithfulness import relevance
from structkit.testing.base import ComponentContract
from structkit.testing.linear_model import linear_model
from structkit.testing.materials import evidence, planted_images, same_arrays


class ExplainerContract(ComponentContract):
    """A map is aligned with its input, lands on planted evidence, and changes when the weights are randomised.

    Attributes:
        margin: how many times stronger the map is, on average, on the evidence than beside it.
    """

    kind: ClassVar[str] = "explainer"
    margin: ClassVar[float] = 1.5

    def model(self, randomised: bool = False) -> Any:
        """A model that has learnt `features`, or a copy of it with random weights.

        This one is linear and only predicts. Override it for another representation, and for an
        explainer that needs more: `structkit_torch_training.testing.small_cnn` offers `gradients`
        and `convolutions`.
        """
        model = linear_model(self.features())
        return model.with_random_weights(3) if randomised else model

    def features(self) -> Table:
        """Rows with planted evidence."""
        return planted_images()

    def saliency(self, arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """One number per pixel, (height, width), from what the explainer gives; override it with `features`."""
        shape = self.features().item("image", 0).shape[-2:]
        fitting = [value for value in arrays.values() if np.shape(value)[-2:] == shape]
        assert fitting, (
            f"no array ends in the image's shape {shape}: a map is aligned with its input"
        )
        return np.asarray(np.abs(fitting[0]).reshape(-1, *shape).sum(axis=0))

    def evidence(self, row: Row) -> NDArray[np.bool_]:
        """Where the evidence of a row was planted, in the shape of `saliency`; override it with `features`."""
        return evidence(str(row.label))

    def maps(self, model: Any) -> list[dict[str, NDArray[Any]]]:
        """What the explainer gives for every row."""
        return [dict(arrays) for arrays in self.build().explain(model, self.features())]

    def test_one_finite_map_a_row(self) -> None:
        maps = self.maps(self.model())
        assert len(maps) == len(self.features()), "one mapping of arrays per row, in order"
        assert all(np.isfinite(value).all() for arrays in maps for value in arrays.values()), (
            "maps must be finite"
        )

    def test_maps_can_be_deleted(self) -> None:
        table, explainer = self.features(), self.build()
        (inputs,) = (inputs for _, inputs in table.select([0]).records())
        before = {name: value.copy() for name, value in inputs.items()}
        maps = relevance(self.maps(self.model())[0])
        if not maps or not hasattr(explainer, "strength"):
            pytest.skip(
                "this explainer gives no relevance_… arrays with strength and without: it stays unvalidated"
            )
        strength = explainer.strength(inputs)
        assert all(value.shape == strength.shape for value in maps.values()), (
            "a map has one number for each part"
        )
        same, empty = (
            explainer.without(inputs, np.full(strength.shape, gone)) for gone in (False, True)
        )
        kept = {name: same[name] for name in before}  # further arrays may stand beside them
        assert same_arrays(kept, before), "without nothing deleted the inputs stay as they are"
        left = {name: empty[name] for name in before}
        assert not same_arrays(left, before), "without anything left the inputs must differ"
        assert same_arrays(inputs, before), "without() must not change what it is given"

    def test_map_follows_its_row(self) -> None:
        table, model = self.features(), self.model()
        backwards = list(self.build().explain(model, table.select(range(len(table) - 1, -1, -1))))[
            ::-1
        ]
        for first, second in zip(self.maps(model), backwards, strict=True):
            for name in first:
                assert np.allclose(first[name], second[name], atol=1e-5), (
                    f"'{name}' depends on the other rows"
                )

    def test_map_lands_on_planted_evidence(self) -> None:
        table = self.features()
        ratios = []
        for row, arrays in zip(table.rows, self.maps(self.model()), strict=True):
            found, inside = self.saliency(arrays), self.evidence(row)
            ratios.append(found[inside].mean() / max(found[~inside].mean(), 1e-12))
        typical = float(np.median(ratios))
        assert typical >= self.margin, (
            f"the map is {typical:.2f} times stronger on the evidence, {self.margin} expected"
        )

    def test_map_changes_with_randomised_weights(self) -> None:
        learnt, random = (self.maps(self.model(randomised)) for randomised in (False, True))
        same = [np.corrcoef(self.saliency(a).ravel(), self.saliency(b).ravel())[0, 1]
                for a, b in zip(learnt, random, strict=True)]  # fmt: skip
        typical = float(np.nanmedian(same))
        assert typical < 0.98, (
            f"maps of random weights correlate {typical:.3f} with the learnt ones: they show the input"
        )
