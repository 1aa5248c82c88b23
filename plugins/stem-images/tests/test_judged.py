"""Guards of networks of pixels: the columns that were found are judged, and the images that these are of."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from structkit import Row, Run, RunContext, Table
from structkit.engine.prediction import Predictor
from structkit.evaluation.target import Truth
from structkit.kinds.judged_parts import all_parts, rows_of_parts
from structkit_response_maps import PixelMaps
from structkit_stem_images import UNet
from structkit_stem_images.examples import learnable, simulated, write_image
from structkit_stem_images.frames import frame_of
from structkit_stem_images.pixel_classes import PixelClasses
from structkit_stem_images.seen import Seen

PIPELINE = """\
structkit: 1
name: guarded
seed: 3
threads: 1
split: {valid: 0.1, calibration: 0.3, test: 0.3}
steps:
  crystals: {use: thin-crystals, with: {crystals: [MoS2, SrTiO3], count: 14, field: 14}}
  films: {use: image-files, with: {path: films, pixel: 0.25, pixels: 32, sampling: 0.25}}
  damaged: {use: marked-defects, from: crystals}
  clean: {use: stem-image, from: damaged, with: {pixels: 32, sampling: 0.25}}
  taken: {use: microscope, from: clean, with: {copies: 2, dose: 1.0e+5}}
  dim: {use: microscope, from: clean, with: {dose: 30}}
  network:
    use: unet
    from: [taken, dim, films]
    train_on: [taken]
    target: defects
    with: {epochs: 8, filters: 4, halvings: 2, batch_size: 4}
  trust: {use: verdict, from: network, with: {coverage: 0.8, false_alarms: 0.2}}
  reasons: {use: pixel-maps, from: network, only: {origins: [taken], per_label: 3, atoms: 5}, with: {steps: 4}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The pipeline, run once in a folder of its own."""
    here = tmp_path_factory.mktemp("guarded")
    (here / "films").mkdir()
    noise = np.random.default_rng(0).integers(0, 2**16, (60, 60))
    write_image(here / "films" / "noise.tif", noise.astype(np.uint16))
    (here / "guarded.yaml").write_text(PIPELINE)
    command = [sys.executable, "-m", "structkit", "run", "guarded.yaml", "--out", "out"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr + done.stdout
    (here / "said.txt").write_text(done.stdout)
    return Run(here / "out")


def test_promises_are_kept_on_new_pieces_and_dim_images_are_refused(run):
    origins = run.trust("trust")["origins"]
    tested, dim = origins["taken"]["test"], origins["dim"]["test"]
    assert tested["n"] > 10 * tested["groups"], "columns are counted, and groups are pieces"
    assert tested["set"]["coverage"]["value"] > 0.8
    alarms = tested["novelty"]["false_alarms"]
    assert alarms["interval"][0] < 0.2 and alarms["value"] < 0.35, "of nine pieces, by chance"
    assert tested["wholes"]["refused"]["value"] < 0.4, "at most twice the share of columns"
    assert dim["wholes"]["refused"]["value"] > 0.6 and dim["wholes"]["auroc"] > 0.8
    assert "auroc" not in tested["wholes"] and dim["novelty"]["auroc"] > 0.8


def test_a_column_stands_by_itself_in_the_judgements(run):
    judged, said = run.judged("trust"), run.predictions("network")
    places = {(row.origin, row.id): place for place, row in enumerate(said.rows)}
    known = [row for row in judged.rows if row.origin != "films"]
    assert {row.label for row in known} <= {"0", "1", "2", "3"} and len(known) > 300
    for number in range(0, len(judged), 97):
        row = judged[number]
        place = places[row.origin, row.meta["structure"]]
        assert row.group == said[place].group and row.subset == said[place].subset
        part = row.meta["part"]
        truth = said.item("truth", place)[part]
        assert row.label == (None if truth == -1 else str(truth))
        mine = judged.item("probabilities", number)
        assert np.array_equal(mine, said.item("probabilities", place)[part])
    assert "features" not in judged.arrays, "which would be long"


def test_a_new_image_is_judged_column_by_column(run, tmp_path, quick):
    noise = np.random.default_rng(1).integers(0, 2**16, (60, 60)).astype(np.uint16)
    write_image(tmp_path / "noise.tif", noise)
    image = simulated(seed=9).arrays["image"][0]
    write_image(tmp_path / "good.tif", (60_000 * image / image.max()).astype(np.uint16))
    predictor = Predictor(run.folder, "network", "films")
    (noisy,) = predictor.predict(predictor.read(tmp_path / "noise.tif"))
    (good,) = predictor.predict(predictor.read(tmp_path / "good.tif"))
    assert len(noisy.atom_verdicts) == len(noisy.atoms) and str(noisy.verdict) == "none of these"
    assert noisy.novelty == pytest.approx(np.median(noisy.atom_novelty))
    assert good.novelty > noisy.novelty
    told = quick("predict", str(run.folder), "--origin", "films", str(tmp_path / "noise.tif"))
    assert "unlike all that was learnt from; " in told.out and "novelty p = " in told.out, told
    asked = ("predict", str(run.folder), "--origin", "films", str(tmp_path / "noise.tif"), "--json")
    (facts,) = json.loads(quick(*asked).out)["predictions"]
    assert facts["refused"] is True and len(facts["atom_verdicts"]) == len(facts["atoms"])


PEAKS = """\
structkit: 1
name: peaks
seed: 3
split: {valid: 0.1, calibration: 0.3, test: 0.3}
steps:
  crystals: {use: thin-crystals, with: {crystals: [MoS2], count: 40, field: 14}}
  clean: {use: stem-image, from: crystals, with: {pixels: 32, sampling: 0.25}}
  slopes: {use: image-files, with: {path: slopes, pixel: 0.25, pixels: 32, sampling: 0.25}}
  peaks: {use: column-peaks, from: [clean, slopes], train_on: [crystals], target: defects}
  trust: {use: conformal, from: peaks}
"""


def test_an_origin_in_which_no_column_is_found_is_run_and_predicted(here, quick):
    """A slope from dark to bright has no maxima, so no columns, and a guard nothing to judge."""
    slope = np.tile(np.linspace(1_000, 60_000, 60), (60, 1)).astype(np.uint16)
    (here / "slopes").mkdir()
    write_image(here / "slopes" / "slope.tif", slope)
    (here / "peaks.yaml").write_text(PEAKS)
    done = quick("run", "peaks.yaml")
    assert done.code == 0, done.err
    run = Run(here / "runs/peaks")
    assert (
        run.trust("trust")["origins"]["slopes"] == {} != run.trust("trust")["origins"]["crystals"]
    )
    assert {row.origin for row in run.judged("trust").rows} == {"crystals"}
    assert "This part failed" not in (run.folder / "report.html").read_text()
    told = quick("predict", "runs/peaks", "--origin", "slopes", "slopes/slope.tif")
    assert told.code == 0 and "0 columns" in told.out, told


def test_deleted_pixels_do_not_brighten_the_others(tmp_path):
    """The network standardises images: what is left of one is standardised as all of it was."""
    arrays = simulated(seed=3).arrays
    table = Table.of([Row("one")], **{name: [arrays[name]] for name in ("image", "sampling")})
    inputs = {name: table.item(name, 0) for name in table.arrays}
    explainer, model = PixelMaps(), UNet()
    strength = explainer.strength(inputs, 0)
    gone = strength > np.quantile(strength, 0.85)
    left = explainer.without(inputs, gone, 0)
    model.facts = frame_of(table)
    before, after = (
        model.collate(
            Table.of([Row("one")], **{name: value[None] for name, value in arrays.items()}), [0]
        )
        for arrays in (inputs, left)
    )
    assert np.array_equal(before[0, 0].numpy()[~gone], after[0, 0].numpy()[~gone])
    assert np.abs(after[0, 0].numpy()[gone]).max() < 1e-5 < np.abs(before[0, 0].numpy()[gone]).min()


def test_the_report_counts_columns_and_images(run):
    page = (run.folder / "report.html").read_text()
    assert "Guard: trust" in page and "This part failed" not in page
    assert "of columns of new groups" in page and "rows with most columns refused" in page


def test_what_is_said_at_the_end_names_guards_and_maps(run):
    said = (run.folder.parent / "said.txt").read_text()
    assert re.search(r"trust · dim · test: coverage .*, refused .*, mostly refused .*, n = ", said)
    assert re.search(r"reasons · taken · gradient x input: (passed|failed), .* over random, ", said)


def test_pixels_of_every_class_are_explained_and_tested(run):
    maps, images = run.table("reasons"), run.table("taken")
    marks = dict(zip(images.ids, range(len(images)), strict=True))
    classes = []
    for row in range(len(maps)):
        explained = maps.item("explained", row)
        drawn = images.item("defects", marks[maps.ids[row]]).ravel()[explained]
        classes += drawn.tolist()
        assert maps.item("relevance_integrated_gradients", row).shape == (5, 32, 32)
        assert len(maps.item("said", row)) == 5
    assert set(classes) == {0, 1, 2, 3} and classes.count(0) < 0.6 * len(classes)
    (scores,) = run.faithfulness("reasons").values()
    assert scores["parts"] == 5 * scores["rows"] and set(scores["methods"]) == {
        "gradient_x_input",
        "integrated_gradients",
    }
    assert scores["methods"]["gradient_x_input"]["over_random"]["value"] > 0.05


def test_the_report_shows_which_pixels_carry_the_verdict(run):
    page = (run.folder / "report.html").read_text()
    assert "What carries the verdict on a pixel (reasons)" in page


def test_explainers_of_pixels_and_of_structures_do_not_mix(here, cli):
    text = PIPELINE.partition("  network:")[0].replace("  films:", "  # films:")
    (here / "p.yaml").write_text(
        text
        + "  states: {use: cnn-classifier, from: taken}\n  maps: {use: pixel-maps, from: states}\n"
    )
    told = cli("validate", "p.yaml")
    assert "Y023 pixel-maps explains models of pixels, 'states' speaks of structures" in told.err


def test_probabilities_of_pixels_are_the_maps_row_by_row(tmp_path):
    table, model = learnable(4), UNet(filters=4, halvings=2, epochs=1, batch_size=2)
    context = RunContext(seed=1, rng=np.random.default_rng(1), scratch=tmp_path)
    for _ in model.fit(table, table.select([0]), context):
        pass
    for maps, flat in zip(model.maps(table), model.of_parts(table), strict=True):
        height, width = maps.shape[1:]
        assert flat.shape == (height * width, 4) and np.array_equal(
            flat[3 * width + 7], maps[:, 3, 7]
        )


def test_a_guard_that_compares_features_needs_a_model_that_offers_them(here, cli):
    text = PIPELINE.partition("  network:")[0].replace("  films:", "  # films:")
    text += "  peaks: {use: column-peaks, from: taken, target: defects}\n"
    (here / "sets.yaml").write_text(text + "  sets: {use: conformal, from: peaks}\n")
    assert cli("validate", "sets.yaml").code == 0
    (here / "p.yaml").write_text(text + "  trust: {use: novelty, from: peaks}\n")
    told = cli("validate", "p.yaml")
    assert "D052 novelty compares features of each pixel: 'peaks' offers none" in told.err, told


def test_what_lies_where_a_column_was_found_is_its_truth():
    marks = np.zeros((1, 6, 8), np.int64)
    marks[0, 2, 5], marks[0, 4, 1], marks[0, 0, 0] = 2, 1, -1
    table = Table.of([Row("r")], image=np.zeros((1, 1, 6, 8)), sampling=np.ones((1, 1)))
    sites = np.array([[5.2, 1.8], [0.9, 4.3], [3.0, 3.0], [0.2, -0.4], [7.4, 5.4]])
    said = np.tile([0.1, 0.7, 0.2], (5, 1))
    predicted = {"pixels": np.zeros((1, 6, 8), int), "sites": [sites], "said": [said]}
    model = type("Model", (), {"classes": ("0", "1", "2")})
    truth = Truth(np.ones(1, bool), ["defects"], marks)
    columns = PixelClasses("defects").arrays(predicted, model, table, truth)
    assert columns["truth"][0].tolist() == [2, 1, 0, -1, 0]
    parts, p, owners = rows_of_parts(table, columns, all_parts, "pixel")
    assert parts.values("label") == ["2", "1", "0", None, "0"] and parts.arrays == ()
    assert p["probabilities"].shape == (5, 3) and owners.tolist() == [0] * 5


def test_features_of_a_column_are_those_of_its_pixel_and_of_its_image():
    last = np.arange(2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4)
    seen = Seen(np.zeros((3, 4, 4), np.float32), last, np.array([7, 8, 9], np.float32))
    found = seen.at(np.array([[1.0, 2.0], [3.4, -0.3]]))
    assert found.tolist() == [[9, 25, 7, 8, 9], [3, 19, 7, 8, 9]]
    assert seen.at(np.zeros((0, 2))).shape == (0, 5)
