"""The suite for guards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.evaluation.verdict import CALIBRATED, NOVEL, SET, checked_judgement
from structkit.evidence import FEATURES, Evidence, places_of
from structkit.samples import RunContext
from structkit.testing.base import ComponentContract

CLASSES = ("bcc", "fcc", "hcp")
CENTRES = np.array([[3.0, 0, 0, 0], [0, 3.0, 0, 0], [0, 0, 3.0, 0]])
STRANGE = np.array([0, 0, 0, 9.0])  # where no class lies


class TooSure:
    """A model of planted features that names the nearest class, and is far too sure of it.

    `features` is the capability that guards ask for.
    """

    classes = CLASSES
    sureness = 8.0

    def predict(self, table: Table) -> Array:
        """Probabilities (rows, classes)."""
        logits = -self.sureness * np.linalg.norm(_seen(table)[:, None] - CENTRES, axis=2)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Array = p / p.sum(axis=1, keepdims=True)
        return probabilities

    def features(self, table: Table) -> Array:
        """Where it sees rows, (rows, 4)."""
        return _seen(table)


class GuardContract(ComponentContract):
    """A guard promises something, keeps it on groups that it never saw, and is the same after save and load.

    The rows are planted: three classes in groups that lie apart from one another, and rows of no
    class.
    """

    kind: ClassVar[str] = "guard"

    def fitted(self, scratch: Path) -> Any:
        """A guard that has learnt from planted groups."""
        guard = self.build()
        guard.fit(TooSure(), planted(60, seed=1), planted(60, seed=2), _context(scratch))
        return guard

    def test_it_gives_one_item_a_row(self, tmp_path: Path) -> None:
        rows = planted(5, seed=3)
        judged = self.fitted(tmp_path).judge(TooSure(), rows)
        assert checked_judgement(judged, len(rows), CLASSES), "a guard that says nothing is none"

    def test_saved_and_loaded_it_judges_the_same(self, tmp_path: Path) -> None:
        guard, rows = self.fitted(tmp_path / "scratch"), planted(5, seed=3)
        folder = tmp_path / "saved"
        folder.mkdir()
        guard.save(folder)
        again = self.build()
        again.load(folder)
        before, after = guard.judge(TooSure(), rows), again.judge(TooSure(), rows)
        assert before.keys() == after.keys()
        for name in before:
            assert np.array_equal(before[name], after[name]), f"'{name}' must keep every bit"
        assert not [path for path in folder.rglob("*.pkl")], "no pickle"

    def test_a_row_is_judged_alone(self, tmp_path: Path) -> None:
        guard, rows = self.fitted(tmp_path), planted(5, seed=3)
        order = np.random.default_rng(0).permutation(len(rows))
        together, shuffled = (
            guard.judge(TooSure(), rows),
            guard.judge(TooSure(), rows.select(order)),
        )
        for name in together:
            assert np.allclose(together[name][order], shuffled[name], atol=1e-9), (
                f"'{name}' depends on the other rows"
            )

    def test_features_at_hand_are_those_of_the_model(self, tmp_path: Path) -> None:
        guard, rows = self.fitted(tmp_path), planted(5, seed=3)
        seen = TooSure().features(rows.features)
        at_hand = replace(rows, predicted={**rows.predicted, FEATURES: seen})
        asked, given = guard.judge(TooSure(), rows), guard.judge(TooSure(), at_hand)
        assert all(np.array_equal(asked[name], given[name]) for name in asked), (
            "a model is not asked again for the features that its predictions hold"
        )

    def test_a_part_without_arrays_is_judged_by_its_features(self, tmp_path: Path) -> None:
        """A column of an image is no input of the model: what is known of it is where the model saw it."""
        if self.declaration().per != "both":
            pytest.skip("it judges no parts of rows")
        guard = self.build()
        learnt, calibration = (_as_parts(planted(60, seed=seed)) for seed in (1, 2))
        guard.fit(TooSure(), learnt, calibration, _context(tmp_path))
        judged = guard.judge(TooSure(), _as_parts(planted(20, seed=3)))
        strange = guard.judge(TooSure(), _as_parts(planted(20, seed=5, strange=True)))
        assert checked_judgement(judged, 80, CLASSES)
        if NOVEL in judged:
            assert strange[NOVEL].mean() > 0.9 > 0.2 > judged[NOVEL].mean(), (
                "parts of no class must be noticed by the features that come with them"
            )

    def test_no_rows_are_judged_as_any_others(self, tmp_path: Path) -> None:
        """Of an image in which no column was found, there is nothing to judge."""
        guard, rows = self.fitted(tmp_path), planted(5, seed=3)
        judged = guard.judge(TooSure(), rows)
        none = guard.judge(TooSure(), rows.select(np.arange(0)))
        assert {name: np.shape(values) for name, values in none.items()} == {
            name: (0, *np.shape(values)[1:]) for name, values in judged.items()
        }, "no rows have the same arrays, of no items"

    def test_the_truth_is_not_looked_at(self, tmp_path: Path) -> None:
        guard, rows = self.fitted(tmp_path), planted(5, seed=3)
        blind = replace(rows, truth=np.full(len(rows), -1))
        with_truth, without = guard.judge(TooSure(), rows), guard.judge(TooSure(), blind)
        assert all(np.array_equal(with_truth[name], without[name]) for name in with_truth)

    def test_it_keeps_what_it_promises(self, tmp_path: Path) -> None:
        """Whatever of it the guard gives: a guard of constant or random arrays passes none of these."""
        guard, rows = self.fitted(tmp_path), planted(80, seed=4)
        judged = guard.judge(TooSure(), rows)
        if SET in judged:
            holds = judged[SET][np.arange(len(rows)), rows.truth].mean()
            assert 0.8 < holds <= 1.0, f"sets hold the truth of {holds:.2f} of the rows"
            assert judged[SET].sum(axis=1).mean() < len(CLASSES) - 0.5, "sets of everything"
        if NOVEL in judged:
            strange = guard.judge(TooSure(), planted(20, seed=5, strange=True))[NOVEL]
            assert strange.mean() > 0.9, "rows of no class must be noticed"
            assert judged[NOVEL].mean() < 0.15, "rows of known classes must not be refused"
        if CALIBRATED in judged:
            before, after = rows.predicted["probabilities"], judged[CALIBRATED]
            assert _loss(after, rows.truth) < _loss(before, rows.truth) - 0.05, (
                "calibrated probabilities must be likelier than those of a model that is too sure"
            )


def planted(groups: int, seed: int, strange: bool = False) -> Evidence:
    """Rows of three classes, four a group, each group with a shift of its own.

    Args:
        groups: how many.
        seed: of the shifts.
        strange: rows that belong to no class, instead.
    """
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(groups) % len(CLASSES), 4)
    shifts = np.repeat(rng.normal(0, 0.9, (groups, 4)), 4, axis=0)
    centres = np.tile(STRANGE, (len(truth), 1)) if strange else CENTRES[truth]
    vectors = centres + shifts + rng.normal(0, 0.5, (len(truth), 4))
    rows = [
        Row(f"r{number}", CLASSES[place], f"g{seed}-{number // 4}")
        for number, place in enumerate(truth.tolist())
    ]
    table = Table.of(rows, vector=vectors)
    predicted = {"probabilities": TooSure().predict(table)}
    return Evidence(table, predicted, places_of(table.values("label"), CLASSES), CLASSES)


def _as_parts(rows: Evidence) -> Evidence:
    """The same rows as parts that are no input of the model: no arrays, and the features beside them."""
    predicted = {**rows.predicted, FEATURES: TooSure().features(rows.features)}
    return replace(rows, features=Table.of(rows.features.rows), predicted=predicted)


def _seen(table: Table) -> Array:
    return table.stack("vector")


def _loss(probabilities: Array, truth: Array) -> float:
    right = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(right, 1e-30)).mean())


def _context(scratch: Path) -> RunContext:
    scratch.mkdir(parents=True, exist_ok=True)
    return RunContext(seed=3, rng=np.random.default_rng(3), scratch=scratch)
