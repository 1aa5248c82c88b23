"""`split: {by: …}`: what is never parted beside groups; every row, origin, score and guard sees it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.errors import DataError
from structkit.evaluation.splits import deal
from structkit.evaluation.units import deal_units, joined, shared_words
from structkit.pipeline.spec import Split
from structkit.run import Run

ROOT = Path(__file__).parent

PIPELINE = """\
structkit: 1
name: held
seed: 3
threads: 1
split: {valid: 0.15, test: 0.25, by: element}
plugins: [toy_plugin.py, audit_plugin.py]
steps:
  crystals: {use: toy-elements, with: {elements: 9}}
  noisy: {use: toy-noise, from: crystals, with: {sigma: 0.05}}
  others: {use: toy-elements, with: {first: 6}}
  vector: {use: toy-vector, from: [crystals, noisy, others]}
  centroid: {use: toy-centroid, from: vector, train_on: [crystals]}
  why: {use: toy-gradient, from: centroid}
"""


@pytest.fixture
def held(here):
    """A folder with a pipeline of elements in lattices, of which two sources share some."""
    (here / "audit_plugin.py").write_text((ROOT / "audit_plugin.py").read_text())
    (here / "held.yaml").write_text(PIPELINE)
    return here


def element(row):
    return row.id.partition("-")[0]


def sides(run, word):
    """The parts in which rows with each value are, of all origins."""
    found = {}
    for row in run.predictions("centroid").rows:
        found.setdefault(word(row), set()).add(row.subset)
    return found


def test_groups_that_share_a_value_are_one_unit_directly_and_through_others():
    units = joined(["a", "a", "b", "c", "d", "e"], ["1", "2", "2", "3", "3", "4"])
    assert units == {"a": "1 (+1)", "b": "1 (+1)", "c": "3", "d": "3", "e": "4"}


def test_joined_units_are_the_components_of_any_graph():
    rng = np.random.default_rng(0)
    for _ in range(100):
        size = int(rng.integers(1, 40))
        groups = [f"g{i}" for i in rng.integers(0, 15, size)]
        values = [f"v{i}" for i in rng.integers(0, 15, size)]
        units = joined(groups, values)
        of_values = {}
        for group, value in zip(groups, values, strict=True):
            assert of_values.setdefault(value, units[group]) == units[group]
        # no coarser than needed: what shares nothing is apart
        for one in set(units.values()):
            inside = {g for g in units if units[g] == one}
            reached = {min(inside)}
            for _ in range(len(inside)):
                near = {v for g, v in zip(groups, values, strict=True) if g in reached}
                reached |= {g for g, v in zip(groups, values, strict=True) if v in near}
            assert reached == inside


@pytest.mark.parametrize("seed", range(20))
def test_units_of_one_class_are_dealt_as_groups_are(seed):
    split = Split(valid=0.15, test=0.25, calibration=0.1)
    counts = np.random.default_rng(seed).integers(2, 30, 4)
    units = [f"{label}-{i}" for label, n in zip("abcd", counts, strict=True) for i in range(n)]
    labels = [unit[0] for unit in units]
    assert deal_units(units, labels, split, seed) == deal(units, labels, split, seed)


@pytest.mark.parametrize("seed", range(20))
def test_every_class_is_learnt_and_tested_where_units_hold_several(seed):
    rng = np.random.default_rng(seed)
    units = [f"u{i}" for i in rng.integers(0, 20, 200)]
    labels = [str(label) for label in rng.integers(0, 4, 200)]
    parts = deal_units(units, labels, Split(valid=0.15, test=0.2), seed)
    assert set(parts) == set(units)
    for label in set(labels):
        inside = {parts[u] for u, known in zip(units, labels, strict=True) if known == label}
        assert inside == {"train", "valid", "test"}


def test_a_class_whose_units_are_one_cannot_be_tested():
    with pytest.raises(DataError, match="D040 split by x: too few units .*a: 1, b: 1"):
        deal_units(["u", "v"], ["a", "b"], Split(by="x"), 0)


def test_words_that_all_rows_note():
    rows = [Row("1", meta={"a": 1, "b": "x", "c": [1]}), Row("2", meta={"a": 2, "c": [1]})]
    assert shared_words(Table.of(rows)) == ["a"]


def test_elements_are_never_on_two_sides_of_the_split_in_any_origin(cli, held):
    done = cli("run", "held.yaml")
    assert done.code == 0, done
    run = Run(held / "runs/held")
    found = sides(run, element)
    assert len(found) == 12 and all(len(parts) == 1 for parts in found.values())
    assert {p for parts in found.values() for p in parts} == {"train", "valid", "test"}
    rows = run.predictions("centroid").rows
    assert {row.group for row in rows} == set(found), "intervals count elements"
    scores = run.metrics("centroid")["origins"]["crystals"]["test"]
    tested = {element(row) for row in rows if row.origin == "crystals" and row.subset == "test"}
    assert scores["groups"] == len(tested)
    assert run.resolved["split"] == {"valid": 0.15, "test": 0.25, "by": "element"}
    explained = Table.open(run.path("why") / "crystals")
    assert set(explained.groups) <= tested
    units = json.loads((run.trained("centroid").folder / "units.json").read_text())
    assert units["Cu-fcc"] == units["Cu-bcc"] == "Cu"


def test_without_by_elements_are_on_both_sides_and_keys_are_as_before(cli, held):
    (held / "held.yaml").write_text(PIPELINE.replace(", by: element", ""))
    assert cli("run", "held.yaml").code == 0
    run = Run(held / "runs/held")
    assert any(len(parts) > 1 for parts in sides(run, element).values())
    assert "by" not in run.resolved["split"]
    assert not (run.trained("centroid").folder / "units.json").exists()


def test_words_of_meta_and_the_resolved_file_runs_again_from_the_store(cli, held):
    assert cli("run", "held.yaml", "--set", "split.by=run").code == 0
    run = Run(held / "runs/held")
    table = run.predictions("centroid")
    found = {}
    for row in table.rows:
        found.setdefault(row.meta["run"], set()).add(row.subset)
    assert all(len(parts) == 1 for parts in found.values())
    again = cli("plan", held / "runs/held/resolved.yaml")
    assert again.out.splitlines()[-1].startswith("0 to run"), again


def test_sources_are_the_steps_where_rows_began_unless_rows_say_another(cli, held):
    text = PIPELINE.replace("train_on: [crystals]", "train_on: [crystals, others]")
    text = text.replace("first: 6", "first: 9")
    (held / "held.yaml").write_text(text)
    done = cli("run", "held.yaml", "--set", "split.by=source")
    assert done.code == 0, done
    roots = {}
    for row in Run(held / "runs/held").predictions("centroid").rows:
        roots.setdefault("others" if row.origin == "others" else "crystals", set()).add(row.subset)
    assert sorted(map(sorted, roots.values())) == [["test"], ["train"]]


@pytest.mark.parametrize(
    ("word", "code", "words"),
    [
        ("file", 3, "D042 row 'Ag-fcc-0' of 'crystals' notes no word or number 'file'; 27 rows"),
        ("nothing", 3, "split by what all rows note (all rows note prototype, run)"),
        ("prototype", 3, "D040 split by prototype: too few units"),
        ("''", 2, "split.by"),
        ("3", 2, "split.by"),
        ("[element]", 2, "split.by"),
    ],
)
def test_what_cannot_be_split_by_is_refused_with_a_fix(cli, held, word, code, words):
    done = cli("run", "held.yaml", "--set", f"split.by={word}")
    assert done.code == code and words in done.err, done
    assert "Traceback" not in done.err


def test_guards_count_units(cli, held):
    text = PIPELINE.replace("test: 0.25", "calibration: 0.3, test: 0.2")
    text = text.replace("elements: 9", "elements: 12").replace(
        "  others: {use: toy-elements, with: {first: 6}}\n", ""
    )
    text = text.replace(", others]", "]")
    text += "  sets: {use: conformal, from: centroid, with: {coverage: 0.6}}\n"
    (held / "held.yaml").write_text(text)
    done = cli("run", "held.yaml")
    assert done.code == 0, done
    run = Run(held / "runs/held")
    with (run.path("sets") / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["group"] == row["id"].partition("-")[0] for row in rows)
    trust = run.trust("sets")["origins"]["crystals"]
    units = {row["group"] for row in rows if row["subset"] == "calibration"}
    assert trust["calibration"]["groups"] == len(units)
