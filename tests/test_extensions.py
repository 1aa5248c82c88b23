"""A further kind of step, item, target or executor is one file and a hook, from outside the core."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from structkit.run import Run

EXTENSIONS = Path(__file__).parent / "extensions"


@pytest.fixture
def with_extension(quick, here):
    """Run a pipeline of the toy plugin and one extension."""

    def run(name, steps):
        shutil.copy(EXTENSIONS / f"{name}.py", here)
        head = (
            f"structkit: 1\nname: {name}\nthreads: 1\nplugins: [toy_plugin.py, {name}.py]\nsteps:\n"
        )
        (here / "p.yaml").write_text(head + steps)
        return quick("run", "p.yaml")

    return run


FEATURES = "  crystals: {use: toy-crystals, with: {groups: 6}}\n  vector: {use: toy-vector, from: crystals}\n"


def test_a_kind_is_one_file_and_a_hook(with_extension, quick, here):
    result = with_extension("measure", FEATURES + "  spread: {use: spread, from: vector}\n")
    assert result.code == 0 and "spread [crystals]: done" in result.err, result
    run = Run(here / "runs/measure")
    expected = run.table("vector").stack("vector").std()
    assert float(run.table("spread").item("value", 0)) == pytest.approx(expected)
    assert quick("verify", "runs/measure").code == 0
    assert "spread" in quick("plan", "p.yaml").out and "0 to run" in quick("plan", "p.yaml").out
    listed = quick("plugins", "list", "--file", "measure.py").out
    assert "measure    spread" in listed
    wrong = with_extension("measure", FEATURES + "  spread: {use: spread, from: crystals}\n")
    assert "Y023 spread reads features, got structures from 'crystals'" in wrong.err


def test_an_item_is_one_file_and_a_hook(with_extension, quick, here):
    steps = (
        "  polymers: {use: polymers}\n  back: {use: reversed, from: polymers}\n"
        "  m: {use: logistic-regression, from: [polymers, back], train_on: [polymers]}\n"
    )
    (EXTENSIONS / "sequence.py").read_text()
    text = (EXTENSIONS / "sequence.py").read_text()
    assert "structkit_models" not in text, "a model of the representation is somebody else's"
    result = with_extension("sequence", steps)
    assert (
        result.code == 2
        and "accepts image or vector or spectrum, got sequence from 'polymers'" in result.err
    )
    (here / "toy_plugin.py").write_text(
        (here / "toy_plugin.py")
        .read_text()
        .replace('accepts=("vector",)', 'accepts=("vector", "sequence")')
    )
    result = with_extension("sequence", steps.replace("logistic-regression", "toy-centroid"))
    assert result.code == 0 and "m · back · test: accuracy 1.000" in result.out, result
    run = Run(here / "runs/sequence")
    table = run.table("back")
    assert bytes(table.item("letters", 0)).decode() in ("BAAABAAA", "CBBBCBBB")
    assert table.rows[0].content == run.table("polymers").rows[0].content, "inherited"


def test_a_target_is_one_file_and_a_hook(with_extension, quick, here):
    (here / "toy_plugin.py").write_text(
        (here / "toy_plugin.py")
        .read_text()
        .replace('{"k": k})', '{"k": k, "size": float(atoms.cell[0, 0])})')
    )
    result = with_extension(
        "ranks", FEATURES + "  order: {use: by-length, from: vector, target: size}\n"
    )
    assert result.code == 0, result
    run = Run(here / "runs/ranks")
    scores = json.loads((here / "runs/ranks/steps/order/metrics.json").read_text())["origins"][
        "crystals"
    ]["test"]
    assert scores["n"] == len([row for row in run.predictions("order") if row.subset == "test"])
    assert run.predictions("order").stack("rank").shape == (36,)
    assert "rank" in (here / "runs/ranks/steps/order/predictions.csv").read_text().splitlines()[0]
    missing = with_extension("ranks", FEATURES + "  order: {use: by-length, from: vector}\n")
    assert "Y013 by-length predicts ranks: 'target' must say which" in missing.err


def test_a_broken_kind_fails_alone(quick, here):
    (here / "bad.py").write_text(
        "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_kinds():\n    yield 3\n"
    )
    listed = quick("plugins", "list", "--file", "bad.py")
    assert listed.code == 0 and "P006 structkit_kinds gave a int, expected a Kind" in listed.out
    assert (
        "toy-crystals"
        in quick("plugins", "list", "--file", "bad.py", "--file", "toy_plugin.py").out
    )


def test_same_rows_of_an_item_in_train_and_test_are_refused(with_extension, here):
    """Equal rows are found by the item's own digest."""
    (here / "toy_plugin.py").write_text(
        (here / "toy_plugin.py")
        .read_text()
        .replace('accepts=("vector",)', 'accepts=("vector", "sequence")')
    )
    shutil.copy(EXTENSIONS / "sequence.py", here)
    text = (EXTENSIONS / "sequence.py").read_text().replace('* (2 + task.params["i"])', "* 3")
    original = EXTENSIONS / "sequence.py"
    assert text != original.read_text()
    (here / "same.py").write_text(text)
    head = "structkit: 1\nname: same\nplugins: [toy_plugin.py, same.py]\nsteps:\n"
    (here / "p.yaml").write_text(
        head + "  polymers: {use: polymers}\n  m: {use: toy-centroid, from: polymers}\n"
    )
    from structkit.cli.commands import run_pipeline
    from structkit.errors import DataError

    with pytest.raises(DataError, match="D010 .* structures occur in train and"):
        run_pipeline(Path("p.yaml"), (), None, 1, None, "cpu")


def test_varied_settings_are_origins_of_their_own(quick, here):
    text = (
        (here / "toy.yaml")
        .read_text()
        .replace("with: {sigma: 0.05}", "vary: {sigma: [0.0, 0.05], copies: [1]}")
    )
    text = text.replace("train_on: [crystals]", 'train_on: [crystals, "noisy[sigma=0.0]"]')
    (here / "toy.yaml").write_text(text)
    result = quick("run", "toy.yaml")
    assert result.code == 0, result
    run = Run(here / "runs/toy")
    names = ["crystals", "noisy[copies=1,sigma=0.0]", "noisy[copies=1,sigma=0.05]"]
    assert run.steps["centroid"]["origins"] == names
    assert run.steps["centroid"]["train_on"] == names[:2]
    assert run.record["lineage"][names[2]] == {
        "parent": "crystals", "step": "noisy", "varied": {"noisy.copies": 1, "noisy.sigma": 0.05},
        "with": {"copies": 1, "sigma": 0.05},
    }  # fmt: skip
    still, moved = (run.table("noisy").select([i for i, o in enumerate(run.table("noisy").origins) if o == name])
                    for name in names[1:])  # fmt: skip
    pristine = run.table("crystals")
    assert np.array_equal(still.item("positions", 0), pristine.item("positions", 0))
    assert not np.array_equal(moved.item("positions", 0), pristine.item("positions", 0))
    again = quick("run", "runs/toy/resolved.yaml", "--out", "again")
    assert again.code == 0 and "..." not in again.err, "the resolved file means the same"
    only = text.replace("from: [crystals, noisy]", 'from: [crystals, "noisy[sigma=0.05]"]')
    (here / "toy.yaml").write_text(only.replace(', "noisy[sigma=0.0]"', ""))
    assert quick("run", "toy.yaml").code == 0
    assert Run(here / "runs/toy").steps["vector"]["origins"] == [names[0], names[2]]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (
            "{sigm: [0.1]}",
            "Y010 unknown option 'sigm' for toy-noise in steps.noisy.with; did you mean 'sigma'?",
        ),
        ("{sigma: [0.1, -1]}", "Y012 steps.noisy.with.sigma: expected number ≥ 0"),
        ("{sigma: [0.1, 0.1]}", "Y024 'vary' has the point sigma=0.1 twice"),
        ("{sigma: []}", "Y012 'vary' has an empty list or point"),
        ("[{}]", "Y012 'vary' has an empty list or point"),
        ("{sigma: [[1, 2]]}", "Y012 'vary' has [1, 2] for 'sigma'"),
        ("{sigma: ['../../x']}", "Y012 'vary' has '../../x' for 'sigma'"),
    ],
)
def test_varied_settings_are_checked(vary, said, quick, here):
    text = (here / "toy.yaml").read_text().replace("with: {sigma: 0.05}", f"vary: {vary}")
    (here / "toy.yaml").write_text(text)
    result = quick("validate", "toy.yaml")
    assert result.code == 2 and said in result.err, result


def test_origin_that_matches_no_point_is_named(quick, here):
    text = (
        (here / "toy.yaml").read_text().replace("with: {sigma: 0.05}", "vary: {sigma: [0.0, 0.05]}")
    )
    (here / "toy.yaml").write_text(
        text.replace("train_on: [crystals]", 'train_on: ["noisy[sigma=0.1]"]')
    )
    result = quick("validate", "toy.yaml")
    assert (
        result.code == 2
        and "Y021 train_on names 'noisy[sigma=0.1]', which is no origin here" in result.err
    )
    (here / "toy.yaml").write_text(
        text.replace("from: [crystals, noisy]", 'from: [crystals, "noisy[sigma=0.1]"]')
    )
    result = quick("validate", "toy.yaml")
    assert result.code == 2 and "noisy[sigma=0.1]" in result.err
    vector = text.replace(
        "from: [crystals, noisy]", "from: [crystals, noisy]\n    vary: {bins: [3]}"
    )
    (here / "toy.yaml").write_text(vector)
    assert (
        "Y010 'vary' is for source or transform steps, 'vector' is a descriptor"
        in quick("validate", "toy.yaml").err
    )
