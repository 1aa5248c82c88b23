"""Sources whose tasks take long: what they tell, where they keep unfinished work, and one that fails among many."""

from pathlib import Path

import pytest

PLUGIN = """
import logging, pathlib
from ase.build import bulk
from structkit import DataError, Problem, Sample, Source, Task, hookimpl

STRUCTKIT_API = 1


class Slow:
    def tasks(self):
        return [Task(f"t{i}") for i in range(COUNT)]

    def samples(self, task, rng):
        logging.getLogger("structkit.progress").info(f"{task.id} is under way")
        task.scratch.mkdir(parents=True, exist_ok=True)
        with (task.scratch / "state").open("a") as stream:
            stream.write("x")
        with open(f"tried-{task.id}", "a") as stream:
            stream.write(str(len((task.scratch / "state").read_text())))
        if task.id in BAD and not pathlib.Path("mended").exists():
            raise DataError(Problem("M001", "the engine stopped", task.id))
        yield Sample(task.id, bulk("Cu"), "a", task.id)


@hookimpl
def structkit_sources():
    yield Source(name="slow", build=f"{__name__}:Slow", summary="slow")
"""
SPEC = "structkit: 1\nname: slow\nplugins: [./slow.py]\nsteps:\n  s: {use: slow}\n"


@pytest.fixture
def slow(cli, here):
    def run(count, bad, *options):
        Path("slow.py").write_text(PLUGIN.replace("COUNT", str(count)).replace("BAD", repr(bad)))
        Path("slow.yaml").write_text(SPEC)
        return cli("run", "slow.yaml", *options)

    return run


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_a_task_tells_is_shown_and_logged(slow, workers):
    result = slow(3, (), "--workers", workers)
    assert result.code == 0, result
    log = Path("runs/slow/run.log").read_text()
    for i in range(3):
        assert f"s: t{i} is under way" in result.err and log.count(f"t{i} is under way") == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_other_tasks_go_on_and_nothing_is_lost(slow, cli, workers):
    result = slow(5, ("t1",), "--workers", workers)
    assert (
        result.code == 3
        and "t1: M001 the engine stopped" in result.err
        and "Traceback" not in result.err
    )
    assert all(Path(f"tried-t{i}").exists() for i in range(5))
    Path("mended").touch()
    again = cli("run", "slow.yaml", "--workers", workers)
    assert again.code == 0 and "4 of 5 parts already done" in again.err, again
    assert [Path(f"tried-t{i}").read_text() for i in range(5)] == ["1", "12", "1", "1", "1"], (
        "t1 found its scratch again"
    )


def test_all_failures_are_told_at_the_end(slow):
    result = slow(5, ("t1", "t3"))
    assert result.code == 3 and "t1: M001" in result.err and "t3: M001" in result.err


def test_source_that_only_fails_is_given_up(slow):
    result = slow(9, tuple(f"t{i}" for i in range(9)))
    assert result.code == 3 and not Path("tried-t5").exists()


def test_scratch_is_gone_when_the_samples_are_kept(slow):
    assert slow(3, ()).code == 0
    assert not list(Path(".structkit").rglob("state"))
