"""What tests of the core and of plugins share: a folder of their own, a toy plugin without torch, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
TOY = ROOT / "tests" / "toy_plugin.py"

# two tests at once share two cores
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line has it


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the user's own runs are remembered by stays out of the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


PIPELINE = """\
structkit: 1
name: toy
seed: 3
threads: 1
plugins: [toy_plugin.py]
steps:
  crystals:
    use: toy-crystals
    with: {groups: 6}
  noisy:
    use: toy-noise
    from: crystals
    with: {sigma: 0.05}
  vector:
    use: toy-vector
    from: [crystals, noisy]
  centroid:
    use: toy-centroid
    from: vector
    train_on: [crystals]
    with: {epochs: 3}
  why:
    use: toy-gradient
    from: centroid
"""

TARGETS = """\
structkit: 1
name: targets
seed: 3
threads: 1
plugins: [target_plugin.py]
steps:
  alloys: {use: toy-alloys}
  cell: {use: toy-cell, from: alloys}
  line: {use: toy-line, from: cell, target: energy}
  sites: {use: toy-sites, from: cell, target: site}
  spectra: {use: toy-spectra}
  half: {use: toy-half, from: spectra}
  why: {use: toy-pull, from: line}
  where: {use: toy-pull, from: sites}
  when: {use: toy-pull, from: half}
"""


class Result:
    """What a command printed, and its exit code."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


Command = Callable[..., Result]  # given the words of a command line


THOROUGH = "thorough"  # long forms of what shorter tests show
MEMBERS, EVERY = "members", 16  # of the members of a kind of hostile input, one in so many is run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let every member of each kind be run, and what is thorough: `make members`."""
    words = "of tests marked `members`, run all, and those marked `thorough`"
    parser.addoption("--every-member", action="store_true", help=words)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests marked `members`, keep the first of each function and one in sixteen after it; of `thorough`, none.

    A test that is asked for by its name is run, and so are all members of a function that is.
    """
    if config.getoption("--every-member"):
        return
    counts: dict[str, int] = {}
    left_out = []
    for item in items:
        if {item.nodeid, item.nodeid.partition("[")[0]} & set(config.args):
            continue
        if item.get_closest_marker(THOROUGH):
            left_out.append(item)
        elif item.get_closest_marker(MEMBERS):
            name = item.nodeid.partition("[")[0]
            counts[name] = counts.get(name, -1) + 1
            if counts[name] % EVERY:
                left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in gone]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the toy plugin and its pipeline, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy_plugin.py").write_text(TOY.read_text())
    (tmp_path / "toy.yaml").write_text(PIPELINE)
    return tmp_path


@pytest.fixture
def targets(here: Path) -> Path:
    """The same folder with a pipeline of numbers, classes of atoms, and rows that were measured."""
    (here / "target_plugin.py").write_text((ROOT / "tests" / "target_plugin.py").read_text())
    (here / "targets.yaml").write_text(TARGETS)
    return here


@pytest.fixture
def cli(here: Path, quick: Command) -> Command:
    """Run `structkit ARGUMENTS`; with an environment or a time limit as a process of its own, else in this one."""

    def run(
        *arguments: object, env: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Result:
        if env is None and timeout is None:
            return quick(*arguments)
        command = [sys.executable, "-m", "structkit", *map(str, arguments)]
        done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=timeout,
                              env={**os.environ, **(env or {})})  # fmt: skip
        return Result(done)

    return run


@pytest.fixture
def spec_error(here: Path) -> Callable[..., list[str]]:
    """Check a pipeline text in this process; returns the lines of its error."""
    from structkit.errors import SpecError
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    def lines(text: str | bytes, overrides: Sequence[str] = ()) -> list[str]:
        path = Path("p.yaml")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        with pytest.raises(SpecError) as caught:
            check(load(path, overrides))
        return str(caught.value).splitlines()

    return lines


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., str]:
    """Run `python ARGUMENTS` in a folder, with what is installed in `tmp_path/site`; it must succeed."""

    def run(folder: Path, *arguments: object) -> str:
        site = {"PYTHONPATH": str(tmp_path / "site"), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-P", *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300,
                              env={**os.environ, **site})  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def quick(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """As `cli`, in this process: ten times as fast, for what does not depend on a process of its own."""
    import signal

    from structkit.cli.app import main

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["structkit", *map(str, arguments)])
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        capfd.readouterr()
        try:
            main()
        except SystemExit as done:
            code = done.code or 0
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        out, err = capfd.readouterr()
        return Result(subprocess.CompletedProcess(arguments, code, out, err))

    return run
