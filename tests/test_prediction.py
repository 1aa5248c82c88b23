"""New structures are prepared as the rows of the chosen origin were, by what is recorded of its lineage."""

import numpy as np
import pytest
from ase.build import bulk

from structkit.engine.prediction import Predictor
from structkit.errors import SpecError
from structkit.samples import Sample


@pytest.fixture
def varied(quick, here):
    text = (
        (here / "toy.yaml").read_text().replace("with: {sigma: 0.05}", "vary: {sigma: [0.0, 0.3]}")
    )
    text = text.replace("    from: crystals\n", "    from: turned\n", 1).replace(
        "  noisy:\n", "  turned: {use: toy-noise, from: crystals}\n  noisy:\n"
    )
    (here / "toy.yaml").write_text(text)
    result = quick("run", "toy.yaml")
    assert result.code == 0, result
    return here / "runs/toy"


def test_each_point_of_a_grid_prepares_as_its_own_rows_were(varied):
    atoms = bulk("Cu", "fcc", a=3.05, cubic=True)
    still, moved = (Predictor(varied, origin=f"noisy[sigma={sigma}]") for sigma in ("0.0", "0.3"))
    assert [origin.name for origin in still._ancestors()] == [
        "crystals",
        "turned",
        "noisy[sigma=0.0]",
    ]
    plain = Predictor(varied, origin="crystals").prepare([Sample("new", atoms)]).stack("vector")
    assert np.array_equal(still.prepare([Sample("new", atoms)]).stack("vector"), plain)
    assert not np.array_equal(moved.prepare([Sample("new", atoms)]).stack("vector"), plain)
    assert (
        "prepared as origin 'noisy[sigma=0.3]': toy-noise → toy-noise → toy-vector"
        in moved.preparation
    )
    assert still.predict([Sample("new", atoms)])[0].label == "fcc"


def test_unknown_origin_is_named(varied):
    with pytest.raises(SpecError, match="R006 'noisy\\[sigma=0.1\\]' in .*did you mean"):
        Predictor(varied, origin="noisy[sigma=0.1]")


DOUBLED = """

class Doubled:
    def __call__(self, sample, rng):
        arrays = {**sample.arrays, "vector": 2.0 * sample.arrays["vector"]}
        yield Measurement(sample.id, arrays)


@hookimpl
def structkit_transforms():
    yield Transform(name="toy-doubled", reads="vector", ragged=("pairs",), build=f"{HERE}:Doubled",
                    summary="features doubled")
"""


def test_a_transform_after_a_descriptor_is_passed_too(quick, here):
    """Features are changed by a step of their own; a new structure takes the same way."""
    head = "from structkit import Measurement, Transform, hookimpl\nHERE = __name__\nSTRUCTKIT_API = 1\n"
    (here / "doubling.py").write_text(head + DOUBLED)
    text = (
        (here / "toy.yaml").read_text().replace("[toy_plugin.py]", "[toy_plugin.py, doubling.py]")
    )
    text = text.replace("  centroid:\n", "  twice: {use: toy-doubled, from: vector}\n  centroid:\n")
    text = text.replace(
        "from: vector\n    train_on: [crystals]", "from: twice\n    train_on: [crystals+twice]"
    )
    (here / "toy.yaml").write_text(text)
    result = quick("run", "toy.yaml")
    assert result.code == 0, result
    predictor = Predictor(here / "runs/toy", origin="crystals+twice")
    assert predictor.features_step == "twice"
    assert "toy-vector → toy-doubled" in predictor.preparation
    atoms = bulk("Cu", "fcc", a=3.05, cubic=True)
    (stage, _) = predictor.stages
    plain = next(stage._described([Sample("new", atoms)])).arrays["vector"]
    assert np.array_equal(predictor.prepare([Sample("new", atoms)]).stack("vector")[0], 2 * plain)
    assert predictor.predict([Sample("new", atoms)])[0].label == "fcc"
