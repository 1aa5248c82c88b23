"""A whole pipeline: simulated patterns degraded, measured ones beside them, one model, predictions of both kinds of file."""

import json

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write

from structkit.engine.prediction import Predictor
from structkit.errors import DataError
from structkit.run import Run
from structkit.samples import Sample
from structkit_powder_spectra.examples import write_columns

pytestmark = pytest.mark.slow
PIPELINE = """\
structkit: 1
name: powder
seed: 3
threads: 1
split: {valid: 0.2, test: 0.3}
steps:
  crystals: {use: files, with: {path: crystals, label: folder, group: file}}
  measured: {use: spectrum-files, with: {path: films, label: folder, file_wavelength: Cu, start: 20, stop: 80, step: 0.1}}
  patterns: {use: powder-xrd, from: crystals, with: {start: 20, stop: 80, step: 0.1}}
  seen: {use: instrument, from: patterns, with: {copies: 2}}
  bare: {use: tidy-spectrum, from: [seen, measured]}
  network: {use: spectrum-cnn, from: bare, train_on: [seen+bare], with: {epochs: 2, filters: [4, 4], dense: 8}}
  nearest: {use: nearest-neighbours, from: bare, train_on: [seen+bare], with: {metric: cosine}}
  maps: {use: spectrum-maps, from: network, only: {per_label: 2}, with: {parts: 30}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The pipeline, run once in a folder of its own."""
    import os
    import subprocess
    import sys

    here = tmp_path_factory.mktemp("powder")
    for label, kind in (("fcc", "fcc"), ("bcc", "bcc")):
        (here / "crystals" / label).mkdir(parents=True)
        for number in range(10):
            atoms = bulk("Cu", kind, a=3.2 + 0.08 * number, cubic=True)
            write(here / "crystals" / label / f"{number}.vasp", atoms)
        (here / "films" / label).mkdir(parents=True)
        for number in range(3):
            write_columns(here / "films" / label / f"{number}.xy", seed=number)
    (here / "powder.yaml").write_text(PIPELINE)
    command = [sys.executable, "-m", "structkit", "run", "powder.yaml", "--out", "out"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr + done.stdout
    return here


def test_both_kinds_of_rows_meet_in_one_model(run):
    metrics = Run(run / "out").metrics("network")
    assert {"seen+bare", "measured+bare"} <= set(json.dumps(metrics).replace('"', " ").split())
    table = Run(run / "out").table("bare")
    assert {row.origin for row in table.rows} == {"seen+bare", "measured+bare"}
    assert table.stack("spectrum").shape == (40 + 6, 601)


def test_explanations_name_the_planes(run):
    from structkit_powder_spectra.naming import names

    table = Run(run / "out").table("maps")
    rows = [i for i, row in enumerate(table.rows) if row.origin == "seen+bare"]
    assert rows
    first = next(i for i in rows if table.rows[i].label == "fcc")
    found = set(names(table.item("line_planes", first)))
    assert "111" in found and "" not in found
    assert Run(run / "out").record["steps"]["maps"]["use"].endswith("spectrum-maps")


def test_the_report_shows_the_patterns(run):
    assert "Explained patterns" in (run / "out" / "report.html").read_text()


def test_a_structure_is_predicted_through_pattern_instrument_and_tidying(run):
    predictor = Predictor(run / "out", "nearest")
    assert predictor.origin == "seen+bare" and predictor.features_step == "bare"
    assert "powder-xrd → instrument → tidy-spectrum" in predictor.preparation
    atoms = bulk("Cu", "fcc", a=3.52, cubic=True)
    predictions = predictor.predict([Sample("new", atoms)])
    assert [p.id for p in predictions] == ["new#0", "new#1"]
    assert all(p.label == "fcc" for p in predictions)


def test_a_measured_file_is_predicted_as_the_measured_rows_were(run, tmp_path):
    predictor = Predictor(run / "out", "network", "measured+bare")
    samples = predictor.read(write_columns(tmp_path / "new.xy", seed=9))
    (prediction,) = predictor.predict(samples)
    assert np.isclose(sum(prediction.probabilities), 1)
    with pytest.raises(DataError, match="X012"):
        predictor.read(write_columns(tmp_path / "short.xy", start=30.0))
    (tmp_path / "bad.xy").write_text("# λ = 0.7093 Å\n20 3\n21 4\n")
    with pytest.raises(DataError, match="X003"):
        predictor.read(tmp_path / "bad.xy")
