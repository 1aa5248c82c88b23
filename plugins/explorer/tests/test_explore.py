"""`structkit explore`: what it shows of runs of every sort, and what it says where it cannot."""

import json
import re

import numpy as np
import pytest

from structkit.data.table import Row
from structkit.errors import SpecError
from structkit_explorer import write_explorer
from structkit_explorer.features import _chosen
from structkit_explorer.projection import projected
from structkit_explorer.said import said_of


@pytest.fixture
def ran(quick):
    assert quick("run", "toy.yaml").code == 0
    return quick


def data_of(path):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text())
    return json.loads(text.group(1))


def words_of(data, name):
    (column,) = [column for column in data["words"] if column["name"] == name]
    return [column["names"][code] for code in column["codes"]]


def test_every_row_stands_on_the_page_with_what_the_run_says(ran, here):
    from structkit.run import Run

    result = ran("explore", "runs/toy")
    assert result.code == 0 and "explorer: runs/toy/explore.html" in result.out, result
    data, run = data_of(here / "runs/toy/explore.html"), Run("runs/toy")
    predictions = run.predictions("centroid")
    assert data["told"][0]["values"] == predictions.ids
    assert words_of(data, "class") == predictions.labels
    assert words_of(data, "part of the split") == predictions.values("subset")
    classes = run.metrics("centroid")["classes"]
    guesses = predictions.stack("probabilities").argmax(axis=1)
    assert words_of(data, "prediction") == [classes[guess] for guess in guesses]
    atoms = run.structure(predictions[5])
    assert np.allclose(data["shapes"][5]["x"], atoms.positions[:, 0], atol=6e-4)
    assert data["shapes"][5]["names"] == atoms.get_chemical_symbols()


def test_page_is_the_same_again_and_as_small_as_is_asked(ran, here):
    first = write_explorer("runs/toy", here / "a.html", rows=10).read_bytes()
    assert ran("explore", "runs/toy", "--rows", "10", "--out", "b.html").code == 0
    assert (here / "b.html").read_bytes() == first
    (here / "pages").mkdir()
    assert "pages/explore.html" in ran("explore", "runs/toy", "--out", "pages").out
    data = data_of(here / "a.html")
    assert len(data["places"]) == 10 == len(data["shapes"])
    text = (here / "a.html").read_text()
    assert re.search(r"10 of \d+ rows .* drawn at random with the seed \d+", text)
    assert ran("verify", "runs/toy").code == 0


def test_what_cannot_be_shown_is_a_sentence(ran, here):
    wrong = ran("explore", "runs/toy", "--model", "centroids")
    assert wrong.code == 2 and "--model: R006 no model 'centroids' in runs/toy" in wrong.err, wrong
    assert "did you mean 'centroid'" in wrong.err
    nowhere = ran("explore", "toy.yaml")
    assert nowhere.code == 2 and "R005" in nowhere.err
    done = here / "runs/toy/done.json"
    done.unlink()
    assert "R007" in ran("explore", "runs/toy").err


def test_without_an_explorer_it_is_said_what_to_install(cli, here):
    cli("run", "toy.yaml")
    result = cli("explore", "runs/toy", env={"STRUCTKIT_BLOCK": "structkit-explorer"})
    assert result.code == 2 and "install structkit-explorer" in result.err


def test_a_map_without_umap_is_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "umap", None)
    with pytest.raises(SpecError, match="UMAP is not installed"):
        projected(np.eye(4, dtype=np.float32), "umap", 1)


def test_components_of_a_plane_keep_its_distances():
    rng = np.random.default_rng(3)
    plane = rng.normal(size=(40, 2))
    basis = np.linalg.qr(rng.normal(size=(700, 2)))[0]
    places = projected((plane @ basis.T).astype(np.float32), "pca", 1)

    def distances(points):
        return np.linalg.norm(points[:, None] - points[None], axis=-1)

    assert np.allclose(distances(places.places), distances(plane), atol=1e-3)
    assert "100% of the variance" in places.words


def test_rows_that_are_all_alike_lie_in_one_place():
    chart = projected(np.ones((3, 5), dtype=np.float32), "pca", 1)
    assert not chart.places.any() and "0%" in chart.words
    assert projected(np.ones((1, 1), dtype=np.float32), "pca", 1).places.shape == (1, 2)


def test_map_is_made_of_what_the_step_makes():
    rows = [
        {"axis": np.ones(4), "spectrum": np.ones(9)},
        {"axis": np.ones(4), "spectrum": np.ones(9)},
    ]
    assert _chosen(rows, "spectrum") == "spectrum" and _chosen(rows, "else") == "axis"
    ragged = [{"atoms": np.ones((n, 6)), "words": np.array(["a"] * n)} for n in (2, 3)]
    assert _chosen(ragged, "words") == "atoms", "means over the atoms can be compared"
    assert _chosen([{"a": np.ones(2)}, {"a": np.ones(3)}], "a") is None


class Model:
    predicts, per, target = "numbers", "structure", "energy"


def test_a_number_has_its_error_and_unit():
    from structkit import Quantity

    row = Row("a", targets={"energy": Quantity(-1.0, "eV")})
    known = said_of(Model, (), row, {"value": np.float64(-0.75)}, "eV")
    truth = {"predicted energy [eV]": -0.75, "true energy [eV]": -1.0, "error [eV]": 0.25}
    assert known.numbers == truth
    assert said_of(Model, (), Row("b"), {"value": np.float64(1)}).numbers == {"predicted energy": 1}


def test_atoms_are_counted_where_their_truth_is_known():
    class Atoms(Model):
        predicts, per = "classes", "atom"

    predicted = {"probabilities": np.eye(2)[[0, 0, 1]], "truth": np.array([0, 1, -1])}
    known = said_of(Atoms, ("bulk", "surface"), Row("a"), predicted)
    assert known.words == {"most atoms": "bulk"} and known.told == {"atoms": "bulk: 2, surface: 1"}
    assert known.numbers == {"share of atoms right": 0.5}
