"""An array of jobs that do not speak to each other: the same bytes, whoever comes when, and who is missing is named."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SBATCH = r"""
import os, pathlib, re, subprocess, sys
script = pathlib.Path(sys.argv[-1])
low, high = map(int, re.search(r"#SBATCH --array=(\d+)-(\d+)", script.read_text()).groups())
jobs = []
for number in range(low, high + 1):
    ids = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_TASK_COUNT": str(high)}
    jobs.append(subprocess.Popen(["sh", str(script)], env={**os.environ, **ids}))
sys.exit(max([job.wait() for job in jobs]))
"""


def bytes_of_store(folder):
    root = folder / ".structkit" / "store"
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def forget(folder):
    for name in (".structkit", "runs"):
        shutil.rmtree(folder / name, ignore_errors=True)


def sbatch_file(text):
    """The file for SLURM that the docs show, for three jobs."""
    page = Path(__file__).parents[1] / "docs" / "executors.md"
    script = next(
        b for b in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S) if "#SBATCH" in b
    )
    return script.replace("1-16", "1-3").replace("pipeline.yaml", text)


def test_an_array_of_jobs_makes_what_a_run_makes(cli, here):
    (here / "sbatch.py").write_text(SBATCH)
    (here / "toy.sbatch").write_text(sbatch_file("toy.yaml"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "sbatch.py", "--wait", "toy.sbatch"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert len(set(re.findall(r"crystals, part (\d) of 3", done.stderr))) == 3, done.stderr
    run = cli("run", "toy.yaml")
    assert run.code == 0 and "..." not in run.err, "an ordinary run finds everything"
    made = bytes_of_store(here)
    forget(here)
    assert cli("run", "toy.yaml").code == 0
    assert bytes_of_store(here) == made


def test_who_is_waited_for_is_named_and_a_run_makes_the_rest(cli, here):
    done = cli("shards", "toy.yaml", "--part", "2/3", "--patience", "0.2")
    assert done.code == 4 and re.search(r"P024 .*waiting for parts 1, 3 of 3", done.err), done
    pieces = list((here / ".structkit/partial").rglob("part-*"))
    assert pieces, "its own part is done"
    again = cli("run", "toy.yaml")
    assert again.code == 0 and "parts already done" in again.err
    last = cli("shards", "toy.yaml", "--part", "2/3", "--patience", "0.2")
    assert last.code == 0 and "all results are there" in last.out


def test_one_part_of_one_is_a_run(cli, here):
    assert cli("shards", "toy.yaml", "--part", "1/1").code == 0
    run = cli("run", "toy.yaml")
    assert run.code == 0 and "..." not in run.err


@pytest.mark.parametrize("part", ["0/3", "4/3", "3", "a/b", "1/0", "1/-1"])
def test_a_part_that_is_none(part, quick, here):
    done = quick("shards", "toy.yaml", "--part", part)
    assert done.code == 2 and f"Y012 '{part}' is no part" in done.err


def test_a_file_must_say_its_threads(quick, here):
    (here / "toy.yaml").write_text((here / "toy.yaml").read_text().replace("threads: 1\n", ""))
    done = quick("shards", "toy.yaml", "--part", "1/2")
    assert done.code == 2 and "how many threads" in done.err


def test_what_a_component_raises_is_told(cli, here):
    code = (here / "toy_plugin.py").read_text()
    start = "    def samples(self, task, rng):"
    (here / "toy_plugin.py").write_text(
        code.replace(start, f"{start}\n        raise ValueError('no')")
    )
    done = cli("shards", "toy.yaml", "--part", "1/1")
    assert done.code == 4 and "P010" in done.err and "step 'crystals'" in done.err, done
    assert "Traceback" not in done.err
