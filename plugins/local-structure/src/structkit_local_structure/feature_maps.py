"""The explainer `atom-features`: which invariants carry the verdict on an atom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit import Table
from structkit.library import component, configured
from structkit_local_structure.settings import FeatureMapSettings

Singles = NDArray[np.float32]
Ints = NDArray[np.int64]


class OfAtoms(Protocol):
    """A model that offers `atom-log-odds`."""

    def predict(self, features: Table) -> list[Singles]:
        """Class probabilities, (atoms, classes) for each row."""

    def log_odds(self, features: Singles, classes: Ints) -> Singles:
        """The logarithm of p / (1 - p) of a class, (atoms,), of features (atoms, features)."""

    def gradients(self, features: Singles, classes: Ints) -> Singles:
        """Its derivatives by the features, (atoms, features)."""


@component
class FeatureMaps:
    """Which features speak for the class that was said of an atom, against surroundings without order.

    Features without any order are 0: every |q_l| of a cloud that is the same in all directions is,
    and so is the cosine between neighbours that have nothing in common. All methods start from
    there, and so does the deletion by which the core tests them.

    * `gradient-x-input`: the derivative of the log odds times the feature (Shrikumar et al.,
      arXiv:1605.01713);
    * `integrated-gradients`: the same, averaged on the straight way from 0; the map sums to the
      log odds less those at 0 (Sundararajan et al., ICML 2017, equation 1);
    * `occlusion`: by how much the log odds fall when one feature is 0.

    It says what this model's answer rests on, not which physics makes the difference. The way from
    0 leads through mixtures of order and none that no structure has: integrated gradients are the
    weakest of the three there.

    Args:
        settings: the words of `FeatureMapSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_local_structure import EnvironmentNetwork, FeatureMaps, LocalEnvironments
        >>> crystals = [bulk("Cu", cubic=True).repeat(3), bulk("Mg").repeat(3)]
        >>> features = [LocalEnvironments()(crystal)["atoms"] for crystal in crystals]
        >>> truth = [np.full(len(atoms), number) for number, atoms in enumerate(features)]
        >>> rows = [Row("Cu", "bulk"), Row("Mg", "bulk")]
        >>> model = EnvironmentNetwork(hidden=[16], networks=2, epochs=20)
        >>> records = train(model, Table.of(rows, atoms=features, target=truth))
        >>> chosen = Table.of(rows, atoms=features, explained=[np.array([0]), np.array([0])])
        >>> maps = next(FeatureMaps().explain(model, chosen))
        >>> maps["relevance_occlusion"].shape  # (atoms that are explained, features)
        (1, 120)
    """

    @configured(FeatureMapSettings)
    def __init__(self, settings: FeatureMapSettings) -> None:
        self.settings = settings

    def explain(self, model: OfAtoms, features: Table) -> Iterator[dict[str, Singles]]:
        """Maps of every row, in order.

        Yields:
            `relevance_gradient_x_input` and so on, one for each of `methods`: float32 (explained
            atoms, features).
        """
        methods = {
            "gradient-x-input": self._gradient_x_input,
            "integrated-gradients": self._integrated,
            "occlusion": self._occlusion,
        }
        for row in range(len(features)):
            atoms = features.item("explained", row)
            classes = model.predict(features.select([row]))[0][atoms].argmax(axis=1)
            values = np.asarray(features.item("atoms", row)[atoms], dtype=np.float32)
            yield {
                f"relevance_{name.replace('-', '_')}": methods[name](model, values, classes)
                for name in self.settings.methods
            }

    def strength(self, inputs: Mapping[str, NDArray[Any]], atom: int) -> NDArray[Any]:
        """How far each feature of an atom is from that of no order, (features,)."""
        size: NDArray[Any] = np.abs(inputs["atoms"][atom])
        return size

    def without(
        self, inputs: Mapping[str, NDArray[Any]], deleted: NDArray[np.bool_], atom: int
    ) -> dict[str, NDArray[Any]]:
        """The inputs with some features of an atom as if there were no order."""
        changed = np.array(inputs["atoms"])
        changed[atom, deleted] = 0
        return {**inputs, "atoms": changed}

    def _gradient_x_input(self, model: OfAtoms, values: Singles, classes: Ints) -> Singles:
        return model.gradients(values, classes) * values

    def _integrated(self, model: OfAtoms, values: Singles, classes: Ints) -> Singles:
        places, shares = np.polynomial.legendre.leggauss(self.settings.steps)
        total = np.zeros_like(values)
        for place, share in zip((places + 1) / 2, shares / 2, strict=True):
            at = (np.float32(place) * values).astype(np.float32)
            total += np.float32(share) * model.gradients(at, classes)
        return total * values

    def _occlusion(self, model: OfAtoms, values: Singles, classes: Ints) -> Singles:
        intact = model.log_odds(values, classes)
        fallen = np.empty_like(values)
        for column in range(values.shape[1]):
            changed = values.copy()
            changed[:, column] = 0
            fallen[:, column] = intact - model.log_odds(changed, classes)
        return fallen
