"""Reflections against selection rules, and relevance gathered on them."""

import numpy as np
import pytest
from ase.build import bulk

from structkit_diffraction_fingerprint.peaks import BETWEEN, fingerprint_q, powder_q, row_shares
from structkit_diffraction_fingerprint.reflections import reflections

# 1/d in units of 1/d_nn: √(h²+k²+l²)/a with a = √2 (fcc), 2/√3 (bcc), 1 (sc), 4/√3 (diamond) neighbour distances
EXPECTED = {
    "Cu": {"111": np.sqrt(3 / 2), "200": np.sqrt(2), "220": 2.0, "311": np.sqrt(11 / 2), "222": np.sqrt(6)},
    "Fe": {"110": np.sqrt(3 / 2), "200": np.sqrt(3), "211": np.sqrt(9 / 2), "220": np.sqrt(6)},
    "Po": {"100": 1.0, "110": np.sqrt(2), "111": np.sqrt(3), "200": 2.0, "210": np.sqrt(5), "211": np.sqrt(6)},
    "Si": {"111": 3 / 4, "220": np.sqrt(3 / 2), "311": np.sqrt(33) / 4, "400": np.sqrt(3), "331": np.sqrt(57) / 4,
           "422": np.sqrt(9 / 2), "333, 511": 9 / 4, "440": np.sqrt(6)},
}  # fmt: skip


@pytest.mark.parametrize("element", EXPECTED)
def test_selection_rules(element):
    atoms = bulk(element, "sc", a=3.35) if element == "Po" else bulk(element)
    found = {peak.indices: peak.q for peak in reflections(atoms, 2.46)}
    assert found == pytest.approx(EXPECTED[element], abs=1e-3)


def test_hexagonal_cells_have_four_indices():
    found = {peak.indices: peak.q for peak in reflections(bulk("Mg"), 1.4)}
    assert list(found) == ["101\u03050", "0002", "101\u03051"]


def test_element_does_not_matter():
    assert reflections(bulk("Cu"), 2.0) == pytest.approx(reflections(bulk("Cu"), 2.0))
    copper, argon = reflections(bulk("Cu"), 2.4), reflections(bulk("Ar"), 2.4)
    assert [p.indices for p in copper] == [p.indices for p in argon]


def test_q_of_the_pixels():
    q = fingerprint_q({})
    assert q.shape == (64, 64) and np.isnan(q[0, 0]) and np.isnan(q[31, 31])
    # ten pixels of 0.4 mm at 0.1 m: sin(2θ) ≈ 0.04, q ≈ 0.04/0.05
    assert np.nanmin(q) == pytest.approx(0.04 / 0.05, rel=0.05) and np.nanmax(q) == pytest.approx(
        0.12 / 0.05, rel=0.02
    )
    assert powder_q({"size": 8, "smallest": 2 * np.pi, "largest": 4 * np.pi})[3] == pytest.approx(
        np.linspace(1, 2, 8)
    )


def test_relevance_is_gathered_at_the_nearest_reflection():
    q = np.array([[1.21, 1.42, 1.70, np.nan]])  # fcc: 111 at 1.225, 200 at 1.414, nothing near 1.70
    found = row_shares(
        np.array([[3.0, 1.0, 4.0, 9.0]]), np.array([[1.0, 0.0, 1.0, 0.0]]), q, bulk("Cu"), "mean"
    )
    assert found["111"].relevance == pytest.approx(3 / 8) and found[
        "111"
    ].brightness == pytest.approx(1 / 2)
    assert found["200"].relevance == pytest.approx(1 / 8) and found[
        BETWEEN
    ].relevance == pytest.approx(1 / 2)


def test_what_speaks_against_the_class_is_left_out():
    q = np.array([[1.22, 1.41]])
    found = row_shares(np.array([[1.0, -5.0]]), np.ones((1, 2)), q, bulk("Cu"), "mean")
    assert found["111"].relevance == 1.0 and found["200"].relevance == 0.0
