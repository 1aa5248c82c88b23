"""What labels say of mixtures."""

import numpy as np
import pytest

from structkit import DataError
from structkit_powder_spectra.labels import label_of, shares_of, weights_of


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("0.6 g ZnO + 0.4 g TiO2", {"ZnO": 0.6, "TiO2": 0.4}),
        ("300 mg ZnO+100 mg La(OH)3", {"ZnO": 0.75, "La(OH)3": 0.25}),
        ("60 % ZnO + 40 % TiO2 anatase", {"ZnO": 0.6, "TiO2 anatase": 0.4}),
        ("3 ZnO + .5 NiO + 1.5 MgO", {"ZnO": 0.6, "NiO": 0.1, "MgO": 0.3}),
        ("ZnO", {"ZnO": 1.0}),
        ("2 g ZnO", {"ZnO": 1.0}),
        ("Li2MnO3+MnO+TiO2", {"Li2MnO3": None, "MnO": None, "TiO2": None}),
    ],
)
def test_labels_say_weights_or_names(label, expected):
    weights = weights_of(label, "row")
    assert list(weights) == list(expected)
    for name, share in expected.items():
        assert weights[name] == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ("0.6 g ZnO + TiO2", "weights to some phases only"),
        ("0.6 g ZnO + 40 % TiO2", "in several units"),
        ("0 g ZnO + 0 g TiO2", "weighs nothing"),
        ("ZnO + ZnO", "a phase twice"),
        ("ZnO +", "or none"),
    ],
)
def test_labels_that_say_no_mixture_are_refused(label, fault):
    with pytest.raises(DataError, match=f"scan 7: X027 .*{fault}"):
        weights_of(label, "scan 7")


def test_the_label_of_weights_says_them_again():
    weights = {"ZnO": 0.625, "NaCl": 0.25, "Si": 0.125}
    assert weights_of(label_of(weights), "x") == pytest.approx(weights)


def test_phases_without_a_reference_are_counted_together():
    shares = shares_of({"A": 0.5, "B": 0.3, "C": 0.2}, ("B", "D"))
    assert shares.tolist() == [0.3, 0.0, 0.7]
    unknown = shares_of({"A": None, "B": None}, ("B", "D"))
    assert np.isnan(unknown).tolist() == [True, False, True]
