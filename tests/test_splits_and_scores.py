"""Splits never part a group; scores agree with scikit-learn; intervals resample groups."""

from collections import Counter

import numpy as np
import pytest
from sklearn import metrics

from structkit.components import Settings
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.errors import DataError
from structkit.evaluation.classes import Classes
from structkit.evaluation.classification import calibration_error, scores
from structkit.evaluation.copies import near_copies
from structkit.evaluation.headlines import headlines
from structkit.evaluation.intervals import mean_interval, share_interval, size_interval
from structkit.evaluation.splits import (
    check_asked,
    check_duplicates,
    deal,
    learnt,
    part_of,
    untested,
)
from structkit.evaluation.target import Truth
from structkit.kinds.dealing import parts_of_units
from structkit.kinds.explainer import choose
from structkit.kinds.spreadsheet import harmless
from structkit.pipeline.spec import Only, Split


def dealt(rows, split, seed):
    table = Table.of(rows)
    classes = Classes("label")
    truth = classes.truth(table, None)
    classes.check(truth, table)
    return deal(table.groups, truth.strata, split, seed)


def untested_of(rows, parts):
    table = Table.of(rows)
    return untested(table, table.values("label"), parts)


def rows(groups_per_label, size=3):
    return [
        Row(f"{label}-{g}-{i}", label, f"{label}-{g}")
        for label, count in groups_per_label.items()
        for g in range(count)
        for i in range(size)
    ]


def test_every_class_is_in_every_part_and_fractions_hold():
    data = rows({"a": 40, "b": 20, "c": 3, "d": 2})
    parts = dealt(data, Split(valid=0.15, test=0.25), 0)
    counts = {
        (label, part): sum(g.startswith(label) and p == part for g, p in parts.items())
        for label in "abcd"
        for part in ("train", "valid", "test")
    }
    assert counts["a", "test"] == 10 and counts["a", "valid"] == 6 and counts["b", "test"] == 5
    assert [counts["c", p] for p in ("train", "valid", "test")] == [1, 1, 1]
    assert [counts["d", p] for p in ("train", "valid", "test")] == [1, 0, 1]


def test_split_is_of_groups_alone():
    """Neither the order nor the number of rows of a group changes it; the seed does."""
    data = rows({"a": 12, "b": 12})
    base = dealt(data, Split(), 4)
    assert dealt(list(reversed(data)), Split(), 4) == base
    assert dealt(data + [Row("more", "a", "a-3", origin="damaged")] * 9, Split(), 4) == base
    assert dealt(data, Split(), 5) != base


def test_class_with_one_group_is_trained_on_and_named():
    data = rows({"a": 4, "b": 4, "lonely": 1})
    parts = dealt(data, Split(), 0)
    assert parts["lonely-0"] == "train" and untested_of(data, parts) == ["lonely"]


def test_group_that_was_never_seen_is_a_test():
    assert part_of("new", {"old": "train"}) == "test"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (rows({"fcc": 40}), "D001 one class 'fcc' \\(120 rows\\)"),
        (rows({"a": 1, "b": 1}), "D040"),
        ([Row("x", None, "g")], "D001"),
    ],
)
def test_data_that_cannot_be_split_are_refused(data, code):
    with pytest.raises(DataError, match=code):
        dealt(data, Split(), 0)


def test_equal_structures_on_both_sides_are_refused():
    data = [Row("a.cif", "x", "g1", content="same"), Row("b.cif", "x", "g2", content="same")]
    with pytest.raises(
        DataError, match="D010 1 structures occur in train and test \\(first: a.cif = b.cif\\)"
    ):
        check_duplicates(Table.of(data), {"g1": "train", "g2": "test"})
    check_duplicates(Table.of(data), {"g1": "train", "g2": "train"})
    other = [data[0], Row("c.cif", "y", "g3", content="same")]
    with pytest.raises(
        DataError, match="D012 equal structures with different labels: a.cif is 'x', c.cif is 'y'"
    ):
        check_duplicates(Table.of(other), {"g1": "train", "g3": "train"})


def test_what_was_learnt_is_not_asked_by_another_name():
    rows = [Row(f"{name}.cif", "x", name, content=name) for name in ("a", "b", "c")]
    seen = learnt(Table.of(rows), [True] * 3, {"a": "train", "b": "valid", "c": "test"})
    assert seen == {"units": "metal", "contents": {"a": "a.cif", "b": "b.cif"}}
    copy = Row("copy.cif", "x", "elsewhere", content="b")
    with pytest.raises(
        DataError, match="D010 1 structures of the test were learnt from .first: copy.cif = b.cif"
    ):
        check_asked(Table.of([copy]), [True], {"a": "train"}, seen)
    # nobody scores it
    check_asked(Table.of([Row("copy.cif", None, "elsewhere", content="b")]), [False], {}, seen)
    with pytest.raises(
        DataError, match="D013 d.cif is in lj units; the model learnt in metal units"
    ):
        check_asked(Table.of([Row("d.cif", "x", "d", units="lj")]), [True], {}, seen)


def test_equal_structures_in_validation_and_test_are_refused():
    rows = [Row(f"{name}.cif", "x", name, content="same") for name in ("a", "b")]
    with pytest.raises(DataError, match="D010 1 structures occur in validation and test"):
        check_duplicates(Table.of(rows), {"a": "valid", "b": "test"})


@pytest.mark.parametrize("shift", [0, 15, 30])
def test_areas_of_a_confident_network_are_those_of_its_logits(shift):
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 200)
    logit = rng.normal(size=400) + 2 * truth
    both = np.stack([np.zeros(400), logit + shift], axis=1).astype(np.float32)
    p = np.exp(both - both.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)  # of float32, as networks give them: many are exactly one
    found = headlines(truth, p, truth.astype(str))["roc_auc"]["value"]
    assert found == pytest.approx(metrics.roc_auc_score(truth, logit), abs=1e-4)


def made_up(n=240, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return truth, p, [f"g{i // 6}" for i in range(n)]


def test_headlines_agree_with_scikit_learn():
    truth, p, groups = made_up()
    p = np.round(p, 2)  # ties
    found = headlines(truth, p, groups)
    assert found["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truth, p.argmax(1)))
    assert found["balanced_accuracy"]["value"] == pytest.approx(
        metrics.balanced_accuracy_score(truth, p.argmax(1))
    )
    areas = [metrics.roc_auc_score(truth == c, p[:, c]) for c in range(4)]
    assert found["roc_auc"]["value"] == pytest.approx(np.mean(areas))


def test_scores_agree_with_scikit_learn():
    truth, p, groups = made_up()
    classes = ["a", "b", "c", "d"]
    found = scores(classes, [classes[t] for t in truth], p, groups)
    assert found["n"] == 240 and found["groups"] == 40
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, p))
    assert found["brier"] == pytest.approx(np.mean(((p - np.eye(4)[truth]) ** 2).sum(1)))
    assert np.array_equal(found["confusion"], metrics.confusion_matrix(truth, p.argmax(1)))
    assert found["per_class"]["b"]["recall"] == pytest.approx(
        metrics.recall_score(truth, p.argmax(1), average=None)[1]
    )
    low, high = found["accuracy"]["interval"]
    assert low < found["accuracy"]["value"] < high


def test_label_the_model_does_not_know_is_always_wrong():
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    found = scores(["a", "b"], ["a", "b", "zzz"], p, ["1", "2", "3"])
    assert found["accuracy"]["value"] == pytest.approx(2 / 3) and found["unknown_labels"] == ["zzz"]


def test_calibration_error_by_hand():
    p = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.65, 0.35]])
    # confidence 0.95 is right once in two, 0.65 twice in two
    assert calibration_error(np.array([0, 1, 0, 0]), p) == pytest.approx((0.45 * 2 + 0.35 * 2) / 4)


def test_copies_of_a_row_do_not_narrow_an_interval():
    """Rows of one group say one thing."""
    right = np.repeat(np.random.default_rng(0).random(40) < 0.8, 10)
    truth = np.zeros(400, dtype=np.int64)
    p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    groups = np.repeat(np.arange(40), 10).astype(str)
    copied = headlines(truth, p, groups)["accuracy"]
    alone = headlines(truth[::10], p[::10], groups[::10])["accuracy"]
    assert copied["value"] == pytest.approx(alone["value"])
    assert np.ptp(copied["interval"]) > 0.9 * np.ptp(alone["interval"]) > 0.2


@pytest.mark.parametrize("groups", [2, 5, 10, 30])
@pytest.mark.parametrize(("alike", "share"), [(0.0, 0.7), (0.5, 0.9), (0.9, 0.7), (1.0, 0.9)])
def test_interval_of_a_share_covers(groups, alike, share):
    """Rows of a group are right with a chance of their own, drawn from a beta distribution."""
    rng, rows = np.random.default_rng(groups), 10
    names = np.repeat(np.arange(groups), rows).astype(str)
    covered = 0
    for _ in range(400):
        if alike in (0.0, 1.0):
            chance = np.full(groups, share) if alike == 0 else rng.random(groups) < share
        else:
            whole = (1 - alike) / alike
            chance = rng.beta(share * whole, (1 - share) * whole, groups)
        right = rng.random(groups * rows) < np.repeat(chance, rows)
        low, high = share_interval(right.astype(float), names)
        covered += low <= share <= high
    assert covered / 400 >= 0.93


@pytest.mark.parametrize("groups", [2, 5, 30])
def test_interval_of_a_mean_covers(groups):
    rng = np.random.default_rng(groups)
    names = np.repeat(np.arange(groups), 5).astype(str)
    samples = [
        np.repeat(rng.normal(size=groups), 5) + rng.normal(size=5 * groups) for _ in range(600)
    ]
    found = [mean_interval(sample, names) for sample in samples]
    assert 0.93 <= np.mean([low <= 0 <= high for low, high in found]) <= 0.97
    sizes = [size_interval(np.exp(sample / 2), names) for sample in samples]
    assert 0.93 <= np.mean([low <= np.exp(0.25) <= high for low, high in sizes]) <= 0.97


@pytest.mark.parametrize("groups", [5, 30])
def test_interval_of_an_area_covers(groups):
    """Scores of two classes that are two standard deviations apart, half of the spread between groups."""
    rng, rows = np.random.default_rng(groups), 8
    truth = np.repeat(np.arange(2 * groups) % 2, rows)
    names = np.repeat(np.arange(2 * groups), rows).astype(str)
    covered = 0
    for _ in range(300):
        score = np.repeat(rng.normal(size=2 * groups), rows) + rng.normal(size=len(truth))
        chance = 1 / (1 + np.exp(-(score + 2 * truth)))
        low, high = headlines(truth, np.stack([1 - chance, chance], 1), names)["roc_auc"][
            "interval"
        ]
        covered += low <= 0.8413 <= high  # the normal distribution function at 1
    assert covered / 300 >= 0.93


def test_groups_that_are_all_alike_leave_an_interval():
    """One of three rows is right in each group: resampling them would see no spread at all."""
    third = np.tile([1.0, 0.0, 0.0], 10)
    names = np.repeat(np.arange(10), 3).astype(str)
    low, high = share_interval(third, names)
    assert low < 0.2 and high > 0.5
    low, high = share_interval(third[:6], names[:6])
    assert low < 0.05 and high > 0.95, "two groups say next to nothing"


def test_accuracy_and_balanced_accuracy_of_balanced_classes_agree():
    rng = np.random.default_rng(3)
    truth = np.repeat(np.arange(3), 20)
    p = rng.dirichlet(np.ones(3), 60) + 0.5 * np.eye(3)[truth]
    found = headlines(truth, p / p.sum(1, keepdims=True), np.repeat(np.arange(15), 4).astype(str))
    one, other = found["accuracy"], found["balanced_accuracy"]
    assert one["value"] == pytest.approx(other["value"])
    assert one["interval"] == pytest.approx(other["interval"])


def test_faultless_groups_do_not_mean_certainty():
    truth = np.arange(90) % 2
    found = headlines(truth, np.eye(2)[truth], np.repeat(np.arange(30), 3).astype(str))
    low, high = found["accuracy"]["interval"]
    assert high == 1.0 and low == pytest.approx(0.884, abs=0.001)  # Clopper-Pearson for 30 of 30
    assert found["roc_auc"]["interval"] == pytest.approx([low, 1.0])


def test_one_group_has_no_interval():
    found = headlines(np.array([0, 1]), np.eye(2), ["g", "g"])
    assert found["accuracy"] == {"value": 1.0, "interval": None}
    assert found["roc_auc"]["interval"] is None


def test_rows_to_explain_are_the_same_in_every_origin():
    data = rows({"a": 5, "b": 5})
    parts = {f"{label}-{g}": "test" if g < 3 else "train" for label in "ab" for g in range(5)}
    chosen = choose(Table.of(data), Only(per_label=4), parts)
    assert [data[i].label for i in chosen].count("a") == 4 and all(
        parts[data[i].group] == "test" for i in chosen
    )
    damaged = [Row(r.id, r.label, r.group, "damaged") for r in data]
    assert choose(Table.of(damaged), Only(per_label=4), parts) == chosen
    assert len(choose(Table.of(data), Only(subset=None, per_label=None), parts)) == len(data)


@pytest.mark.parametrize("word", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_formula_in_a_cell_is_text(word):
    assert harmless(word) == "'" + word.replace("\t", "\\x09")
    assert harmless("\x1b[31m") == "\\x1b[31m"
    assert harmless("Cu-A1") == "Cu-A1"


def test_settings_are_frozen():
    class Mine(Settings):
        x: int = 1

    with pytest.raises(Exception, match="frozen"):
        Mine().x = 2


def test_groups_that_hold_both_classes_are_dealt():
    """A trajectory is liquid first and glass in the end."""
    rows = [Row(f"{g}-{label}", label, f"g{g}") for g in range(10) for label in ("liquid", "glass")]
    parts = dealt(rows, Split(valid=0.2, test=0.3), 1)
    assert (
        Counter(parts.values()) == {"train": 5, "valid": 2, "test": 3}
        and untested_of(rows, parts) == []
    )


def features(groups, rows=6, noise=0.1, seed=0):
    """Groups of rows in 40 dimensions, and the part of each group: every third is tested."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(groups, 40)), rows, axis=0)
    vectors = centres + noise * rng.normal(size=centres.shape)
    names = [f"g{i // rows}" for i in range(groups * rows)]
    parts = {f"g{i}": "test" if i % 3 == 0 else "train" for i in range(groups)}
    return vectors, names, parts


def test_planted_copies_are_found_and_others_are_not():
    vectors, names, parts = features(30)
    table = Table.of([Row(f"r{i}", "x", g) for i, g in enumerate(names)], vector=vectors)
    assert near_copies(table, parts) == []
    vectors[0] = vectors[7] + 1e-3
    vectors[18] = vectors[100] * 1.0001
    table = Table.of([Row(f"r{i}", "x", g) for i, g in enumerate(names)], vector=vectors)
    found = near_copies(table, parts)
    assert {(one.row, one.learnt) for one in found} == {("r0", "r7"), ("r18", "r100")}
    assert all(one.distance < 0.05 for one in found)


def test_rows_as_near_as_training_rows_of_other_groups_are_no_copies():
    """Where all groups are alike, the nearness of a test row says nothing."""
    vectors, names, parts = features(30, noise=1.0)
    table = Table.of([Row(f"r{i}", "x", g) for i, g in enumerate(names)], vector=vectors)
    assert near_copies(table, parts) == []
    graphs = Table.of([Row(f"r{i}", "x", g) for i, g in enumerate(names)], edges=list(vectors))
    assert near_copies(graphs, parts) == [], "of ragged arrays nothing is said"


def test_references_are_learnt_from_and_others_dealt_out():
    groups = ["salt", "oxide", *(f"scan-{i}" for i in range(6)), "unknown"]
    table = Table.of([Row(name, "x", name) for name in groups])
    references = np.array([name in ("salt", "oxide") for name in groups])
    strata = [None, None, *["mixtures"] * 6, None]
    truth = Truth(np.ones(9, dtype=bool), strata, groups, references)
    parts = parts_of_units(table, truth, Split(valid=0.2, test=0.4), 3)
    assert parts["salt"] == parts["oxide"] == "train" and "unknown" not in parts
    assert Counter(parts.values())["test"] == 2
    alone = truth.select(np.array([0, 1, 8]))
    found = parts_of_units(table.select([0, 1, 8]), alone, Split(valid=0.2, test=0.4), 3)
    assert found == {"salt": "train", "oxide": "train"}, (
        "where there are no others, nothing is tested"
    )
