"""Structures, and images, of which most parts are refused: planted ones, whose right value is known."""

import numpy as np
import pytest

from structkit import Evidence, Row, Table
from structkit.evaluation.trust import Typical, trust_scores
from structkit.evaluation.verdict import verdict
from structkit.evaluation.wholes import Wholes, is_refused


def test_medians_are_those_of_each_whole_whatever_the_order():
    names, values = ["b", "a", "b", "c", "b", "a"], np.array([5.0, 1, 7, 2, 0, 4])
    each = Wholes.of(names)
    assert each.median(values).tolist() == [2.5, 5.0, 2.0]
    assert [names[place] for place in each.first] == ["a", "b", "c"]
    assert Wholes.of([]).median(np.zeros(0)).tolist() == []


def test_a_whole_is_refused_when_more_than_half_of_it_is():
    assert is_refused(np.array([True, True, False]))
    assert not is_refused(np.array([True, False]))
    assert not is_refused(np.zeros(0, bool))


def planted(refused, distances, groups):
    """Images of four columns each: how many of them are refused, and how far they lie."""
    rows, novel, distance, names = [], [], [], []
    for image, (count, far, group) in enumerate(zip(refused, distances, groups, strict=True)):
        for column in range(4):
            rows.append(Row(f"i{image}:{column}", "1", group))
            novel.append(column < count)
            distance.append(far + 0.01 * column)
            names.append(f"i{image}")
    p = np.tile([0.1, 0.9], (len(rows), 1))
    evidence = Evidence(Table.of(rows), {"probabilities": p}, np.ones(len(rows), int), ("0", "1"))
    return evidence, {"novel": np.array(novel), "distance": np.array(distance)}, names


def scores(elsewhere, refused, distances, groups):
    rows, judged, names = planted(refused, distances, groups)
    verdicts = [verdict(("0", "1"), rows.predicted["probabilities"], judged, r) for r in range(len(rows))]  # fmt: skip
    typical = Typical(np.array([0.5, 1.5, 2.5]), np.array([0.5, 1.5, 2.5]))
    return trust_scores(rows, judged, verdicts, typical, elsewhere, names)


def test_images_are_counted_beside_their_columns():
    found = scores(False, refused=[0, 1, 2, 3, 4], distances=[1] * 5, groups=list("abcde"))
    assert found["novelty"]["false_alarms"]["value"] == pytest.approx(10 / 20)
    assert found["wholes"]["refused"]["value"] == pytest.approx(2 / 5)
    assert found["wholes"]["refused"]["n"] == 5
    assert "auroc" not in found["novelty"] and "auroc" not in found["wholes"]


def test_images_of_one_piece_are_one_group():
    refused = [4] * 12 + [0] * 8
    pieces = [name for name in "abcd" for _ in range(5)]
    of_pieces = scores(False, refused, [1] * 20, pieces)["wholes"]["refused"]["interval"]
    alone = scores(False, refused, [1] * 20, list("abcdefghijklmnopqrst"))
    assert np.ptp(of_pieces) > 1.2 * np.ptp(alone["wholes"]["refused"]["interval"])


def test_elsewhere_columns_and_images_are_held_against_typical_ones():
    found = scores(True, refused=[4, 4], distances=[2.0, 9.0], groups=["a", "b"])
    assert found["novelty"]["auroc"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["wholes"]["auroc"] == pytest.approx((2 / 3 + 1) / 2)
