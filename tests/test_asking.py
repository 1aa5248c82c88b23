"""A model is asked once for all that is wanted of it."""

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.kinds.asking import ask, is_compared
from structkit.kinds.committee import Committee
from structkit.pipeline.check import check
from structkit.pipeline.spec import load


class Sees:
    """A model that counts how often it looks at rows."""

    classes = ("a", "b")

    def __init__(self):
        self.passes = 0

    def predict(self, table):
        self.passes += 1
        return np.full((len(table), 2), 0.5)

    def features(self, table):
        self.passes += 1
        return table.stack("vector")


class SeesAtOnce(Sees):
    def predict_with_features(self, table):
        return self.predict(table), table.stack("vector")


ROWS = Table.of([Row(f"r{i}", "a", f"g{i}") for i in range(3)], vector=np.arange(6.0).reshape(3, 2))


def test_features_are_given_when_they_are_asked_for():
    assert dict(ask(Sees(), ROWS).beside) == {}
    assert np.array_equal(ask(Sees(), ROWS, features=True).beside["features"], ROWS.stack("vector"))


def test_a_model_that_can_gives_both_in_one_pass():
    model = SeesAtOnce()
    answer = ask(model, ROWS, features=True)
    assert model.passes == 1
    assert np.array_equal(answer.beside["features"], ROWS.stack("vector"))


def test_no_rows_have_no_features():
    answer = ask(SeesAtOnce(), ROWS.select([]), features=True)
    assert len(answer.beside["features"]) == len(answer.predicted) == 0


def test_features_of_several_models_stand_side_by_side():
    members = [SeesAtOnce(), Sees()]
    answer = ask(Committee(members), ROWS, features=True)
    assert answer.beside["features"].shape == (3, 4)
    assert set(answer.beside) == {"features", "epistemic", "aleatoric"}
    assert [member.passes for member in members] == [1, 2]


def test_features_are_kept_for_guards_that_compare_them(tmp_path):
    (tmp_path / "p.yaml").write_text(
        "structkit: 1\nname: p\nsplit: {calibration: 0.2}\nsteps:\n"
        "  crystals: {use: crystal-prototypes}\n"
        "  image: {use: diffraction-fingerprint, from: crystals}\n"
        "  guarded: {use: cnn-classifier, from: image}\n"
        "  alone: {use: cnn-classifier, from: image}\n"
        "  in_sets: {use: cnn-classifier, from: image}\n"
        "  trust: {use: novelty, from: guarded}\n"
        "  sets: {use: conformal, from: in_sets}\n"
    )
    pipeline = check(load(tmp_path / "p.yaml"))
    compared = {name: is_compared(step, pipeline) for name, step in pipeline.steps.items()}
    assert [name for name, yes in compared.items() if yes] == ["guarded"]
