"""Real clusters of dask on this machine: what dies is replaced or named, and no byte depends on it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 120.0  # seconds: the machine may be busy
pytestmark = pytest.mark.slow


class Cluster:
    """A scheduler and workers as processes; `structkit.toml` says where."""

    def __init__(self, folder, stack):
        self.file, self.stack = folder / "scheduler.json", stack
        words = f"[executors.dask]\nscheduler_file = '{self.file}'\nfailures = 1\npatience = 60\n"
        (folder / "structkit.toml").write_text(words)
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0")
        until(self.file.exists)

    def worker(self, **environment):
        return self.start("worker", "--nthreads", "1", "--no-nanny", **environment)

    def start(self, what, *words, **environment):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *words]
        process = subprocess.Popen(
            [*command, "--scheduler-file", str(self.file)],
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(ended, process)
        return process


def ended(process):
    process.kill()
    process.wait()


def until(condition, run=None):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert run is None or run.poll() is None, run.communicate()
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def cluster(here):
    with contextlib.ExitStack() as stack:
        yield Cluster(here, stack)


@pytest.fixture
def slow(here):
    """The toy pipeline, whose tasks take a while and note where they were done."""
    code = (here / "toy_plugin.py").read_text()
    start = "    def samples(self, task, rng):"
    code = code.replace(start, f"{start}\n        note(task.id)")
    code += (
        "\nimport os, pathlib, time\n\ndef note(name):\n"
        "    with pathlib.Path('pids').open('a') as stream:\n"
        "        stream.write(f'{os.getpid()} {name}\\n')\n"
        "    time.sleep(0.3)\n"
    )
    (here / "toy_plugin.py").write_text(code)
    return here


def noted(folder):
    """What was done where, as far as it is known."""
    path = folder / "pids"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def running(folder):
    command = [sys.executable, "-P", "-m", "structkit", "run", "toy.yaml", "--executor", "dask"]
    return subprocess.Popen(
        [*command, "--workers", "2"], cwd=folder, stderr=subprocess.PIPE, text=True
    )


def bytes_of_store(folder):
    root = folder / ".structkit" / "store"
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "how",
    [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)],
    ids=["killed", "walltime"],
)
def test_a_worker_that_dies_costs_what_it_was_doing(how, slow, cluster, cli):
    workers = [cluster.worker(), cluster.worker()]
    run = running(slow)
    until(lambda: len({pid for pid, _ in noted(slow)}) == 2, run)
    workers[0].send_signal(how)
    _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    names = [name for _, name in noted(slow)]
    assert len(set(names)) == 18 and len(names) <= 20, "what was finished is not done again"
    spread = bytes_of_store(slow)
    shutil.rmtree(slow / ".structkit")
    shutil.rmtree(slow / "runs")
    assert cli("run", "toy.yaml").code == 0
    assert bytes_of_store(slow) == spread


def test_a_scheduler_that_goes_away_is_named_and_the_run_goes_on_later(slow, cluster, cli):
    cluster.worker()
    run = running(slow)
    until(lambda: len(noted(slow)) > 2, run)
    cluster.scheduler.kill()
    _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 4 and "P013 the dask cluster went away" in said, said
    assert "then the same command goes on from here" in said and "Traceback" not in said
    before = {name for _, name in noted(slow)}
    (slow / "pids").unlink()
    assert cli("run", "toy.yaml").code == 0
    again = {name for _, name in noted(slow)}
    assert len(before & again) <= 3, "what was finished is not done again"


def test_a_worker_with_other_code_refuses(here, cluster, cli):
    import structkit_baselines

    other = here / "other"
    copy = other / "structkit_baselines"
    shutil.copytree(Path(structkit_baselines.__file__).parent, copy)
    with (copy / "neighbours.py").open("a") as stream:
        stream.write("\n# another version\n")
    cluster.worker(PYTHONPATH=str(other))
    text = (here / "toy.yaml").read_text()
    text += "  nearest: {use: nearest-neighbours, from: vector}\n"
    (here / "toy.yaml").write_text(text)
    done = cli("run", "toy.yaml", "--executor", "dask")
    assert (
        done.code == 4 and "P017 the code of" in done.err and "is not that of the run" in done.err
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("scheduler = 'tcp://127.0.0.1:1'\npatience = 0.5", 4, "P013 no dask scheduler at tcp"),
        ("scheduler = 'head:8786'", 2, "scheduler"),
        ("scheduler = 'tcp://a:1'\nscheduler_file = 'b'", 2, "both say where"),
        ("scheduler = 'tcp://a:1'\ncluster = 'slurm'", 2, "leave out cluster"),
        ("cluster = 'nowhere'", 2, "nowhere"),
        ("[executors.dask.options]\ncolour = 3", 2, "Y012 the cluster 'local' cannot be made"),
    ],
)
def test_a_wrong_place_is_a_sentence(words, code, said, here, cli):
    (here / "structkit.toml").write_text(f"[executors.dask]\n{words}\n")
    done = cli("run", "toy.yaml", "--executor", "dask")
    assert done.code == code and said in done.err and "Traceback" not in done.err, done


def test_no_worker_in_time_is_a_sentence(here, cluster, cli):
    text = (here / "structkit.toml").read_text().replace("patience = 60", "patience = 0.5")
    (here / "structkit.toml").write_text(text)
    done = cli("run", "toy.yaml", "--executor", "dask")
    assert done.code == 4 and "P013 no dask worker within 0.5 s" in done.err, done
