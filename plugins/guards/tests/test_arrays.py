"""The methods on arrays: by hand, beside other libraries, and by simulation of new groups."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import softmax

from structkit import DataError, Evidence, Row, RunContext, Table
from structkit_guards import (
    ClassSets,
    GroupedScores,
    Intervals,
    Novelty,
    Whitened,
    fit_temperature,
    least_groups,
)


def alone(rows):
    """A group for every row."""
    return [str(row) for row in range(rows)]


def test_p_values_by_hand():
    # group a: 1 and 3, group b: 2; of scores ≥ 2 there is half of a, and b
    grouped = GroupedScores(np.array([1.0, 3.0, 2.0]), ["a", "a", "b"])
    assert grouped.groups == 2
    expected = [(1 + 2) / 3, (1 + 1.5) / 3, (1 + 0.5) / 3, 1 / 3]
    assert grouped.p_values(np.array([1.0, 2.0, 2.5, 3.5])) == pytest.approx(expected)


def test_no_p_value_leaves_its_range_by_rounding():
    rng = np.random.default_rng(20)
    for rows in (30, 90, 210):
        names = [f"g{row % 7}" for row in range(rows)] + ["odd"] * 11
        scores = rng.normal(size=len(names))
        p = GroupedScores(scores, names).p_values(np.array([scores.min() - 1, scores.max() + 1]))
        assert 0 < p[1] == 1 / 9 and p[0] <= 1


def test_the_fewest_groups():
    assert [least_groups(rate) for rate in (0.5, 0.8, 0.9, 0.95, 0.99)] == [1, 4, 9, 19, 99]
    scores = np.arange(9.0)
    assert GroupedScores(scores, alone(9)).quantile(0.9) == 8.0
    assert np.isinf(GroupedScores(scores[:8], alone(8)).quantile(0.9))


def test_alone_in_its_group_a_row_counts_as_split_conformal_counts_it():
    rng = np.random.default_rng(0)
    for n in (9, 10, 37, 200):
        scores = rng.normal(size=n)
        k = int(np.ceil((n + 1) * 0.9 - 1e-9))
        assert GroupedScores(scores, alone(n)).quantile(0.9) == np.sort(scores)[k - 1]


def test_intervals_are_those_of_crepes_where_groups_are_rows():
    crepes = pytest.importorskip("crepes")
    rng = np.random.default_rng(1)
    value, noise = rng.normal(size=60), rng.normal(size=60)
    theirs = crepes.ConformalRegressor()
    theirs.fit(np.abs(noise))
    new = rng.normal(size=20)
    ours = Intervals.fit(value, value + noise, alone(60), 0.9)
    assert ours(new) == pytest.approx(np.asarray(theirs.predict_int(new, confidence=0.9)))


def test_sets_are_those_of_crepes_where_groups_are_rows():
    crepes = pytest.importorskip("crepes")
    p, truth = probabilities(150, 2)
    new, _ = probabilities(100, 3)
    theirs = crepes.ConformalClassifier()
    theirs.fit(1 - p[np.arange(len(p)), truth])
    wanted = theirs.predict_set(1 - new, confidence=0.9, smoothing=False).astype(bool)
    ours = ClassSets.fit(p, truth, alone(len(p)), 0.9)
    assert np.array_equal(ours(new), wanted)


def test_sets_are_those_of_mapie_where_groups_are_rows():
    mapie = pytest.importorskip("mapie.classification")
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(4)
    x, y = blobs(rng, 400)
    model = LogisticRegression().fit(x[:100], y[:100])
    theirs = mapie.SplitConformalClassifier(
        model, confidence_level=0.9, prefit=True, conformity_score="lac"
    )
    theirs.conformalize(x[100:250], y[100:250])
    wanted = theirs.predict_set(x[250:])[1][:, :, 0]
    p = model.predict_proba(x[100:250])
    ours = ClassSets.fit(p, y[100:250], alone(150), 0.9)
    assert np.array_equal(ours(model.predict_proba(x[250:])), wanted)


def blobs(rng, rows):
    y = np.arange(rows) % 3
    return rng.normal(size=(rows, 2)) + 1.5 * np.array([[0, 0], [1, 0], [0, 1]])[y], y


def probabilities(rows, seed, groups=None, effect=0.0):
    """Probabilities of four classes whose truth is known; with an effect that rows of a group share."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(4, size=rows)
    logits = rng.normal(size=(rows, 4)) + 2.0 * np.eye(4)[truth]
    if groups is not None:
        shift = effect * rng.normal(size=groups)
        logits += shift[np.arange(rows) % groups][:, None] * np.eye(4)[truth]
    return softmax(logits, axis=1), truth


@pytest.mark.parametrize("count", [9, 15, 30])
def test_sets_hold_for_rows_of_new_groups(count):
    """Coverage is met on the mean over draws of the calibration groups, and row-wise sets fall short of it."""
    ours, rowwise = [], []
    for draw in range(150):
        p, truth = probabilities(20 * count, 1000 + draw, count, 2.0)
        names = [f"g{row % count}" for row in range(len(p))]
        new, right = probabilities(20 * 40, 9000 + draw, 40, 2.0)
        at = np.arange(len(new)), right
        ours.append(ClassSets.fit(p, truth, names, 0.9)(new)[at].mean())
        rowwise.append(ClassSets.fit(p, truth, alone(len(p)), 0.9)(new)[at].mean())
    error = np.std(ours) / np.sqrt(len(ours))
    assert np.mean(ours) > 0.9 - 3 * error
    assert np.mean(rowwise) < np.mean(ours)


def test_a_class_with_groups_enough_keeps_the_promise_for_itself():
    rng = np.random.default_rng(5)
    truth = np.repeat([0, 1], 400)
    # the second class is far harder: pooled sets leave out its rows
    right = np.where(truth == 0, rng.uniform(0.9, 1.0, 800), rng.uniform(0.2, 1.0, 800))
    p = np.where(np.eye(2, dtype=bool)[truth], right[:, None], 1 - right[:, None])
    pooled, own = (
        ClassSets.fit(p[::2], truth[::2], alone(400), 0.9, per_class)(p[1::2])
        for per_class in (False, True)
    )
    at = np.arange(400), truth[1::2]
    hard = truth[1::2] == 1
    assert pooled[at][hard].mean() < 0.85 < 0.87 < own[at][hard].mean()


def test_too_few_groups_are_refused_with_what_is_needed():
    p, truth = probabilities(80, 6)
    names = [f"g{row % 8}" for row in range(80)]
    with pytest.raises(DataError, match="D050 .*too few groups: 8, and 90 % needs 9"):
        ClassSets.fit(p, truth, names, 0.9)
    with pytest.raises(DataError, match="95 % needs 19"):
        ClassSets.fit(p, truth, [f"g{row % 18}" for row in range(80)], 0.95)
    with pytest.raises(DataError, match="D050 .*no rows"):
        GroupedScores(np.zeros(0), [])


def test_intervals_take_the_spread_of_the_model_as_their_unit():
    rng = np.random.default_rng(7)
    spread = rng.uniform(0.1, 3.0, 2000)
    truth = rng.normal(size=2000) * spread
    fitted = Intervals.fit(np.zeros(1000), truth[:1000], alone(1000), 0.9, spread[:1000])
    ends = fitted(np.zeros(1000), spread[1000:])
    holds = (ends[:, 0] <= truth[1000:]) & (truth[1000:] <= ends[:, 1])
    narrow = spread[1000:] < 0.5
    assert abs(holds.mean() - 0.9) < 0.03
    assert abs(holds[narrow].mean() - 0.9) < 0.06
    assert np.ptp(ends[:, 1] - ends[:, 0]) > 1.0


def test_temperature_of_a_model_that_is_twice_too_sure():
    rng = np.random.default_rng(8)
    logits = rng.normal(size=(4000, 3)) * 1.5
    truth = np.array([rng.choice(3, p=p) for p in softmax(logits, axis=1)])
    found = fit_temperature(softmax(2 * logits, axis=1), truth, alone(4000))
    assert found.temperature == pytest.approx(2.0, rel=0.08), "the prior fades with groups"
    assert not found.bias.any()
    assert found(softmax(2 * logits, axis=1)) == pytest.approx(
        softmax(2 * logits / found.temperature, axis=1)
    )


def test_a_bias_for_classes_that_have_groups_enough():
    rng = np.random.default_rng(9)
    logits = rng.normal(size=(4000, 3))
    true = logits + np.array([1.0, 0.0, 0.0])
    truth = np.array([rng.choice(3, p=p) for p in softmax(true, axis=1)])
    found = fit_temperature(softmax(logits, axis=1), truth, alone(4000), [True, False, False])
    assert found.bias == pytest.approx([1.0, 0.0, 0.0], abs=0.15)


def test_a_model_that_was_always_right_does_not_become_certain():
    p = np.tile([0.9, 0.05, 0.05], (60, 1))
    few, many = (
        fit_temperature(p, np.zeros(60, dtype=int), [f"g{row % count}" for row in range(60)])
        for count in (10, 60)
    )
    assert 0.9 < few(p)[0, 0] < many(p)[0, 0] < 1 - 1e-4


def test_groups_weigh_the_same_whatever_their_rows():
    p, truth = probabilities(200, 10)
    many = np.concatenate([np.zeros(1, int), np.full(500, 1), np.arange(2, 200)])
    weighed = fit_temperature(p[many], truth[many], [str(row) for row in many])
    assert weighed.temperature == pytest.approx(fit_temperature(p, truth, alone(200)).temperature)


def test_mahalanobis_distance_by_hand():
    rng = np.random.default_rng(11)
    rows = rng.normal(size=(20000, 2)) @ np.diag([3.0, 0.5])
    space = Whitened.fit(rows, np.zeros(len(rows), dtype=int))
    new = np.array([[3.0, 0.0], [0.0, 0.5], [6.0, 1.0]])
    assert space.to_classes(space(new)) == pytest.approx([1, 1, np.sqrt(8)], rel=0.03)


def test_the_nearest_class_counts_and_not_the_middle_between_them():
    rng = np.random.default_rng(12)
    truth = np.arange(400) % 2
    rows = rng.normal(size=(400, 3)) + 20.0 * truth[:, None]
    space = Whitened.fit(rows, truth)
    inside, middle = (space.to_classes(space(np.full((1, 3), x)))[0] for x in (20.0, 10.0))
    assert inside < 1 < 8 < middle


def test_more_features_than_rows_and_constant_ones_are_borne():
    rng = np.random.default_rng(13)
    rows = rng.normal(size=(40, 1000))
    rows[:, ::2] = 5.0
    space = Whitened.fit(rows, np.arange(40) % 4)
    inside = rng.normal(size=(20, 1000))
    inside[:, ::2] = 5.0
    strange = inside + 4.0 * rng.normal(size=(20, 1000))
    strange[:, ::2] = 5.0
    assert space.to_classes(space(strange)).min() > space.to_classes(space(inside)).max()


def test_very_many_features_are_projected_and_still_tell():
    rng = np.random.default_rng(14)
    rows = rng.normal(size=(60, 3000))
    space = Whitened.fit(rows, np.zeros(60, dtype=int), seed=3)
    assert space.factor.shape == (512, 512)
    inside, strange = rng.normal(size=(10, 3000)), 3 * rng.normal(size=(10, 3000))
    assert space.to_classes(space(strange)).min() > space.to_classes(space(inside)).max()
    again = Whitened.fit(rows, np.zeros(60, dtype=int), seed=3)
    assert np.array_equal(again(inside), space(inside))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused_with_its_place(value):
    rows = np.random.default_rng(15).normal(size=(30, 4))
    space = Whitened.fit(rows, np.zeros(30, dtype=int))
    rows[7, 2] = value
    with pytest.raises(DataError, match="D005 feature 2 of row 7"):
        space(rows)
    with pytest.raises(DataError, match="D005"):
        Whitened.fit(rows, np.zeros(30, dtype=int))


def test_features_that_are_all_equal_are_refused():
    with pytest.raises(DataError, match="D051 the 4 features are equal in all 30 training rows"):
        Whitened.fit(np.ones((30, 4)), np.zeros(30, dtype=int))


def test_images_of_many_rows_are_never_all_in_double_precision():
    """Of single precision there is one copy, of double precision some rows at a time."""

    rng = np.random.default_rng(0)
    truth = np.arange(2000) % 2
    images = rng.normal(size=(2000, 6000)).astype(np.float32) + 3 * truth[:, None].astype(
        np.float32
    )
    rows = [Row(f"row {i}", "ab"[t], group=f"group {i // 20}") for i, t in enumerate(truth)]
    seen = Evidence(Table.of(rows, vector=images), {"p": np.eye(2)[truth]}, truth, ("a", "b"))
    guard = Novelty(features="inputs")
    tracemalloc.start()
    guard.fit(None, seen, seen, RunContext(seed=1, rng=rng, scratch=None))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3.5 * images.nbytes, most / images.nbytes
    # the same as of doubles
    table = Table.of(rows, vector=images.astype(float))
    same = Novelty(features="inputs")
    double = Evidence(table, {"p": np.eye(2)[truth]}, truth, ("a", "b"))
    same.fit(None, double, double, RunContext(seed=1, rng=rng, scratch=None))
    np.testing.assert_allclose(
        guard.judge(None, seen)["distance"], same.judge(None, double)["distance"], rtol=1e-9
    )
