"""`structkit plan --cost`: what a run would take, estimated from samples, held against the run."""

import json
from pathlib import Path

import pytest

from structkit.engine.cost import _Line, _makes_no_more
from structkit.engine.sampling import Sampled, evenly

PIPELINE = """\
structkit: 1
name: costly
seed: 1
threads: 1
split: {calibration: 0.25, test: 0.25}
steps:
  crystals: {use: crystal-prototypes, with: {classes: [fcc, bcc], per_class: 80, groups_per_class: 60}}
  damaged: {use: point-defects, from: crystals, with: {copies: 2}}
  pattern: {use: powder-pattern, from: [crystals, damaged]}
  nearest: {use: nearest-neighbours, from: pattern, train_on: [crystals]}
  trust: {use: verdict, from: nearest}
"""


@pytest.fixture
def estimated(quick, tmp_path, monkeypatch):
    """The estimates of the pipeline above, before anything is run."""
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text(PIPELINE)
    before = sorted(tmp_path.rglob("*"))
    result = quick("plan", "p.yaml", "--cost", "--rows", 60, "--json")
    assert result.code == 0, result
    assert sorted(tmp_path.rglob("*")) == before, "an estimate leaves nothing"
    return {line["job"]: line for line in json.loads(result.out)}


def sizes():
    """Rows and bytes of each result in the store, by its key."""
    for record in Path(".structkit/store").glob("*/*/entry.json"):
        folder = record.parent
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        yield folder.name, size


def test_an_estimate_is_near_what_the_run_takes_and_says_what_it_cannot_know(estimated, quick):
    # sixty rows have too few groups for a promise of 95 %, which the run has
    assert "too few groups" in estimated["trust calibration"]["problem"]
    assert estimated["trust promises kept"]["problem"] == estimated["trust calibration"]["problem"]
    assert quick("run", "p.yaml").code == 0
    record = json.loads(Path("runs/costly/provenance.json").read_text())
    size = dict(sizes())
    assert estimated["crystals"]["rows"] == 160 and estimated["damaged"]["rows"] == 320
    assert estimated["pattern [damaged]"]["rows"] == 320
    made = ("source", "transform", "descriptor", "predict")
    for step in record["steps"]:
        if step["work"] not in made:
            continue
        titles = [one for one in estimated.values() if one["origin"] == step["origin"]]
        (line,) = [one for one in titles if (one["step"], one["work"]) == (step["step"], step["work"])]  # fmt: skip
        assert line["bytes"] == pytest.approx(size[step["key"]], rel=0.5), line
    assert all(step["cpu_seconds"] > 0 for step in record["steps"] if not step["cached"])


def test_what_has_been_run_costs_nothing_more_and_is_taken(quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text(PIPELINE)
    assert quick("run", "p.yaml", "--only", "crystals").code == 0
    before = sorted(Path(".structkit").rglob("*"))
    result = quick("plan", "p.yaml", "--cost", "--rows", 40)
    assert "crystals source" in result.out and "in all " in result.out, result
    (line,) = [one for one in result.out.splitlines() if one.startswith("crystals source")]
    assert line.split()[2:4] == ["160", "0.0"], line
    assert sorted(Path(".structkit").rglob("*")) == before


def one(came, made, cpu):
    return Sampled(came, made, cpu, 0, 0.0)


@pytest.mark.parametrize(
    ("took", "came", "fixed", "seconds"),
    [
        ([one(10, 10, 3.0), one(40, 40, 6.0)], 1000, False, 2 + 100),  # 2 s and 0.1 s a row
        ([one(40, 40, 4.0)], 1000, False, 100),  # one size alone: all of it grows
        ([one(10, 10, 5.0), one(40, 40, 4.0)], 1000, False, 4.0),  # nothing grows
        ([one(10, 8, 3.0), one(40, 8, 4.0)], 1000, True, 4.0),  # a fixed number of rows
    ],
)
def test_a_fixed_part_and_one_for_each_row(took, came, fixed, seconds):
    assert _Line(took, came, fixed).at(lambda it: it.cpu_seconds) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("small", "large", "fixed"),
    [
        (one(10, 10, 1), one(40, 40, 1), False),  # a row for each
        (one(10, 8, 1), one(40, 8, 1), True),  # so many of each class
        (one(10, 8, 1), one(40, 12, 1), True),  # of which few rows have not all
        (
            one(10, 0, 1),
            one(40, 0, 1),
            False,
        ),  # a training makes no rows, and grows with what it reads
        (one(10, 8, 1), one(10, 8, 1), False),  # two samples of one size say nothing
    ],
)
def test_what_makes_no_more_rows_of_more(small, large, fixed):
    assert _makes_no_more([small, large]) == fixed


def test_some_of_many_are_chosen_from_the_first_to_the_last():
    assert evenly(5, 3) == [0, 2, 4]
    assert evenly(2, 9) == [0, 1]
    assert evenly(0, 3) == []
