"""Several models of one sort that speak as one: `members`."""

import csv
import json

import numpy as np
import pytest

from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.kinds.asking import ask
from structkit.kinds.committee import Committee
from structkit.run import Run


class Says:
    """A model that says what it was made with."""

    classes = ("a", "b")

    def __init__(self, said):
        self.said = said

    def predict(self, features):
        return self.said


def rows(count=2):
    return Table.of([Row(f"r{i}", "a", f"g{i}") for i in range(count)], vector=np.zeros((count, 1)))


def test_doubt_of_classes_by_hand():
    agree, differ = [0.5, 0.5], ([1.0, 0.0], [0.0, 1.0])
    both = Committee([Says(np.array([agree, differ[0]])), Says(np.array([agree, differ[1]]))])
    assert both.predict(rows()) == pytest.approx(np.full((2, 2), 0.5))
    doubt = ask(both, rows()).beside
    # they agree that it is a coin: no data will mend it; they contradict each other: data would
    assert doubt["epistemic"] == pytest.approx([0, np.log(2)])
    assert doubt["aleatoric"] == pytest.approx([np.log(2), 0])


def test_doubt_of_numbers_by_hand():
    one = {"value": np.array([1.0, 2.0]), "spread": np.array([0.3, 0.0])}
    two = {"value": np.array([1.0, 4.0]), "spread": np.array([0.4, 0.0])}
    both = Committee([Says(one), Says(two)])
    said, doubt = both.predict(rows()), ask(both, rows()).beside
    assert said["value"] == pytest.approx([1, 3])
    assert said["spread"] == pytest.approx([np.sqrt(0.125), 1])
    assert doubt["epistemic"] == pytest.approx([0, 1])
    assert doubt["aleatoric"] == pytest.approx([np.sqrt(0.125), 0])
    plain = Committee([Says(np.array([1.0, 2.0])), Says(np.array([3.0, 2.0]))])
    assert plain.predict(rows())["spread"] == pytest.approx([1, 0])


def test_atoms_are_meant_one_by_one():
    one, two = [np.eye(2)], [np.full((2, 2), 0.5)]
    (said,) = Committee([Says(one), Says(two)]).predict(rows(1))
    assert said == pytest.approx(np.array([[0.75, 0.25], [0.25, 0.75]]))


MODEL = '''
import json
import numpy as np
from structkit import Model, Settings, hookimpl

STRUCTKIT_API = 1

class Guesses:
    """Learns a direction drawn at random: another for every seed."""

    def __init__(self, **settings):
        self.classes = ()

    def fit(self, train, valid, context):
        self.classes = tuple(sorted(set(train.labels)))
        self.weights = context.rng.normal(size=(train.item("vector", 0).size, len(self.classes)))
        (context.scratch / "own").write_text(str(context.seed))
        for epoch in (1, 2):
            yield {"epoch": epoch, "train_loss": 1.0 / epoch}

    def predict(self, features):
        if not len(features):
            return np.zeros((0, len(self.classes)))
        logits = 0.05 * features.stack("vector") @ self.weights
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def save(self, folder):
        np.save(folder / "w.npy", self.weights)
        (folder / "c.json").write_text(json.dumps(self.classes))

    def load(self, folder):
        self.weights = np.load(folder / "w.npy", allow_pickle=False)
        self.classes = tuple(json.loads((folder / "c.json").read_text()))

@hookimpl
def structkit_models():
    yield Model(name="guesses", accepts=("vector",), offers=("centroids",), build=f"{__name__}:Guesses",
                settings=Settings, summary="random directions")
'''


@pytest.fixture
def finished(here, quick):
    (here / "guesses.py").write_text(MODEL)
    text = (here / "toy.yaml").read_text().replace("[toy_plugin.py]", "[toy_plugin.py, guesses.py]")
    text = text.partition("  centroid:")[0]
    text += (
        "  one: {use: guesses, from: vector}\n  five: {use: guesses, from: vector, members: 5}\n"
    )
    (here / "toy.yaml").write_text(text)
    done = quick("run", "toy.yaml")
    assert done.code == 0, done
    return here / "runs/toy"


def test_members_learn_with_seeds_of_their_own(finished):
    run = Run(finished)
    weights = [np.load(finished / f"steps/five/trained/model/{i}/w.npy") for i in range(5)]
    assert len({w.tobytes() for w in weights}) == 5
    history = run.history("five")
    assert [record["epoch"] for record in history] == [*range(1, 11)]
    assert [record["member"] for record in history] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert run.resolved["steps"]["five"]["members"] == 5
    assert "members" not in run.resolved["steps"]["one"]


def test_doubt_is_kept_told_and_predicted(finished, here, quick):
    from ase.build import bulk
    from ase.io import write

    table = Run(finished).predictions("five")
    doubt = {name: table.stack(name) for name in ("epistemic", "aleatoric")}
    assert (doubt["epistemic"] > 0).any()
    p = table.stack("probabilities")
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
    assert doubt["epistemic"] + doubt["aleatoric"] == pytest.approx(entropy)
    lines = csv.DictReader((finished / "steps/five/predictions.csv").read_text().splitlines())
    assert float(next(lines)["aleatoric"]) == pytest.approx(doubt["aleatoric"][0], rel=1e-4)
    write(here / "cu.cif", bulk("Cu", cubic=True))
    told = json.loads(quick("predict", "runs/toy", "cu.cif", "--model", "five", "--json").out)
    assert {"epistemic", "aleatoric"} <= told["predictions"][0].keys()
    told = json.loads(quick("predict", "runs/toy", "cu.cif", "--model", "one", "--json").out)
    assert "epistemic" not in told["predictions"][0]


def test_explainers_of_one_model_refuse_several(finished, here, quick):
    (here / "toy.yaml").write_text(
        (here / "toy.yaml").read_text() + "  why: {use: toy-gradient, from: five}\n"
    )
    done = quick("validate", "toy.yaml")
    assert "Y023 toy-gradient needs centroids, 'five' (guesses) offers nothing" in done.err


def test_the_number_of_members_is_part_of_the_key(finished, here, quick):
    (here / "toy.yaml").write_text(
        (here / "toy.yaml").read_text().replace("members: 5", "members: 4")
    )
    plan = quick("plan", "toy.yaml").out
    assert "run    five training" in plan
    assert "cached one training" in plan


@pytest.mark.parametrize("count", ["0", "101", "many"])
def test_a_wrong_number_is_refused_with_its_line(here, quick, count):
    text = (here / "toy.yaml").read_text().replace("train_on: [crystals]", f"members: {count}")
    (here / "toy.yaml").write_text(text)
    done = quick("validate", "toy.yaml")
    assert done.code == 2 and "toy.yaml:" in done.err and "members" in done.err, done
