"""Numbers with a unit from a source to a prediction: the example, in a small form."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from structkit import DataError, Measurement
from structkit.engine.prediction import Predictor
from structkit.run import Run
from structkit_composition import vector

EXAMPLE = Path(__file__).parents[3] / "examples/formation-energies.yaml"
SMALL = ["--set", "steps.trees.with.trees=30", "--set", "threads=1"]


@pytest.fixture(autouse=True)
def _no_report(monkeypatch):
    """No report is asked for here."""
    monkeypatch.setenv("STRUCTKIT_BLOCK", "structkit-html-report")


@pytest.fixture
def finished(quick, here):
    result = quick("run", EXAMPLE, *SMALL)
    assert result.code == 0, result
    return result


def table(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_trees_beat_the_line_and_the_line_beats_the_mean(finished, here):
    steps = here / "runs/formation-energies/steps"
    scores = {
        name: json.loads((steps / name / "metrics.json").read_text())
        for name in ("trees", "linear")
    }
    tests = {name: found["origins"]["compounds"]["test"] for name, found in scores.items()}
    assert scores["trees"]["unit"] == "eV/atom" and scores["trees"]["target"] == "formation_energy"
    assert tests["trees"]["mae"]["value"] < 0.15 < 0.2 < tests["linear"]["mae"]["value"] < 0.35
    assert 0.6 < tests["trees"]["trivial_mae"] == tests["linear"]["trivial_mae"] < 0.9
    low, high = tests["trees"]["mae"]["interval"]
    assert low < tests["trees"]["mae"]["value"] < high
    line = next(line for line in finished.out.splitlines() if line.startswith("trees"))
    assert (
        "test: mean absolute error 0.1" in line
        and "] eV/atom (training mean 0.711), n = 439" in line
    )


def test_scores_are_those_of_the_table_of_predictions(finished, here):
    steps = here / "runs/formation-energies/steps"
    rows = table(steps / "trees/predictions.csv")
    assert list(rows[0])[4:] == [
        f"{name} [eV/atom]" for name in ("formation_energy", "predicted", "spread")
    ]
    tested = [row for row in rows if row["subset"] == "test"]
    errors = [
        abs(float(row["predicted [eV/atom]"]) - float(row["formation_energy [eV/atom]"]))
        for row in tested
    ]
    stored = json.loads((steps / "trees/metrics.json").read_text())["origins"]["compounds"]["test"]
    assert np.mean(errors) == pytest.approx(stored["mae"]["value"], abs=1e-7)
    spread = [float(row["spread [eV/atom]"]) for row in tested]
    assert np.corrcoef(spread, errors)[0, 1] > 0.3, "the spread says where the trees are wrong"
    assert table(steps / "linear/predictions.csv")[0]["spread [eV/atom]"] == ""
    systems = {
        part: {row["group"] for row in rows if row["subset"] == part} for part in ("train", "test")
    }
    assert not systems["train"] & systems["test"]


def test_new_compounds_are_predicted(finished, here):
    predictor = Predictor(here / "runs/formation-energies", model="trees")
    new = [Measurement(name, {"vector": vector(name)}) for name in ("CsMgF3", "NaCl")]
    first, known = predictor.predict(new)
    assert (
        (first.id, first.unit) == ("CsMgF3", "eV/atom")
        and -4 < first.value < -2.5
        and first.spread > 0
    )
    row = next(
        row
        for row in Run(here / "runs/formation-energies").predictions("trees")
        if row.id == "NaCl"
    )
    stored = {
        r["id"]: r for r in table(here / "runs/formation-energies/steps/trees/predictions.csv")
    }["NaCl"]
    assert row.subset in ("train", "valid", "test")
    assert known.value == pytest.approx(float(stored["predicted [eV/atom]"]), abs=1e-7), (
        "prepared as the run was"
    )
    (line,) = Predictor(here / "runs/formation-energies", model="linear").predict(new[:1])
    assert line.spread is None and line.value != first.value


def test_unsound_rows_are_refused(finished, here):
    predictor = Predictor(here / "runs/formation-energies", model="trees")
    for wrong, said in [
        ({"vector": np.full(66, np.nan)}, "x: S013 'vector' is nan"),
        (
            {"vector": np.zeros((2, 33))},
            r"x: S013 'vector' has shape \(2, 33\), expected \(features\)",
        ),
        ({"image": np.zeros(66)}, "x: S013 gave no array 'vector', only image"),
    ]:
        with pytest.raises(DataError, match=said):
            predictor.predict([Measurement("x", wrong)])
    with pytest.raises(TypeError, match="got a str, expected a Measurement"):
        predictor.predict(["NaCl"])


def test_a_file_of_formulas_is_predicted(finished, quick, here):
    (here / "new.txt").write_text("\ufeff# two of them\nCsMgF3\n\nNaCl  # known\n")
    result = quick("predict", "runs/formation-energies", "new.txt", "--model", "trees")
    assert (
        result.code == 0 and "\nCsMgF3: -" in result.out and "eV/atom (spread 0." in result.out
    ), result
    result = quick("predict", "runs/formation-energies", "new.txt", "--model", "linear", "--json")
    rows = json.loads(result.out)["predictions"]
    assert [row["id"] for row in rows] == ["CsMgF3", "NaCl"]
    assert rows[0]["unit"] == "eV/atom" and set(rows[0]) == {"id", "value", "unit"}
    (here / "wrong.txt").write_text("NaCl\nQq2\n")
    result = quick("predict", "runs/formation-energies", "wrong.txt", "--model", "trees")
    assert result.code == 3 and "wrong.txt:2: S030 no formula" in result.err, result


def test_nothing_is_done_again(finished, quick, here):
    result = quick("plan", EXAMPLE, *SMALL)
    assert "0 to run, 7 in the store" in result.out, result
    result = quick("plan", EXAMPLE, *SMALL, "--set", "steps.linear.with.penalty=2.0")
    assert "3 to run, 4 in the store" in result.out, result
    result = quick("plan", EXAMPLE, *SMALL, "--set", "steps.linear.target=uncertainty")
    assert "3 to run, 4 in the store" in result.out, result


def test_a_target_that_is_not_there_is_named(quick, here):
    result = quick(
        "run",
        EXAMPLE,
        *SMALL,
        "--set",
        "steps.linear.target=formation_enthalpy",
        "--only",
        "linear",
    )
    assert (
        result.code == 3
        and "D005 no row has a target 'formation_enthalpy'; did you mean" in result.err
    ), result
