"""A whole pipeline: images simulated and read from files, one network, scores of pixels and of columns, a prediction."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from structkit.cli.wording import prediction_text
from structkit.engine.prediction import Predictor
from structkit.errors import DataError
from structkit.run import Run
from structkit_stem_images.examples import simulated, write_image

pytestmark = pytest.mark.slow
PIPELINE = """\
structkit: 1
name: stem
seed: 3
threads: 1
split: {valid: 0.2, test: 0.3}
steps:
  crystals: {use: thin-crystals, with: {crystals: [MoS2, SrTiO3], count: 5, field: 14}}
  films: {use: image-files, with: {path: films, pixel: 0.25, pixels: 32, sampling: 0.25}}
  damaged: {use: marked-defects, from: crystals}
  clean: {use: stem-image, from: damaged, with: {pixels: 32, sampling: 0.25, marks: [defects, species]}}
  taken: {use: microscope, from: clean, with: {copies: 2}}
  network: {use: unet, from: [taken, films], train_on: [taken], target: defects, with: {epochs: 2, filters: 4, halvings: 2}}
  elements: {use: unet, from: taken, target: species, with: {epochs: 1, filters: 4, halvings: 2}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The pipeline, run once in a folder of its own."""
    here = tmp_path_factory.mktemp("stem")
    (here / "films").mkdir()
    for seed in range(2):
        _write(here / "films" / f"{seed}.tif", seed)
    (here / "stem.yaml").write_text(PIPELINE)
    command = [sys.executable, "-m", "structkit", "run", "stem.yaml", "--out", "out"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr + done.stdout
    return here


def _write(path, seed):
    image = simulated(seed=seed).arrays["image"][0]
    return write_image(path, (60_000 * image / image.max()).astype(np.uint16))


def test_pixels_and_columns_are_scored(run):
    metrics = Run(run / "out").metrics("network")
    assert set(metrics["origins"]) == {"taken"}  # of the films nothing is known
    test = metrics["origins"]["taken"]["test"]
    assert test["n"] == 6 and test["groups"] == 3 and 0 <= test["sites_f1"]["value"] <= 1
    assert test["sites"]["sites"] > 50 and len(test["confusion"]) == 4
    species = Run(run / "out").metrics("elements")
    assert {"16", "38", "42"} <= set(species["classes"])
    assert json.dumps(metrics)


def test_the_films_are_predicted_although_nothing_is_known(run):
    table = Run(run / "out").predictions("network")
    films = [index for index, row in enumerate(table.rows) if row.origin == "films"]
    assert len(films) == 2
    for index in films:
        assert (table.item("truth", index) == -1).all() and len(table.item("there", index)) == 0
        assert table.item("pixels", index).shape == (32, 32)


def test_the_report_shows_the_columns(run):
    assert "Columns that were found" in (run / "out" / "report.html").read_text()


def test_a_new_file_is_read_as_the_films_were(run, tmp_path):
    predictor = Predictor(run / "out", "network", "films")
    (prediction,) = predictor.predict(predictor.read(_write(tmp_path / "new.tif", 9)))
    assert prediction_text(prediction).startswith(f"{len(prediction.atoms)} columns")
    assert prediction.atoms.shape[1] == 4  # of each site
    assert np.allclose(prediction.atoms.sum(axis=1), 1, atol=1e-5)
    with pytest.raises(DataError, match="G012"):
        predictor.read(write_image(tmp_path / "small.tif", np.eye(20, dtype=np.uint8)))
