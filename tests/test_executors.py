"""Executors: the core's two keep the contract; one that does everything twice changes no byte; workers, code, lines."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from structkit.engine.building import build_anew
from structkit.engine.recipe import Recipe
from structkit.errors import StepError
from structkit.testing import ExecutorContract

pytestmark = pytest.mark.slow

EXTENSIONS = Path(__file__).parent / "extensions"


class TestHere(ExecutorContract):
    plugin = "structkit.builtin.plugin"
    name = "here"


class TestProcesses(ExecutorContract):
    plugin = "structkit.builtin.plugin"
    name = "processes"


def bytes_of_store(folder):
    root = folder / ".structkit" / "store"
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


def test_everything_twice_and_a_lost_result_give_the_same_bytes(cli, here):
    cli("run", "toy.yaml")
    once = bytes_of_store(here)
    shutil.rmtree(here / ".structkit")
    shutil.rmtree(here / "runs")
    shutil.copy(EXTENSIONS / "twice.py", here)
    text = (here / "toy.yaml").read_text().replace("[toy_plugin.py]", "[toy_plugin.py, twice.py]")
    (here / "toy.yaml").write_text(text)
    result = cli("run", "toy.yaml", "--executor", "twice", "--workers", "2")
    assert result.code == 0, result
    assert bytes_of_store(here) == once
    assert not list((here / ".structkit/partial").iterdir()) and not list(here.rglob("*.tmp"))


def test_unknown_executor_is_named(quick, here):
    result = quick("run", "toy.yaml", "--executor", "processs")
    assert (
        result.code == 2
        and "P001 no installed plugin provides the executor 'processs'" in result.err
    )
    assert "did you mean 'processes'?" in result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[executors.here]\nspeed = 3\n",
            "structkit.toml: Y010 unknown option 'speed' for here in executors.here",
        ),
        (
            "[executor.here]\n",
            "structkit.toml: Y010 unknown option 'executor'; did you mean 'executors'?",
        ),
        ("[executors", "structkit.toml: Y001 not TOML"),
    ],
)
def test_options_of_the_place_are_checked(text, said, quick, here):
    (here / "structkit.toml").write_text(text)
    result = quick("run", "toy.yaml")
    assert result.code == 2 and said in result.err, result


def test_one_pool_serves_the_run_and_tells_what_its_pieces_tell(cli, here):
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        "    def samples(self, task, rng):",
        "    def samples(self, task, rng):\n        note(task.id)",
    )
    code += (
        "\nimport logging, os, pathlib\n\ndef note(name):\n"
        "    pathlib.Path('pids').open('a').write(f'{os.getpid()}\\n')\n"
        "    logging.getLogger('structkit.progress').info('task %s', name)\n"
        "    logging.getLogger('structkit').warning('beware of %s', name)\n"
    )
    (here / "toy_plugin.py").write_text(code)
    result = cli("run", "toy.yaml", "--workers", "2")
    assert result.code == 0, result
    assert len(set((here / "pids").read_text().split())) <= 2, "two processes did everything"
    log = (here / "runs/toy/run.log").read_text()
    assert "crystals: task fcc-0" in result.err and log.count("beware of fcc-0") == 1
    notes = json.loads((here / "runs/toy/steps/crystals/crystals/notes.json").read_text())
    assert notes == [f"beware of {kind}-{i}" for kind in ("fcc", "bcc", "sc") for i in range(6)], (
        "in the tasks' order"
    )
    steps = json.loads((here / "runs/toy/provenance.json").read_text())["steps"]
    assert all(step["cpu"] and step["peak_memory_mib"] > 0 for step in steps)


def recipe(path, code):
    return Recipe(
        build=f"{name(path)}:Vector", settings='{"bins": 3}', settings_class=f"{name(path)}:VectorSettings",
        who="toy", seed=0, component="toy/v", code=code, loose=path,
    )  # fmt: skip


def name(path):
    from structkit.discovery.plugin import loose_name

    return loose_name(path)


def test_worker_that_holds_older_code_is_refused(here):
    """In a process that lives longer than a run the file, what is imported and the key must agree."""
    from structkit.discovery.plugin import LOOSE_DIGEST, load_loose

    path = (here / "toy_plugin.py").resolve()
    first = getattr(load_loose(path), LOOSE_DIGEST)
    assert build_anew(recipe(path, first)).settings.bins == 3
    path.write_text(path.read_text() + "\n# changed\n")
    second = getattr(load_loose(path), LOOSE_DIGEST)
    assert build_anew(recipe(path, second)).settings.bins == 3, "new code under its new key"
    with pytest.raises(StepError, match="P017 the code of toy here is not that of the run"):
        build_anew(recipe(path, first))
    del sys.modules[name(path)]


def test_threads_of_the_first_run_are_kept(cli, here, monkeypatch):
    import os

    text = (here / "toy.yaml").read_text().replace("threads: 1\n", "")
    (here / "toy.yaml").write_text(text)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert (
        cli("run", "toy.yaml").code == 0
        and "threads: 1" in (here / "runs/toy/resolved.yaml").read_text()
    )
    # the run is moved to a larger machine
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    again = cli("run", "toy.yaml")
    assert again.code == 0 and "..." not in again.err, "nothing is made again"


def test_seed_changes_nothing_where_no_chance_is_drawn(cli, here):
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        'summary="displacements", shard=8', 'summary="displacements", shard=8, chance=False'
    )
    (here / "toy_plugin.py").write_text(code)
    cli("run", "toy.yaml")
    plan = cli("plan", "toy.yaml", "--set", "seed=4").out
    lines = {line[7:45].strip(): line for line in plan.splitlines()}
    assert "seed: 3 → 4" in lines["crystals"] and "because crystals runs" in lines["noisy"]
    assert "seed" not in lines["noisy"] and "seed: 3 → 4" in lines["centroid training"]


def test_predictions_and_explanations_are_told_the_device(cli, here):
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        "    def save(self, folder):",
        "    def to(self, device):\n        open('moved', 'a').write(device + ' ')\n\n    def save(self, folder):",
        1,
    )
    (here / "toy_plugin.py").write_text(code)
    assert cli("run", "toy.yaml").code == 0
    moves = (here / "moved").read_text().split()
    assert moves == ["cpu"] * 7, (
        "after training, for two predictions, two explanations and their tests"
    )


def test_record_without_an_epoch_is_numbered(cli, here):
    code = (
        (here / "toy_plugin.py")
        .read_text()
        .replace('{"epoch": float(epoch), "train_loss"', '{"train_loss"')
    )
    (here / "toy_plugin.py").write_text(code)
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "report: runs/toy/report.html" in result.out, result
    history = json.loads((here / "runs/toy/steps/centroid/trained/history.json").read_text())
    assert [record["epoch"] for record in history] == [1.0, 2.0, 3.0]


def test_buffers_that_are_used_again_do_not_give_every_row_the_last_one(cli, here):
    from structkit.run import Run

    cli("run", "toy.yaml")
    right = Run(here / "runs/toy").table("vector").stack("vector")
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        'return {"vector": counts, ', 'BUFFER[:] = counts\n        return {"vector": BUFFER, '
    )
    code = code.replace(
        "        for _ in range(self.settings.copies):\n            atoms = sample.atoms.copy()\n",
        "        atoms = sample.atoms.copy()\n        for _ in range(self.settings.copies):\n",
    )
    (here / "toy_plugin.py").write_text(code + "\nBUFFER = np.zeros(12)\n")
    text = (here / "toy.yaml").read_text().replace("{sigma: 0.05}", "{sigma: 0.05, copies: 2}")
    (here / "toy.yaml").write_text(text)
    assert cli("run", "toy.yaml", "--only", "vector").code == 0
    run = Run(here / "runs/toy")
    again, noisy = run.table("vector"), run.table("noisy")
    crystals = [row for row, origin in enumerate(again.origins) if origin == "crystals"]
    assert np.array_equal(again.stack("vector", crystals), right[crystals])
    assert noisy.rows[0].id.endswith("#0") and noisy.rows[1].id.endswith("#1")
    assert not np.array_equal(noisy.item("positions", 0), noisy.item("positions", 1)), (
        "one object, given twice"
    )


def test_masked_arrays_are_refused(cli, here):
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        'return {"vector": counts, ', 'return {"vector": np.ma.masked_less(counts, 1), '
    )
    (here / "toy_plugin.py").write_text(code)
    result = cli("run", "toy.yaml")
    assert result.code == 4 and "'vector' is a masked array, expected plain numbers" in result.err
