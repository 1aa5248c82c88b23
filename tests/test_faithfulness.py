"""Deletion tests against a model whose reasons are known: it looks at one of four parts only."""

import json

import numpy as np
import pytest

from structkit.data.table import Row, Table
from structkit.evaluation.faithfulness import (
    FRACTIONS,
    RANDOM,
    STRONGEST,
    Order,
    curves,
    deletion,
    relevance,
    summary,
)

PARTS, LOOKED_AT = 500, 7
LEARNT, FORGETFUL = Order("relevance", "m"), Order("random_weights", "m")


class LooksAtOnePart:
    def predict(self, table):
        p = 0.1 + 0.8 * table.stack("image")[:, LOOKED_AT]
        return np.stack([p, 1 - p], axis=1)


class Deleter:
    def strength(self, inputs):
        return np.abs(inputs["image"])

    def without(self, inputs, deleted):
        return {"image": np.where(deleted, 0, inputs["image"])}


def one_row(number=0):
    image = np.random.default_rng(number).uniform(0.1, 0.9, PARTS)
    image[LOOKED_AT] = 1.0
    image[100:] = np.where(np.arange(100, PARTS) % 2, 0, image[100:])  # parts that are not there
    return Table.of([Row(f"row-{number}", "a", f"group-{number}")], image=image[None])


def marks(*places):
    found = np.zeros(PARTS)
    found[list(places)] = 1
    return found


def deletions(learnt, random, rows=12):
    rng = np.random.default_rng(3)
    return [
        deletion(Deleter(), LooksAtOnePart(), one_row(i), {"m": learnt}, {"m": random}, rng)
        for i in range(rows)
    ]


def test_map_of_the_reason_deletes_it_first():
    (found,) = deletions(marks(LOOKED_AT), marks(3), rows=1)
    assert found.intact == pytest.approx(0.9)
    assert np.allclose(found.curves[LEARNT], 0.1), (
        "the part looked at is the first to go, at every fraction"
    )
    assert found.curves[FORGETFUL][0] == pytest.approx(0.9), "another part was deleted"


def test_probability_is_that_of_the_class_first_predicted():
    table = one_row()
    image = np.array(table.item("image", 0))
    image[LOOKED_AT] = (
        0.001  # the second class is predicted at 0.9, and deleting the part makes it no less likely
    )
    low = Table.of(table.rows, image=image[None])
    found = deletion(
        Deleter(),
        LooksAtOnePart(),
        low,
        {"m": marks(LOOKED_AT)},
        {"m": marks(3)},
        np.random.default_rng(0),
    )
    assert found.intact > 0.89 and np.all(found.curves[LEARNT] > 0.89)


def test_only_parts_that_are_there_are_deleted():
    gone = []

    class Watched(Deleter):
        def without(self, inputs, deleted):
            gone.append(np.array(deleted))
            assert not (deleted & (inputs["image"] == 0)).any()
            return super().without(inputs, deleted)

    table = one_row()
    deletion(
        Watched(),
        LooksAtOnePart(),
        table,
        {"m": marks(3)},
        {"m": marks(4)},
        np.random.default_rng(0),
    )
    there = int((table.item("image", 0) != 0).sum())
    counts = [int(mask.sum()) for mask in gone]
    assert counts[0] == 0, "the row as it is is asked about with what an explainer adds to others"
    assert counts[1 : 1 + len(FRACTIONS)] == [max(1, round(f * there)) for f in FRACTIONS]


def test_what_an_explainer_adds_stands_beside_the_row_as_it_is():
    """A model reads the same arrays of the intact row and of what is left of it."""

    class Adds(Deleter):
        def without(self, inputs, deleted):
            return {**super().without(inputs, deleted), "intact": inputs["image"]}

    class Reads(LooksAtOnePart):
        def predict(self, features):
            image = features.stack("image")
            assert np.array_equal(
                features.stack("intact"), np.repeat(image[:1], len(image), axis=0)
            )
            return super().predict(features)

    parts = (one_row(), {"m": marks(3)}, {"m": marks(4)}, np.random.default_rng(0))
    plain = deletion(Deleter(), LooksAtOnePart(), *parts[:3], np.random.default_rng(0))
    assert deletion(Adds(), Reads(), *parts).intact == plain.intact


def test_true_map_passes():
    found = summary(deletions(marks(LOOKED_AT), marks(3)))
    method = found["methods"]["m"]
    assert found["rows"] == found["groups"] == 12 and method["passed"]
    assert (
        method["over_random"]["interval"][0] > 0.5
        and method["over_random_weights"]["interval"][0] > 0.5
    )
    assert {curve.order for curve in curves(found)} == {LEARNT, FORGETFUL, RANDOM, STRONGEST}
    # the part looked at happens to be the strongest: the map says no more than the input
    assert method["over_strongest"]["value"] == pytest.approx(0)


def test_map_of_something_else_fails():
    assert not summary(deletions(marks(3), marks(4)))["methods"]["m"]["passed"]


def test_map_that_does_not_depend_on_the_weights_fails():
    found = summary(deletions(marks(LOOKED_AT), marks(LOOKED_AT)))["methods"]["m"]
    assert found["over_random"]["interval"][0] > 0.5 and not found["passed"]


def test_one_group_is_no_evidence():
    rows = [
        found.__class__("same", found.intact, found.curves)
        for found in deletions(marks(LOOKED_AT), marks(3))
    ]
    found = summary(rows)["methods"]["m"]
    assert found["over_random"]["interval"] is None and not found["passed"]


def test_map_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"relevance of shape \(3,\) for parts of shape \(500,\)"):
        deletions(np.zeros(3), marks(3), rows=1)


def test_only_arrays_with_the_prefix_are_maps():
    assert list(relevance({"relevance_a": np.zeros(1), "response": np.zeros(1)})) == ["a"]


def test_curves_come_back_from_their_record():
    found = summary(deletions(marks(LOOKED_AT), marks(3)))
    again = {curve.order: curve.probability for curve in curves(json.loads(json.dumps(found)))}
    assert np.allclose(again[LEARNT], 0.1) and len(again[RANDOM]) == len(FRACTIONS)
    assert found["curves"][0] == {"method": "m", "order": "relevance", "probability": again[LEARNT]}


def test_curves_of_older_records_are_read():
    old = {"m": [0.1], "m, random weights": [0.2], "strongest first": [0.3], "random order": [0.4]}
    read = {curve.order: curve.probability for curve in curves({"curves": old})}
    assert read == {LEARNT: [0.1], FORGETFUL: [0.2], STRONGEST: [0.3], RANDOM: [0.4]}
