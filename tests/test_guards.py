"""Guards in a pipeline: learnt from a part of their own, judged for every row, asked by predict."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read, write

from conftest import PIPELINE, TOY
from structkit.engine.prediction import Predictor
from structkit.run import Run
from structkit.samples import Sample

SPLIT = "split: {valid: 0.1, calibration: 0.4, test: 0.2}\n"
GUARDS = """\
  trust: {use: verdict, from: centroid}
  sets: {use: conformal, from: centroid, with: {coverage: 0.8}}
"""


def text_of(pipeline):
    """A pipeline of three lattices with twenty groups each, and two guards."""
    text = pipeline.replace("groups: 6", "groups: 20").replace("sigma: 0.05", "sigma: 0.02")
    text = text.replace("train_on: [crystals]", "train_on: [crystals, noisy]")
    return text.replace("seed: 3\n", "seed: 3\n" + SPLIT) + GUARDS


@pytest.fixture
def guarded(here):
    """Its file."""
    (here / "toy.yaml").write_text(text_of(PIPELINE))
    return here / "toy.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which it was run, for tests that only read it."""
    folder = tmp_path_factory.mktemp("guards")
    (folder / "toy_plugin.py").write_text(TOY.read_text())
    (folder / "toy.yaml").write_text(text_of(PIPELINE))
    command = [sys.executable, "-m", "structkit", "run", "toy.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def run(quick, finished, monkeypatch):
    """The finished run, its folder being the working directory."""
    monkeypatch.chdir(finished)
    return Run(finished / "runs/toy")


def parts_of(run):
    table = run.predictions("centroid")
    return {row.group: row.subset for row in table.rows}


def test_calibration_groups_are_neither_learnt_from_nor_tested(run):
    parts = parts_of(run)
    by_class = {}
    for group, part in parts.items():
        by_class.setdefault(group.partition("-")[0], []).append(part)
    for found in by_class.values():
        counts = {part: found.count(part) for part in set(found)}
        assert counts == {"train": 6, "valid": 2, "calibration": 8, "test": 4}
    calibrated = (run.path("trust") / "fitted/fitted.json").read_text()
    assert json.loads(calibrated) == {"rows": 96, "groups": 24}


def test_scores_say_whether_promises_are_kept(run):
    trust = run.trust("trust")
    scores = trust["origins"]["crystals"]["test"]
    table = {(row["origin"], row["id"]): row for row in rows_of(run, "trust")}
    known = [
        row for row in table.values() if (row["origin"], row["subset"]) == ("crystals", "test")
    ]
    holds = [row["truth"] in row["set"].split(" | ") for row in known]
    assert scores["n"] == len(known) == 24
    assert scores["set"]["coverage"]["value"] == pytest.approx(np.mean(holds))
    assert set(scores) >= {"set", "reliability", "risk", "novelty", "verdicts"}
    assert set(trust["origins"]) == {"crystals", "noisy"}


def rows_of(run, step):
    return list(csv.DictReader((run.path(step) / "predictions.csv").read_text().splitlines()))


def test_every_row_has_a_verdict(run):
    rows = rows_of(run, "trust")
    assert len(rows) == 2 * 3 * 20 * 2
    verdicts = {row["verdict"] for row in rows}
    assert verdicts & {"fcc", "bcc", "sc"}
    for row in rows:
        if row["verdict"] in ("fcc", "bcc", "sc"):
            assert row["set"] == row["verdict"]


def test_predict_says_none_of_these_of_what_was_never_seen(run, finished, quick):
    (finished / "both").mkdir()
    write(finished / "both/cu.cif", bulk("Cu", "fcc", a=3.3, cubic=True))
    write(finished / "both/caf2.xyz", bulk("CaF2", "fluorite", a=5.4, cubic=True))
    done = quick("predict", "runs/toy", "both", "--csv", "told.csv", "--extxyz", "told.extxyz")
    assert done.code == 0, done
    lines = dict(line.split(": ", 1) for line in done.out.splitlines() if line[:5] == "both/")
    assert lines["both/cu.cif"].startswith("fcc  (")
    assert lines["both/caf2.xyz"].startswith("none of these  (")
    table = list(csv.DictReader((finished / "told.csv").read_text().splitlines()))
    assert [row["verdict"] for row in table] == ["none of these", "class"]
    frames = read(finished / "told.extxyz", ":")
    assert [frame.info["verdict"] for frame in frames] == ["none of these", "class"]
    assert float(frames[0].info["novelty"]) < 0.05


def test_json_says_what_was_done_and_warns_without_a_guard(run, finished, quick):
    write(finished / "cu.cif", bulk("Cu", "fcc", a=3.3, cubic=True))
    said = json.loads(quick("predict", "runs/toy", "cu.cif", "--json").out)
    assert (said["model"], said["origin"], said["warnings"]) == ("centroid", "crystals", [])
    (prediction,) = said["predictions"]
    assert prediction["verdict"] == "class"
    assert prediction["verdict_classes"] == prediction["set"] == ["fcc"]
    assert sum(prediction["calibrated"].values()) == pytest.approx(1)
    text = text_of(PIPELINE).replace(GUARDS, "").replace("name: toy", "name: bare")
    (finished / "bare.yaml").write_text(text)
    assert quick("run", "bare.yaml").code == 0
    bare = json.loads(quick("predict", "runs/bare", "cu.cif", "--json").out)
    assert "no guard" in bare["warnings"][0]
    assert "verdict" not in bare["predictions"][0]


def test_the_same_guard_judges_in_the_run_and_in_predict(run, finished):
    table = run.table("crystals")
    place = next(
        i for i, row in enumerate(run.predictions("centroid").rows) if row.subset == "test"
    )
    row = table.rows[place]
    (prediction,) = Predictor(finished / "runs/toy").predict([Sample(row.id, run.structure(row))])
    (told,) = [r for r in rows_of(run, "trust") if (r["id"], r["origin"]) == (row.id, "crystals")]
    assert f"{prediction.novelty:.6f}" == told["novelty"]
    assert str(prediction.verdict) == told["verdict"]
    assert " | ".join(prediction.inside) == told["set"]


def test_bad_files_stop_or_are_listed(run, finished, quick):
    (finished / "mixed").mkdir()
    write(finished / "mixed/cu.cif", bulk("Cu", "fcc", a=3.3, cubic=True))
    (finished / "mixed/empty.cif").write_text("")
    (finished / "mixed/notes.txt").write_text("not a structure")
    refused = quick("predict", "runs/toy", "mixed")
    assert refused.code == 3
    assert "S001" in refused.err
    assert "empty.cif" in refused.err
    done = quick("predict", "runs/toy", "mixed", "--on-bad", "skip", "--json")
    said = json.loads(done.out)
    assert done.code == 0
    assert [p["id"] for p in said["predictions"]] == ["mixed/cu.cif"]
    assert [p["code"] for p in said["skipped"]] == ["S001"]


@pytest.mark.parametrize(
    ("word", "code", "text"),
    [
        ("none/*.cif", 3, "D020 no file matches"),
        ("void", 3, "D020 none of the 1 files in this folder has a name that is read"),
    ],
)
def test_nothing_to_predict_is_said(run, finished, quick, word, code, text):
    (finished / "void").mkdir(exist_ok=True)
    (finished / "void/readme.txt").write_text("x")
    done = quick("predict", "runs/toy", word)
    assert (done.code, text in done.err) == (code, True), done


def test_folders_and_patterns_are_read_once_and_in_order(run, finished, quick):
    for name in ("b", "a"):
        (finished / f"new/{name}").mkdir(parents=True)
        write(finished / f"new/{name}/cu.cif", bulk("Cu", "fcc", a=3.3, cubic=True))
    said = json.loads(quick("predict", "runs/toy", "new/*/cu.cif", "new", "--json").out)
    assert [p["id"] for p in said["predictions"]] == ["new/a/cu.cif", "new/b/cu.cif"]


def test_a_guard_needs_a_calibration_part(guarded, quick):
    guarded.write_text(guarded.read_text().replace(SPLIT, ""))
    done = quick("validate", "toy.yaml")
    assert done.code == 2
    assert "toy.yaml:" in done.err
    assert "D050 verdict learns from a calibration part, and the split keeps none" in done.err


def test_too_few_groups_are_said_with_what_is_needed(guarded, quick):
    guarded.write_text(guarded.read_text().replace("coverage: 0.8", "coverage: 0.99"))
    done = quick("run", "toy.yaml")
    assert done.code == 3
    assert "D050 the calibration part has too few groups: 24, and 99 % needs 99" in done.err


def test_a_guard_reads_a_model_that_it_can_judge(guarded, quick):
    guarded.write_text(guarded.read_text() + "  bad: {use: conformal, from: vector}\n")
    done = quick("validate", "toy.yaml")
    assert "Y023 conformal reads a model, got features from 'vector'" in done.err
    guarded.write_text(
        guarded.read_text().replace("from: vector}", "from: centroid, train_on: [crystals]}")
    )
    assert (
        "Y010 'train_on' is for model steps, 'bad' is a guard" in quick("validate", "toy.yaml").err
    )


def test_calibrate_on_names_origins(guarded, quick, here):
    text = guarded.read_text().replace("with: {coverage: 0.8}", "calibrate_on: [noisy]")
    guarded.write_text(text)
    assert quick("run", "toy.yaml").code == 0
    assert Run(here / "runs/toy").resolved["steps"]["sets"]["calibrate_on"] == ["noisy"]
    guarded.write_text(text.replace("[noisy]", "[nosy]"))
    assert "did you mean 'noisy'?" in quick("validate", "toy.yaml").err


def test_with_several_seeds_each_has_a_guard_of_its_own(guarded, quick, here):
    text = guarded.read_text().replace("steps:", "repeat: {seeds: 2}\nsteps:", 1)
    guarded.write_text(text)
    assert quick("run", "toy.yaml").code == 0
    run = Run(here / "runs/toy")
    first, second = run.trust("trust"), run.trust("trust/repeats/2")
    assert first["origins"].keys() == second["origins"].keys()
    assert run.trusts("trust") == [first, second]
    judged = [run.judged("trust", seed) for seed in (1, 2)]
    assert judged[0].ids == judged[1].ids and "set" in judged[1].arrays
    assert judged[0].values("subset") != judged[1].values("subset"), "another split"
    tables = [run.path("trust") / place / "predictions.csv" for place in ("", "repeats/2")]
    assert tables[0].read_text() != tables[1].read_text(), "another split"
    assert quick("verify", "runs/toy").code == 0


def test_one_worker_or_two_and_again_gives_the_same_bytes(guarded, quick, here):
    assert quick("run", "toy.yaml", "--out", "one").code == 0
    (here / ".structkit").rename(here / "aside")
    assert quick("run", "toy.yaml", "--out", "two", "--workers", "2").code == 0
    names = ["trust/trust.json", "trust/predictions.csv", "sets/fitted/guard/guard.json"]
    for name in names:
        assert (here / "one/steps" / name).read_bytes() == (here / "two/steps" / name).read_bytes()


def test_a_label_that_the_model_does_not_know_is_counted_as_noticed_or_not(guarded, quick, here):
    two = """\
  known: {use: select, from: noisy, with: {where: {label: [fcc, bcc]}}}
  others: {use: select, from: noisy, with: {where: {label: [sc]}}}
  vector:
"""
    text = text_of(PIPELINE).replace("groups: 20", "groups: 30").replace("  vector:\n", two)
    text = text.replace("from: [crystals, noisy]", "from: [known, others]")
    guarded.write_text(text.replace("train_on: [crystals, noisy]", "train_on: [known]"))
    done = quick("run", "toy.yaml")
    assert done.code == 0, done
    scores = Run(here / "runs/toy").trust("trust")["origins"]["others"]["test"]
    assert scores["verdicts"]["known"] == {}
    assert scores["novelty"]["unknown"]["sc"]["auroc"] > 0.9
    assert "false_alarms" not in scores["novelty"]


def test_run_predict_takes_structures_in_any_form(run, finished):
    from pymatgen.core import Structure

    copper = bulk("Cu", "fcc", a=3.3, cubic=True)
    write(finished / "any.cif", copper)
    structure = Structure(copper.cell[:], copper.symbols, copper.get_scaled_positions())
    forms = [
        copper,
        structure,
        Sample("named", copper),
        finished / "any.cif",
        str(finished / "any.cif"),
    ]
    found = run.predict(forms)
    assert [p.id for p in found][:3] == ["structure 0", "structure 1", "named"]
    assert {str(p.verdict) for p in found} == {"fcc"}
    (alone,) = run.predict(copper, model="centroid", origin="noisy")
    assert alone.inside == ("fcc",)
    with pytest.raises(TypeError, match="got a int"):
        run.predict([3])


def test_a_guard_of_features_needs_features_of_atoms(targets, cli):
    """A model of atoms that reads one vector a structure: nothing of one atom can be compared."""
    text = (targets / "targets.yaml").read_text()
    text = text.replace("seed: 3\n", "seed: 3\nsplit: {calibration: 0.3}\n")
    (targets / "p.yaml").write_text(text + "  near: {use: novelty, from: sites}\n")
    told = cli("validate", "p.yaml")
    assert "D052 novelty compares features of atoms: toy-cell gives none" in told.err, told
    (targets / "p.yaml").write_text(text + "  near: {use: conformal, from: sites}\n")
    assert cli("validate", "p.yaml").code == 0
