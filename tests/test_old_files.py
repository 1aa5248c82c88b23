"""Files as the first version wrote them (tests/data/first): later versions read them, or refuse with a sentence.

They are never made anew: a version that cannot read them says so with a code, and this file says which.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from structkit.data.items.structure import to_sample
from structkit.data.table import Table
from structkit.errors import IntegrityError, SpecError
from structkit.run import Run
from structkit.store.entries import open_entry

FIRST = Path(__file__).parent / "data/first"


def model(name):
    from structkit.testing.materials import planted_images
    from structkit_attention_mpnn import AttentionMpnn
    from structkit_baselines import LogisticClassifier
    from structkit_cnn_classifier import CnnClassifier
    from structkit_particle_descriptors.examples import planted_graphs

    if name == "cnn":
        return CnnClassifier(filters=[[4], [4]], kernel_size=3, dense=8), planted_images()
    if name == "mpnn":
        # as runs record them: every setting by name, whatever the defaults are today
        words = {"hidden": 8, "heads": 2, "depth": 2, "basis": 16, "pair_path": False}
        return AttentionMpnn(**words, backend="torch"), planted_graphs()
    return LogisticClassifier(), planted_images()


@pytest.mark.parametrize("name", ["cnn", "logistic", "mpnn"])
def test_models_predict_what_they_predicted(name):
    loaded, features = model(name)
    loaded.load(FIRST / name)
    np.testing.assert_allclose(loaded.predict(features), np.load(FIRST / f"{name}.npy"), atol=1e-5)


def test_weights_of_another_shape_are_refused_in_words():
    from structkit_attention_mpnn import AttentionMpnn

    with pytest.raises(ValueError, match="give the settings that it was trained with"):
        AttentionMpnn(hidden=8, heads=2, depth=2, backend="torch").load(FIRST / "mpnn")


def test_stored_structures_are_read():
    table = Table.open(open_entry(FIRST / "structures").folder)
    assert len(table) == 36
    sample = to_sample(table, 0)
    assert (sample.label, sample.group, sample.atoms.get_chemical_formula()) == (
        "fcc",
        "fcc-0",
        "Cu4",
    )
    assert sample.atoms.cell[0, 0] == pytest.approx(3.0, abs=0.02) and sample.atoms.pbc.all()


def test_pipeline_file_runs(cli, here):
    shutil.copy(FIRST / "pipeline.yaml", here / "old.yaml")
    assert cli("validate", "old.yaml").code == 0
    assert cli("run", "old.yaml").code == 0


def test_what_a_later_version_wrote_is_refused_in_words(tmp_path, spec_error):
    lines = spec_error("structkit: 2\nname: new\nsteps: {}\n")
    assert "p.yaml:1: Y012 structkit: expected 1, found 2" in lines
    shutil.copytree(FIRST / "structures", tmp_path / "entry")
    (tmp_path / "entry/table.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(IntegrityError, match="I001"):
        open_entry(tmp_path / "entry")
    with pytest.raises(SpecError, match="R005 not a run folder"):
        Run(tmp_path)
