"""Rows chosen by what was recorded with them, and recorded numbers as features."""

from typing import ClassVar

import numpy as np
import pytest
from ase.build import bulk

from structkit import DataError, Sample
from structkit.builtin.recorded import Recorded, Select
from structkit.testing import TransformContract


def sample(**info):
    atoms = bulk("Cu", cubic=True)
    atoms.info.update(info)
    return Sample("one", atoms, "glass", "g", {"site": 3})


def chosen(where, **info):
    return len(list(Select(where=where)(sample(**info), np.random.default_rng(0))))


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"temperature": [0.1 + 0.2, 5]}, 1),
        ({"temperature": [0.31]}, 0),
        ({"label": ["glass", "liquid"]}, 1),
        ({"label": ["liquid"]}, 0),
        ({"site": [3.0]}, 1),
        ({"site": ["3"]}, 0),
        ({"site": [True]}, 0),
        ({"label": ["glass"], "temperature": [0.3]}, 1),
        ({"label": ["liquid"], "temperature": [0.3]}, 0),
    ],
)
def test_values_are_compared_as_what_they_are(where, count):
    assert chosen(where, temperature=0.3) == count


def test_a_value_that_is_not_there_is_named():
    with pytest.raises(
        DataError, match=r"S118.*no recorded 'temprature'; it has label, site, temperature"
    ):
        chosen({"temprature": [0.3]}, temperature=0.3)


@pytest.mark.parametrize("value", [None, "high", True, float("nan")])
def test_features_must_be_numbers(value):
    with pytest.raises(DataError, match="S118"):
        Recorded(names=["energy"])(sample(energy=value).atoms)


class TestSelect(TransformContract):
    plugin = "structkit.builtin.plugin"
    name = "select"
    settings: ClassVar = {"where": {"label": ["label"]}}


def test_numbers_come_in_the_order_of_their_names():
    found = Recorded(names=["energy", "force"])(sample(force=2, energy=-3.5).atoms)
    np.testing.assert_array_equal(found["vector"], np.array([-3.5, 2], dtype=np.float32))
