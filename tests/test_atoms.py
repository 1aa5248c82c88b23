"""Classes of atoms from the source to the prediction of a new file."""

import json
from pathlib import Path

import numpy as np
import pytest
from ase.io import write

from structkit import Row, Run, Sample, Table
from structkit.cli.wording import prediction_facts, prediction_text
from structkit.data.items.structure import to_row
from structkit.engine.prediction import Prediction, Predictor
from structkit.errors import DataError
from structkit.evaluation.atom_classes import AtomClasses
from structkit.evaluation.intervals import share_interval
from structkit.kinds.wiring import matching
from structkit_crystal_source import close_packed, steps_of

EXAMPLE = Path(__file__).parents[1] / "examples/stacking-faults.yaml"
SMALL = [
    "--set", "steps.crystals.with.per_element=2", "--set", "steps.crystals.with.repeats=3",
    "--set", "steps.crystals.with.elements=[Cu,Al,Ni,Ag,Mg,Ti,Zn,Co]", "--set", "threads=1",
]  # fmt: skip
ORIGINS = ("crystals[displacement=0.02]", "crystals[displacement=0.06]")


@pytest.fixture
def example(quick, here, monkeypatch):
    """The example in a small form, run; what it printed and the run."""
    monkeypatch.setenv("STRUCTKIT_BLOCK", "structkit-html-report")
    result = quick("run", EXAMPLE, *SMALL)
    assert result.code == 0, result
    return result, Run(here / "runs/stacking-faults")


def new_structures():
    letters = {"fcc": "ABC" * 4, "hcp": "AB" * 6, "faulty": "ABCABABCABC"}
    structures = {name: close_packed(steps_of(word), "Au", 4) for name, word in letters.items()}
    for atoms in structures.values():
        atoms.rotate(40, (1, 2, 3), rotate_cell=True)
        atoms.positions += np.random.default_rng(0).normal(scale=0.05, size=atoms.positions.shape)
    return structures


def test_atoms_at_stacking_faults_are_told_from_the_others(example):
    result, run = example
    tested = run.tested("atoms")
    assert run.steps["atoms"]["train_on"] == list(ORIGINS), "not the vacant ones"
    assert tested[ORIGINS[0]]["accuracy"]["value"] > 0.99
    assert tested[ORIGINS[1]]["accuracy"]["value"] > 0.9 > tested[ORIGINS[1]]["majority"] + 0.2
    vacant = tested[f"{ORIGINS[0]}+vacant"]
    assert vacant["atoms"] == 2 * 2 * round(108 * 0.98), "vacancies are no atoms"
    assert 0.8 < vacant["accuracy"]["value"] < 1
    said = "accuracy per atom 1.000 [0.158, 1.000] (commonest class 0.500), n = 4 in 2 groups"
    assert f"atoms · {ORIGINS[0]} · test: {said}" in result.out
    rows = (run.path("atoms") / "predictions.csv").read_text().splitlines()
    assert rows[0] == "id,origin,group,subset,atoms,known,right"
    assert rows[1].endswith(",108,108,108")


def test_new_structures_are_told_atom_by_atom(example):
    _, run = example
    structures = new_structures()
    samples = [Sample(name, atoms) for name, atoms in structures.items()]
    found = {one.id: one for one in Predictor(run.folder).predict(samples)}
    for name, atoms in structures.items():
        truth = list(map(str, atoms.arrays["lattice"]))
        assert found[name].atoms.shape == (len(atoms), 2) and found[name].classes == ("1", "2")
        assert (np.array(found[name].atom_labels) == truth).mean() > 0.98


def test_predict_counts_the_atoms_of_each_class(example, quick, here):
    atoms = new_structures()["hcp"]
    write(here / "new.extxyz", atoms)
    result = quick("predict", "runs/stacking-faults", "new.extxyz")
    assert result.code == 0 and "new.extxyz: 192 atoms  (1: 0, 2: 192)" in result.out, result
    told = json.loads(quick("predict", "runs/stacking-faults", "new.extxyz", "--json").out)
    (row,) = told["predictions"]
    assert row == {"id": "new.extxyz", "counts": {"1": 0, "2": 192}, "atoms": ["2"] * 192}


def test_what_a_transform_made_of_a_varied_origin_is_not_meant():
    """`train_on: [crystals]` must not learn from the vacancies that are kept for the test."""
    origins = [
        *ORIGINS,
        *(f"{name}+vacant" for name in ORIGINS),
        "noisy[a=1]+vacant[b=2]",
        "vacant[b=2]",
    ]
    assert matching("crystals", origins) == list(ORIGINS)
    assert matching("crystals[displacement=0.02]", origins) == [ORIGINS[0]]
    assert matching("noisy", origins) == [] and matching("vacant", origins) == ["vacant[b=2]"]
    made = [f"{name}+vacant" for name in ORIGINS]
    assert matching("crystals+vacant", origins) == made, "unless it is named"
    assert matching("crystals[displacement=0.02]+vacant", origins) == made[:1]
    assert matching("noisy+vacant[b=2]", origins) == origins[-2:-1]
    assert matching("noisy[a=2]+vacant", origins) == []


PLUGIN = """\
import json
import numpy as np
from structkit import Model, Sample, Source, Task, Transform, hookimpl

STRUCTKIT_API = 1


class Salts:
    def tasks(self):
        return [Task(str(i)) for i in range(8)]

    def samples(self, task, rng):
        from ase.build import bulk

        atoms = bulk("NaCl", "rocksalt", a=5 + 0.1 * int(task.id), cubic=True)
        atoms.set_array("site", np.where(atoms.numbers == 11, 2, 10))
        atoms.arrays["site"][0] = -1
        yield Sample(task.id, atoms, group=task.id)


class WithoutFirst:
    def __call__(self, sample, rng):
        yield Sample(sample.id, sample.atoms[1:])


class ByElement:
    # classes in the order of words, not of numbers
    def fit(self, train, valid, context):
        for row in range(len(train)):
            count = len(train.item("numbers", row))
            assert len(train.item("target", row)) == count, "of other structures"
        self.classes = ("10", "2")
        yield {"train_loss": 0.0}

    def predict(self, features):
        numbers = [features.item("numbers", row) for row in range(len(features))]
        return [np.eye(2)[(one == 11).astype(int)] for one in numbers]

    def save(self, folder):
        (folder / "classes.json").write_text(json.dumps(self.classes))

    def load(self, folder):
        self.classes = tuple(json.loads((folder / "classes.json").read_text()))


@hookimpl
def structkit_sources():
    yield Source(name="salts", build=f"{__name__}:Salts", summary="salts")


@hookimpl
def structkit_transforms():
    yield Transform(name="without-first", build=f"{__name__}:WithoutFirst", summary="an atom less")


@hookimpl
def structkit_models():
    build = f"{__name__}:ByElement"
    yield Model(name="by-element", accepts=("structure",), per="atom", build=build, summary="sites")
"""
STEPS = """\
structkit: 1
name: salts
threads: 1
plugins: [salts.py]
steps:
  salts: {use: salts}
  less:  {use: without-first, from: salts}
  sites: {use: by-element, from: [salts, less], target: site}
"""


@pytest.fixture
def salts(quick, here):
    def run(old="", new="", target="site"):
        assert old in PLUGIN
        (here / "salts.py").write_text(PLUGIN.replace(old, new) if old else PLUGIN)
        (here / "p.yaml").write_text(STEPS.replace("target: site", f"target: {target}"))
        return quick("run", "p.yaml")

    return run


def test_model_that_reads_structures_gets_the_classes_of_their_own_atoms(salts, here):
    """Not those of the structures that a transform made them of."""
    result = salts()
    assert result.code == 0, result
    tested = Run(here / "runs/salts").tested("sites")
    assert {origin: scores["accuracy"]["value"] for origin, scores in tested.items()} == {
        "salts": 1.0,
        "less": 1.0,
    }
    n = tested["salts"]["n"]
    assert tested["salts"]["confusion"] == [[4 * n, 0], [0, 3 * n]], "the first Na is not known"
    assert tested["salts"]["atoms"] == 7 * n
    line = (here / "runs/salts/steps/sites/predictions.csv").read_text().splitlines()[1]
    assert line.endswith(",8,7,7")


NOT_WHOLE = "D005 the per-atom array 'site' does not hold one whole number an atom"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("11, 2, 10)", "11, 2.5, 10)", NOT_WHOLE),
        ("11, 2, 10)", "11, np.nan, 10)", NOT_WHOLE),
        ("np.where(atoms.numbers == 11, 2, 10)", "np.ones((8, 3), int)", NOT_WHOLE),
        ('["site"][0] = -1', '["site"][:] = 2', "D001 atoms of one class of 'site'"),
        ('("10", "2")', '("10", "x")', "predict: has the class 'x', expected whole numbers"),
    ],
)
def test_what_are_no_classes_of_atoms_is_refused(old, new, said, salts):
    result = salts(old, new)
    assert result.code in (3, 4) and said in result.err, result


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("for one in numbers]", "for one in numbers[:1]]", "returned 1 arrays for 8 structures"),
        ("(one == 11)", "(one[1:] == 11)", "returned shape (7, 2), expected (8, 2)"),
        ("[np.eye(2)[", "[2 * np.eye(2)[", "returned rows that are not probabilities"),
        ("return [np.eye(2)", "return [3 if len(one) else np.eye(2)", "returned shape (), exp"),
    ],
)
def test_predictions_of_another_shape_are_refused(old, new, said, salts):
    result = salts(old, new)
    assert result.code == 4 and f"by-element (salts 0) on predict: {said}" in result.err, result


def test_array_that_nobody_has_is_named(salts):
    result = salts(target="sites")
    assert result.code == 3 and "D005 no structure has a per-atom array 'sites'" in result.err


@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.float32, bool])
def test_whole_numbers_of_any_kind_are_classes(kind):
    atoms = close_packed(steps_of("ABC"), "Cu", 1)
    atoms.set_array("kind", np.array([0, 1, 1], dtype=kind))
    row, arrays = to_row(Sample("x", atoms, group="g"))
    columns = {name: [value] for name, value in arrays.items() if name not in ("cell", "pbc")}
    structures = Table.of([row], **columns)
    truth = AtomClasses("kind").truth(Table.of([Row("x")]), structures)
    assert truth.values[0].tolist() == [0, 1, 1] and truth.values[0].dtype == np.int64
    with pytest.raises(DataError, match="D005 no structures"):
        AtomClasses("kind").truth(Table.of([Row("x")]), None)


def test_predictions_of_every_sort_are_told():
    number = Prediction("x", value=-3.25, unit="eV/atom")
    assert prediction_text(number) == "-3.25 eV/atom"
    assert prediction_text(Prediction("x", value=2.0)) == "2"
    assert prediction_facts(number) == {"id": "x", "value": -3.25, "unit": "eV/atom"}
    classes = Prediction("x", ("a", "b", "c", "d"), (0.1, 0.6, 0.25, 0.05))
    assert prediction_text(classes) == "b  (b 0.600, c 0.250, a 0.100)"
    assert prediction_facts(classes)["probabilities"]["d"] == 0.05


def test_interval_of_faultless_shares_is_the_bound_on_groups():
    groups = ["a", "b", "c", "d", "e", "f"]
    assert share_interval(np.ones(6), groups) == [pytest.approx(0.025 ** (1 / 6)), 1.0]
    low, high = share_interval(np.array([1, 1, 1, 1, 1, 0.5]), groups)
    assert 0.4 < low < 0.7 and 0.95 < high <= 1.0
    assert share_interval(np.ones(3), ["a"] * 3) is None
