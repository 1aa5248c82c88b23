"""Weight fractions as the target of a model: learnt from references, scored on what was weighed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from structkit import DataError, Row, RunContext, Table
from structkit.evaluation.target import Telling
from structkit.randomness import generator
from structkit.run import Run
from structkit_powder_spectra import CommonPhases, PhaseFractions, PowderXrd, SimulatedMixtures
from structkit_powder_spectra.fraction_scores import headlines_of, scores_of
from structkit_powder_spectra.fractions import PhaseFractionsTarget

GRID = {"start": 20.0, "stop": 80.0, "step": 0.05}
PHASES = ("NaCl", "Si", "ZnO")


def references(phases=PHASES):
    """The patterns of some phases, as rows of `powder-xrd`."""
    (task,) = CommonPhases(phases=phases).tasks()
    samples = list(CommonPhases(phases=phases).samples(task, generator(0, "none")))
    arrays = [PowderXrd(**GRID)(sample.atoms) for sample in samples]
    rows = [Row(sample.id, sample.label, sample.group, "references") for sample in samples]
    fixed = {
        name: np.stack([one[name] for one in arrays])
        for name in ("spectrum", "axis", "reciprocal", "mass")
    }
    return Table.of(
        rows, **fixed, **{name: [one[name] for one in arrays] for name in ("hkl", "strength")}
    )


def mixtures(count=4, phases=PHASES):
    """Mixtures of the same phases, as rows of `simulated-mixtures`."""
    source = SimulatedMixtures(
        phases=phases, parts=(2, min(3, len(phases))), mixtures=count, **GRID
    )
    made = [next(source.samples(task, generator(5, task.id))) for task in source.tasks()]
    rows = [Row(one.id, one.label, one.id, "mixtures") for one in made]
    return Table.of(
        rows, **{name: np.stack([m.arrays[name] for m in made]) for name in ("spectrum", "axis")}
    )


def learnt(tmp_path, table=None):
    """A model that has learnt references."""
    model, table = PhaseFractions(blocks=8), table or references()
    context = RunContext(0, generator(0, "fit"), tmp_path)
    assert list(model.fit(table, table.select([]), context))[0]["references"] == len(table)
    return model


def test_fractions_are_near_those_of_the_labels_and_survive_the_disk(tmp_path):
    model, table, target = learnt(tmp_path), mixtures(), PhaseFractionsTarget("label")
    assert model.phases == PHASES
    truth = target.truth(table, None)
    predicted = model.predict(table)
    columns = target.arrays(predicted, model, table, truth)
    error = columns["fractions"].whole() - columns["weighed"].whole()[:, :-1]
    assert np.abs(error).max() < 0.05
    assert np.allclose(columns["fractions"].whole().sum(axis=1), 1)
    model.save(tmp_path)
    again = PhaseFractions(blocks=8)
    again.load(tmp_path)
    for name, values in again.predict(table).items():
        assert np.array_equal(values, predicted[name]), name


def test_references_of_one_name_are_added(tmp_path):
    table = references()
    names = {"NaCl": "salt", "Si": "salt", "ZnO": "ZnO"}
    rows = [Row(row.id, names[str(row.label)], row.group, row.origin) for row in table.rows]
    one = Table.of(rows, **{name: _values(table, name) for name in table.arrays})
    model, mixture = learnt(tmp_path, one), mixtures(1, ("NaCl", "Si"))
    assert model.phases == ("ZnO", "salt")
    assert model.predict(mixture)["fractions"][0].tolist() == pytest.approx([0, 1])


def _values(table, name):
    items = [table.item(name, row) for row in range(len(table))]
    return items if name in ("hkl", "strength") else np.stack(items)


def test_a_pattern_on_another_grid_and_rows_without_reflections_are_refused(tmp_path):
    model = learnt(tmp_path)
    short = mixtures(1)
    spectrum = short.stack("spectrum")[:, :-10]
    other = Table.of(
        list(short.rows), spectrum=spectrum, axis=short.stack("axis") - [[0, 0.5, 0, 0]]
    )
    with pytest.raises(DataError, match="X012"):
        model.predict(other)
    with pytest.raises(DataError, match="X024 no reference"):
        list(model.fit(mixtures(2), mixtures(0 + 1), RunContext(0, generator(0, "fit"), tmp_path)))
    target = PhaseFractionsTarget("label")
    with pytest.raises(DataError, match="X024 no reference"):
        target.check(target.truth(mixtures(2), None), mixtures(2))
    with pytest.raises(
        DataError, match="D005 target 'weight': weight fractions are said by labels"
    ):
        PhaseFractionsTarget("weight")


def test_scores_by_hand():
    nan = np.nan
    arrays = {
        "fractions": np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.6, 0.0, 0.4]]),
        "low": np.array([[0.4, 0.4, 0.0], [0.9, 0.0, 0.0], [0.5, 0.0, 0.3]]),
        "high": np.array([[0.6, 0.6, 0.0], [1.0, 0.0, 0.0], [0.7, 0.0, 0.5]]),
        "stray_height": np.array([0.0, 0.2, 0.0]),
        # 60 and 40 %; 80 % of the first and something without a reference; two that nobody weighed
        "weighed": np.array([[0.6, 0.4, 0.0, 0.0], [0.8, 0.0, 0.0, 0.2], [nan, nan, 0.0, 0.0]]),
    }
    scores = scores_of(arrays, ["a", "b", "c"])
    assert scores["mae"]["value"] == pytest.approx((0.1 + 0.1 + 0.2) / 3)
    assert scores["largest"] == pytest.approx(0.2)
    assert scores["covered"]["value"] == pytest.approx(2 / 3)
    assert scores["misplaced"]["value"] == pytest.approx((0.1 + 0.2) / 2)
    assert scores["present"]["value"] == pytest.approx(4 / 5) and scores["present"]["n"] == 5
    assert scores["absent"] == {"count": 1, "heaviest": 0.4}
    assert scores["something_else"]["missing_reference"] == {"told": 1, "n": 1}
    assert scores["something_else"]["complete"] == {"told": 0, "n": 2}
    assert scores["trivial_mae"] == pytest.approx(np.mean([0.6 - 1 / 3, 0.4 - 1 / 3, 0.8 - 1 / 3]))
    assert headlines_of(scores)[0].value == pytest.approx(100 * 0.4 / 3)
    named = {name: values[2:] for name, values in arrays.items()}
    assert headlines_of(scores_of(named, ["c"]))[0].value is None, "nobody has weighed them"


def test_it_says_what_it_says():
    assert isinstance(PhaseFractionsTarget("label"), Telling)


PIPELINE = """\
structkit: 1
name: weighed
seed: 3
threads: 1
steps:
  crystals: {use: files, with: {path: references, label: folder, group: file}}
  references: {use: powder-xrd, from: crystals, with: {start: 20, stop: 80, step: 0.05}}
  scans:
    use: spectrum-files
    with: {manifest: scans.csv, label: manifest, scale: none, file_wavelength: Cu, start: 20, stop: 80, step: 0.05}
  unknown:
    use: spectrum-files
    with: {path: unknown, label: none, scale: none, file_wavelength: Cu, start: 20, stop: 80, step: 0.05}
  phases:
    use: phase-fractions
    from: [references, scans, unknown]
    train_on: [crystals]
    target: label
    with: {blocks: 8}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A pipeline of one's own references and scans, run once."""
    from ase.io import write

    here = tmp_path_factory.mktemp("weighed")
    (task,) = CommonPhases(phases=PHASES).tasks()
    for sample in CommonPhases(phases=PHASES).samples(task, generator(0, "none")):
        (here / "references" / str(sample.label)).mkdir(parents=True)
        write(here / "references" / str(sample.label) / "cell.vasp", sample.atoms)
    (here / "unknown").mkdir()
    manifest = ["path,label,group"]
    table = mixtures(3)
    angles = np.round(20 + 0.05 * np.arange(1201), 6)
    for row in range(3):
        name = f"scan-{row}.xy" if row < 2 else "unknown/new.xy"
        np.savetxt(here / name, np.column_stack([angles, table.item("spectrum", row)]), fmt="%.6g")
        if row < 2:
            manifest.append(f"{name},{table.rows[row].label},mixture-{row}")
    (here / "scans.csv").write_text("\n".join(manifest) + "\n")
    (here / "weighed.yaml").write_text(PIPELINE)
    done = _structkit(here, "run", "weighed.yaml", "--out", "out")
    assert done.returncode == 0, done.stderr + done.stdout
    return here, done.stdout, table


def _structkit(here, *words):
    command = [sys.executable, "-m", "structkit", *words]
    return subprocess.run(command, cwd=here, capture_output=True, text=True, env=dict(os.environ))


@pytest.mark.slow
def test_a_pipeline_weighs_scans_of_a_manifest(run):
    here, said, _ = run
    assert "phases · scans · test: mean absolute error" in said
    scores = Run(here / "out").metrics("phases")["origins"]["scans"]["test"]
    assert scores["n"] == 2 and scores["mae"]["value"] < 0.05
    assert "unknown" not in Run(here / "out").metrics("phases")["origins"], "nothing is known of it"
    head = (here / "out/steps/phases/predictions.csv").read_text().splitlines()[0]
    assert "NaCl,NaCl low,NaCl high,NaCl weighed" in head
    assert "Mixtures (phases)" in (here / "out/report.html").read_text()
    again = _structkit(here, "validate", "out/resolved.yaml")
    assert again.returncode == 0, again.stderr + again.stdout


@pytest.mark.slow
def test_one_command_weighs_a_new_scan(run):
    here, _, table = run
    words = ("predict", "out", "unknown/new.xy", "--origin", "unknown")
    said = _structkit(here, *words).stdout
    assert "(residual " in said and "%" in said and "no guard" not in said
    (one,) = json.loads(_structkit(here, *words, "--json").stdout)["predictions"]
    assert sum(one["fractions"].values()) == pytest.approx(1) and one["something_else"] == {}
    weights = PhaseFractionsTarget("label").truth(table, None).values[2]
    for name, share in one["fractions"].items():
        assert share == pytest.approx(weights[name], abs=0.05)
        assert one["low"][name] <= share <= one["high"][name]


@pytest.mark.slow
def test_a_model_that_reads_two_steps_can_be_explored(run):
    pytest.importorskip("structkit_explorer")
    done = _structkit(run[0], "explore", "out")
    assert done.returncode == 0, done.stderr
    assert "of steps 'references' and 'scans' and 'unknown'" in done.stdout + done.stderr
