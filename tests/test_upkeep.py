"""A run checked and made again; results that nobody uses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from structkit import Run
from structkit.errors import IntegrityError

pytestmark = pytest.mark.slow

ANOTHER = ("--set", "steps.centroid.with.epochs=5", "--out", "other")


def flip(path, place=-3):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.unlink()  # a view is a link: only this copy is to change
    path.write_bytes(bytes(data))


def test_run_is_checked_and_made_again(cli):
    assert cli("run", "toy.yaml").code == 0
    done = cli("verify", "runs/toy", "--rerun", "--workers", "2")
    assert done.code == 0, done
    assert (
        "every byte as written" in done.out
        and "made again" in done.out
        and "every byte the same" in done.out
    )


@pytest.mark.parametrize(
    "victim",
    ["steps/vector/noisy/vector.npy", "steps/centroid/metrics.json", "resolved.yaml", "run.json"],
)
def test_flipped_bit_in_a_run_is_found_and_named(cli, here, victim):
    assert cli("run", "toy.yaml").code == 0
    path = here / "runs/toy" / victim
    flip(path)
    found = cli("verify", "runs/toy")
    assert found.code == 6 and path.name in found.err, found


def test_missing_result_is_named(cli, here):
    assert cli("run", "toy.yaml").code == 0
    shutil.rmtree(here / "runs/toy/steps/noisy/noisy")
    found = cli("verify", "runs/toy")
    assert found.code == 6 and "I001 the result of 'noisy' is missing" in found.err, found


def test_result_that_cannot_be_repeated_is_named(cli, here):
    """A descriptor that counts its own calls, across processes."""
    code = (here / "toy_plugin.py").read_text()
    assert code.count("def __call__(self, atoms):") == 1
    code = code.replace(
        "def __call__(self, atoms):",
        "def __call__(self, atoms):\n        import time\n        return {'vector': np.full(12, time.time() % 1e4)}",
    )
    (here / "toy_plugin.py").write_text(code)
    assert cli("run", "toy.yaml", "--only", "vector").code == 0
    found = cli("verify", "runs/toy", "--rerun")
    assert (
        found.code == 6 and "I006 'vector [crystals]' made again differs in vector.npy" in found.err
    ), found


def test_run_of_other_code_is_not_compared(cli, here):
    assert cli("run", "toy.yaml").code == 0
    (here / "toy_plugin.py").write_text((here / "toy_plugin.py").read_text() + "\n# edited\n")
    found = cli("verify", "runs/toy", "--rerun", "--allow-plugin", "toy_plugin.py")
    assert found.code == 4 and "P007" in found.err, found


def test_unfinished_and_foreign_folders_are_refused(cli, here):
    (here / "empty").mkdir()
    assert cli("verify", "empty").code == 2
    assert cli("run", "toy.yaml", "--only", "vector").code == 0
    (here / "runs/toy/done.json").unlink()
    assert "R007" in cli("verify", "runs/toy").err


def test_gc_removes_what_no_run_uses_and_nothing_else(cli, here):
    assert cli("run", "toy.yaml").code == 0
    assert cli("run", "toy.yaml", *ANOTHER).code == 0
    assert "removed 0 results" in cli("store", "gc").out
    shutil.rmtree(here / "other")
    before = json.loads(cli("store", "list", "--json").out)
    planned = json.loads(cli("store", "gc", "--dry-run", "--json").out)
    assert len(planned["entries"]) >= 4 and planned["freed"] > 0, (
        "training, predictions, scores, explanations"
    )
    assert json.loads(cli("store", "list", "--json").out) == before, "a dry run removes nothing"
    done = cli("store", "gc")
    assert f"removed {len(planned['entries'])} results" in done.out
    assert "cached" in cli("plan", "toy.yaml").out and "0 to run" in cli("plan", "toy.yaml").out
    assert cli("verify", "runs/toy").code == 0 and cli("store", "verify").code == 0
    assert cli("run", "toy.yaml", *ANOTHER).code == 0, "what was collected can be made again"


def test_gc_keeps_the_unfinished_work_of_a_run_and_knows_folders_elsewhere(
    cli, here, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine"
    assert cli("run", "toy.yaml", "--out", elsewhere, "--only", "vector").code == 0
    (here / ".structkit/partial" / ("a" * 64)).mkdir(parents=True)
    done = cli("store", "gc")
    assert "removed 0 results, 1 unfinished" in done.out, done
    shutil.rmtree(elsewhere)
    assert "removed 4 results" in cli("store", "gc").out


def test_gc_waits_for_nobody_and_disturbs_nobody(cli, here):
    """While a run is going on it is refused."""
    (here / "toy_plugin.py").write_text(
        (here / "toy_plugin.py").read_text().replace("def __call__(self, atoms):", "def __call__(self, atoms):\n        import time; time.sleep(0.3)", 1)
    )  # fmt: skip
    run = subprocess.Popen(
        [sys.executable, "-m", "structkit", "run", "toy.yaml"],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for line in run.stderr:
            if "vector" in line:
                break
        refused = cli("store", "gc")
        assert refused.code == 5 and "R002" in refused.err, refused
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    time.sleep(0.1)
    assert cli("store", "gc").code == 0, "the kernel lets go when a process dies"


def test_gc_touches_nothing_when_a_run_cannot_be_read(cli, here):
    assert cli("run", "toy.yaml").code == 0
    flip(here / "runs/toy/run.json")
    before = len(list((here / ".structkit/store").rglob("*.npy")))
    refused = cli("store", "gc")
    assert refused.code == 6 and "R004" in refused.err
    assert len(list((here / ".structkit/store").rglob("*.npy"))) == before


def swap(one, other):
    """Exchange two folders or files."""
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vector/crystals", "vector/noisy"),
        ("centroid/predictions/crystals", "centroid/predictions/noisy"),
        ("why/crystals", "why/noisy"),
        ("crystals/crystals", "noisy/noisy"),
        ("centroid/trained", "centroid/repeats/2/trained"),
        ("centroid/repeats/2", "centroid/repeats/3"),
    ],
)
def test_results_that_changed_places_are_named(one, other, cli, here):
    """Each is intact: only its place is wrong."""
    text = (here / "toy.yaml").read_text().replace("steps:", "repeat: {seeds: 3}\nsteps:", 1)
    (here / "toy.yaml").write_text(text)
    assert cli("run", "toy.yaml").code == 0
    steps = here / "runs/toy/steps"
    swap(steps / one, steps / other)
    found = cli("verify", "runs/toy")
    assert found.code == 6 and "I002" in found.err and one in found.err, found
    again = cli("run", "toy.yaml")
    assert again.code == 0 and cli("verify", "runs/toy").code == 0, "run puts them right"


def test_result_of_another_run_is_not_read(cli, here):
    cli("run", "toy.yaml")
    cli("run", "toy.yaml", "--set", "seed=8", "--out", "runs/other")
    shutil.rmtree(here / "runs/toy/steps/centroid/trained")
    shutil.copytree(
        here / "runs/other/steps/centroid/trained", here / "runs/toy/steps/centroid/trained"
    )
    for command in (["predict", "runs/toy", "x.xyz"], ["verify", "runs/toy"]):
        (here / "x.xyz").write_text('1\nLattice="3 0 0 0 3 0 0 0 3"\nCu 0 0 0\n')
        found = cli(*command)
        assert found.code == 6 and "I002" in found.err and "centroid/trained" in found.err, found
    with pytest.raises(IntegrityError, match="I002"):
        Run(here / "runs/toy").trained("centroid")


def test_exchanged_tables_and_scores_are_not_read(cli, here):
    cli("run", "toy.yaml")
    steps = here / "runs/toy/steps"
    swap(steps / "vector/crystals", steps / "vector/noisy")
    swap(steps / "centroid/predictions/crystals", steps / "centroid/predictions/noisy")
    run = Run(here / "runs/toy")
    for read in (run.table, run.predictions):
        with pytest.raises(IntegrityError, match="I002 .*something else"):
            read("vector" if read == run.table else "centroid")


def test_exchanged_folders_of_the_store_are_found_and_made_again(cli, here):
    cli("run", "toy.yaml")
    store = here / ".structkit/store"
    one, other = [p.parent for p in sorted(store.glob("*/*/entry.json"))][:2]
    swap(one, other)
    found = cli("store", "verify")
    assert found.code == 6 and found.err.count("I002") == 2, found
    shutil.rmtree(here / "runs")
    again = cli("run", "toy.yaml")
    assert again.code == 0 and "I002" in again.err and "making it again" in again.err, again
    assert cli("store", "verify").code == 0


def test_folder_that_is_no_result_of_the_run_is_named(cli, here):
    cli("run", "toy.yaml")
    steps = here / "runs/toy/steps"
    shutil.copytree(steps / "vector/noisy", steps / "vector/more")
    found = cli("verify", "runs/toy")
    assert found.code == 6 and "vector/more: I002 no result of this run" in found.err, found
