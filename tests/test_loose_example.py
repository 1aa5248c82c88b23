"""The example of a plugin in one file: rings of crystals that can be counted by hand."""

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from structkit.discovery.plugin import load_loose
from structkit.errors import DataError

FILE = Path(__file__).parents[1] / "examples" / "loose-plugin" / "ring_statistics.py"


@pytest.fixture(scope="module")
def rings():
    return load_loose(FILE).RingStatistics


def test_every_pair_of_bonds_in_diamond_closes_a_ring_of_six(rings):
    found = rings()(bulk("Si", cubic=True).repeat(2))["vector"]
    assert np.allclose(found, [0, 0, 0, 1, 0, 0])


def test_simple_cubic_has_squares_and_longer_ways_across(rings):
    """Of 15 pairs of bonds, 12 are at right angles and close a ring of four; the 3 straight ones do not."""
    found = rings()(bulk("Po", "sc", a=3.35).repeat(6))["vector"]
    assert np.allclose(found, [0, 12 / 15, 0, 3 / 15, 0, 0])


def test_close_packed_triangles(rings):
    """Each of the 12 neighbours in fcc touches 4 of the others: 24 of 66 pairs close a triangle."""
    assert rings()(bulk("Cu", cubic=True).repeat(3))["vector"][0] == pytest.approx(24 / 66)


def test_cell_that_is_too_small_is_refused(rings):
    with pytest.raises(DataError, match="X002 two atoms are bonded twice"):
        rings()(bulk("Si"))
