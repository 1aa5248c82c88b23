"""A run, read as typed objects: steps, origins, the structures behind rows, targets and their headlines."""

import json
import re

import numpy as np
import pytest

from structkit.data.table import Row
from structkit.errors import SpecError
from structkit.evaluation.classes import Classes
from structkit.evaluation.numbers import Numbers
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit.store.files import read_sealed, sealed
from structkit.words import number, score_line, valued

pytestmark = pytest.mark.slow

VARIED = ("with: {sigma: 0.05}", "vary: {sigma: [0.0, 0.2]}")


@pytest.fixture
def varied(cli, here):
    (here / "toy.yaml").write_text((here / "toy.yaml").read_text().replace(*VARIED))
    result = cli("run", "toy.yaml")
    assert result.code == 0, result
    return Run(here / "runs/toy")


def without(run, *words):
    """The run as an older version recorded it."""
    path = run.folder / "run.json"
    record = read_sealed(path)
    record = {name: value for name, value in record.items() if name not in ("seal", *words)}
    for facts in record["steps"].values():
        for word in words:
            facts.pop(word, None)
    path.write_text(json.dumps(sealed(record)))
    return Run(run.folder)


def test_steps_are_typed(varied):
    step = varied.step("centroid")
    assert (step.kind, step.component, step.target) == ("model", "toy-centroid", "label")
    assert (step.predicts, step.per) == ("classes", "structure")
    assert step.use.endswith("/toy-centroid") and step.settings == {"epochs": 3}
    assert step.inputs == ("vector",) and step.train_on == ("crystals",)
    assert step.origins == ("crystals", "noisy[sigma=0.0]", "noisy[sigma=0.2]")
    assert (
        varied.step("crystals").passes == "structure" and varied.step("vector").passes == "vector"
    )
    assert "predicts" not in varied.steps["vector"], "only a model says something"
    with pytest.raises(SpecError, match="R006 no step 'centroids'"):
        varied.step("centroids")


def test_origins_know_what_was_varied_and_what_they_came_from(varied):
    origin = varied.lineage["noisy[sigma=0.2]"]
    assert (origin.step, origin.parent, origin.varied) == (
        "noisy",
        "crystals",
        {"noisy.sigma": 0.2},
    )
    assert origin.settings == {"sigma": 0.2, "copies": 1}
    assert [one.name for one in varied.ancestors("noisy[sigma=0.2]")] == [
        "crystals",
        "noisy[sigma=0.2]",
    ]
    assert varied.lineage["crystals"].parent is None and not varied.lineage["crystals"].varied
    assert varied.maker("noisy[sigma=0.0]").id == "noisy"


def test_structure_of_a_row_is_that_of_its_own_origin(varied):
    by_origin = {}
    for step in ("vector", "why"):
        for row in varied.table(step).rows:
            by_origin[row.origin] = row, varied.structure(row)
    predicted = varied.predictions("centroid")[0]
    volume = varied.structure(predicted).get_volume()
    assert volume == pytest.approx(varied.structure(varied.table("vector")[0]).get_volume())
    row, noisy = by_origin["noisy[sigma=0.2]"]
    crystal = varied.structure(Row(row.id, origin="crystals"))
    still = varied.structure(Row(row.id, origin="noisy[sigma=0.0]"))
    np.testing.assert_array_equal(still.positions, crystal.positions)
    assert np.abs(noisy.positions - crystal.positions).max() > 0.05
    with pytest.raises(SpecError, match="R006 no row 'nobody'"):
        varied.structure(Row("nobody", origin="crystals"))
    with pytest.raises(SpecError, match="R006 no origin 'nowhere'"):
        varied.structure(Row(row.id, origin="nowhere"))


def test_older_runs_are_read_without_the_new_words(varied):
    old = without(varied, "lineage", "predicts", "per")
    assert old.lineage == {} and old.ancestors("crystals") == []
    assert isinstance(old.target("centroid"), Classes)
    row = old.table("vector")[0]
    assert len(old.structure(row)) and old.maker("noisy[sigma=0.2]").id == "noisy"


def test_headlines_are_those_of_the_test_part(varied):
    headlines = varied.headlines("centroid")
    assert set(headlines) == set(varied.tested("centroid"))
    accuracy, balanced, area = headlines["crystals"]
    scores = varied.metrics("centroid")["origins"]["crystals"]["test"]
    assert {"value": accuracy.value, "interval": accuracy.interval} == scores["accuracy"]
    assert accuracy.trivial == scores["majority"] == pytest.approx(1 / 3)
    assert (balanced.name, area.words) == ("balanced_accuracy", "ROC-AUC")
    with pytest.raises(SpecError, match="R006 'vector' is a descriptor"):
        varied.target("vector")


def test_terminal_keeps_its_line(cli, here):
    out = cli("run", "toy.yaml").out
    line = (
        r"centroid · noisy · test: accuracy \d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\], balanced \d\.\d{3} "
    )
    assert re.search(line + r"\[\d\.\d{3}, \d\.\d{3}\], n = \d+ in \d+ groups\n", out), out


def test_numbers_and_atoms_are_learnt_scored_and_told(cli, targets):
    result = cli("run", "targets.yaml")
    assert result.code == 0, result
    told = r"line · alloys · test: mean absolute error 0\.\d+ \(too few groups\) eV \(training mean [\d.]+\), n = "
    assert re.search(told, result.out), result.out
    atoms = r"sites · alloys · test: accuracy per atom 0\.667 \(too few groups\) \(commonest class 0\.500\), n = "
    assert re.search(atoms, result.out), result.out
    run = Run(targets / "runs/targets")
    assert isinstance(run.target("line"), Numbers) and run.target("line").name == "energy"
    assert (run.step("sites").predicts, run.step("sites").per) == ("classes", "atom")


def test_scores_of_numbers_are_those_of_the_predictions(cli, targets):
    cli("run", "targets.yaml")
    run = Run(targets / "runs/targets")
    facts = run.metrics("line")
    table = run.predictions("line")
    rows = [index for index, row in enumerate(table) if row.subset == "test"]
    truth, value = table.target("energy")[rows], table.stack("value", rows)
    test = facts["origins"]["alloys"]["test"]
    assert (facts["target"], facts["unit"], test["unit"], test["n"]) == (
        "energy",
        "eV",
        "eV",
        len(rows),
    )
    assert (
        test["mae"]["value"] == pytest.approx(np.abs(value - truth).mean())
        and test["mae"]["value"] > 0
    )
    assert test["trivial_mae"] == pytest.approx(np.abs(truth - facts["mean"]).mean())
    (told,) = run.headlines("line")["alloys"]
    assert (told.unit, told.trivial, told.baseline) == ("eV", test["trivial_mae"], "training mean")
    assert run.structure(table[0]).get_chemical_formula() == "AuCu3"


def test_confusion_of_atoms_follows_the_order_of_the_classes(cli, targets):
    """The model's classes are 10 and 2; the first atom of a cell is gold and told as copper; of the last nothing is known."""
    cli("run", "targets.yaml")
    test = Run(targets / "runs/targets").metrics("sites")
    scores = test["origins"]["alloys"]["test"]
    cells = scores["n"] // 2
    assert test["classes"] == ["10", "2"] and scores["atoms"] == 3 * 2 * cells
    assert scores["confusion"] == [[cells, 2 * cells], [0, 3 * cells]]


def test_maps_of_numbers_are_not_tested_by_probabilities(cli, targets):
    cli("run", "targets.yaml")
    run = Run(targets / "runs/targets")
    reasons = {step: run.faithfulness(step) for step in ("why", "where", "when")}
    words = "the model gives no probability of a class"
    assert (
        reasons["why"]["alloys"] == reasons["where"]["alloys"] == {"methods": {}, "reason": words}
    )
    assert "no weights" in reasons["when"]["spectra"]["reason"]


def test_measured_rows_have_no_structure(cli, targets):
    cli("run", "targets.yaml")
    run = Run(targets / "runs/targets")
    row = run.predictions("half")[0]
    with pytest.raises(SpecError, match="R006 the rows of 'spectra' hold no structures"):
        run.structure(row)
    assert run.arrays("spectra", row)["spectrum"].shape == (30,) and run.arrays("cell", row) is None


def test_scores_in_words():
    error = Headline(
        "mae", "mean absolute error", 0.1311, (0.11, 0.15), 0.79, "eV/atom", "training mean"
    )
    counts = {"n": 12, "groups": 4}
    line = (
        "mean absolute error 0.131 [0.110, 0.150] eV/atom (training mean 0.790), n = 12 in 4 groups"
    )
    assert score_line([error], counts) == line
    assert score_line([Headline("a", "accuracy", None)], counts) == "accuracy –, n = 12 in 4 groups"
    right = Headline("a", "accuracy", 0.975, (0.941, 1.0), 0.3, baseline="commonest class")
    assert score_line([right, error, error], counts).startswith(
        "accuracy 0.975 [0.941, 1.000], mean abs"
    )
    assert valued(Headline("a", "a", 0.5)) == "0.500"
    texts = [
        number(0.0),
        number(2e-5),
        number(12345.6),
        number(12345.6, "K"),
        number(2e-5, "eV"),
        number(None),
    ]
    assert texts == ["0.000", "2.00e-05", "12346", "12346", "2.00e-05", "–"]


def test_seeds_are_repeated_and_told_as_mean_and_spread(cli, here):
    text = (here / "toy.yaml").read_text().replace("steps:", "repeat: {seeds: 3}\nsteps:", 1)
    (here / "toy.yaml").write_text(text)
    result = cli("run", "toy.yaml")
    assert result.code == 0, result
    assert re.search(
        r"centroid · noisy · test: accuracy \d\.\d{3} ± \d\.\d{3} \[.*, 3 seeds\n", result.out
    )
    run = Run(here / "runs/toy")
    seeds = [one["origins"]["noisy"]["test"]["accuracy"] for one in run.repeats("centroid")]
    told = run.headlines("centroid")["noisy"][0]
    assert len(seeds) == 3 and run.metrics("centroid") == run.repeats("centroid")[0]
    assert told.value == pytest.approx(np.mean([one["value"] for one in seeds]))
    assert told.spread == pytest.approx(np.std([one["value"] for one in seeds], ddof=1))
    assert told.interval == pytest.approx(np.mean([one["interval"] for one in seeds], axis=0))
    splits = [
        (place / "trained/split.json").read_text()
        for place in [run.path("centroid"), *sorted((run.path("centroid") / "repeats").iterdir())]
    ]
    assert len(set(splits)) == 3, "each seed deals the groups out anew"
    explained = [(row.origin, row.id) for row in run.table("why").rows]
    assert len(explained) == len(set(explained)) > 0, "the model of the first seed, and once"
    assert cli("verify", "runs/toy", "--rerun").code == 0


def test_fewer_seeds_leave_nothing_of_the_others_and_make_nothing_anew(cli, here):
    words = (here / "toy.yaml").read_text()
    (here / "toy.yaml").write_text(words.replace("steps:", "repeat: {seeds: 3}\nsteps:", 1))
    cli("run", "toy.yaml")
    further = here / "runs/toy/steps/centroid/repeats"
    assert {place.name for place in further.iterdir()} == {"2", "3"}
    (here / "toy.yaml").write_text(words)
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "training" not in result.err, "the first seed is that of the file"
    assert not list(further.iterdir()) and "seeds" not in result.out
    (here / "toy.yaml").write_text(words.replace("steps:", "repeat: {seeds: 0}\nsteps:", 1))
    assert "Y012 repeat.seeds: expected" in cli("run", "toy.yaml").err


LISTENER = """
from pathlib import Path
from structkit import hookimpl

STRUCTKIT_API = 1


def note(text):
    with Path("heard.txt").open("a") as stream:
        stream.write(text + "\\n")


@hookimpl
def structkit_run_started(run):
    note("started")


@hookimpl
def structkit_epoch_finished(run, step, record):
    note(f"{step} {record['epoch']:g} {sorted(record)}")


@hookimpl
def structkit_run_failed(run, error):
    note(f"failed {error.problems[0].code}")


@hookimpl
def structkit_run_finished(run):
    note("finished")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_epochs_and_failures_are_events(workers, cli, here):
    (here / "listener.py").write_text(LISTENER)
    text = (here / "toy.yaml").read_text()
    text = text.replace("[toy_plugin.py]", "[toy_plugin.py, listener.py]")
    (here / "toy.yaml").write_text(text)
    assert cli("run", "toy.yaml", "--workers", workers).code == 0
    heard = (here / "heard.txt").read_text().splitlines()
    assert heard[0] == "started" and heard[-1] == "finished"
    assert heard[1].startswith("centroid 1 ['epoch', ")
    (here / "heard.txt").unlink()
    failed = cli("run", "toy.yaml", "--workers", workers, "--set", "steps.crystals.with.groups=1")
    assert failed.code == 3, failed
    heard = (here / "heard.txt").read_text().splitlines()
    assert heard == ["started", "failed D040"]
