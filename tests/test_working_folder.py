"""Nothing is imported from the folder that a command works in: a stranger's `json.py` is no part of Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.members

COMMAND = Path(sys.executable).with_name("structkit")
CANARY = "open({!r}, 'a').write(__name__ + '\\n')\nraise ImportError('the module of a stranger')\n"


@pytest.fixture
def hostile(here, tmp_path_factory):
    """A folder that holds a module under a name; it says when it is imported."""
    canary = tmp_path_factory.mktemp("canary") / "imported"

    def put(name):
        text = CANARY.format(str(canary))
        if name.endswith("/"):
            (here / name).mkdir()
            (here / name / "__init__.py").write_text(text)
        else:
            (here / name).write_text(text)
        return canary

    return put


def run(*command, **environment):
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip


NAMES = ("json.py", "random.py", "numpy/", "ase/", "pluggy.py", "pydantic/", "yaml.py", "typer.py",
         "structkit_html_report/", "sitecustomize.py", "hmac.py", "multiprocessing/")  # fmt: skip


@pytest.mark.slow
def test_the_command_imports_nothing_from_here(hostile, here):
    if not COMMAND.exists():
        pytest.skip("structkit is not installed as a command")
    for name in NAMES:
        canary = hostile(name)
    for workers in (1, 2):
        done = run(COMMAND, "run", "toy.yaml", "--workers", workers)
        assert done.returncode == 0 and not canary.exists(), done.stderr
        shutil.rmtree(here / ".structkit")
    for words in (["plugins", "list"], ["validate", "toy.yaml"], ["report", "runs/toy"]):
        done = run(COMMAND, *words)
        assert done.returncode == 0 and not canary.exists(), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["json.py", "hmac.py", "random.py", "decimal.pyc", "email/", "queue.py", "typing.py"]
)
def test_python_m_refuses_where_a_module_shadows_pythons(name, hostile, here):
    hostile(name)
    done = run(sys.executable, "-m", "structkit", "--version")
    assert done.returncode != 0 and "structkit 0" not in done.stdout
    visible = "the module of a stranger" in done.stderr  # before structkit was asked for anything
    assert visible or f"P022 {name.strip('/')} in this folder" in done.stderr, done.stderr
    assert run(sys.executable, "-P", "-m", "structkit", "--version").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["numpy/", "pluggy.py", "ase/", "pydantic/", "structkit_html_report/", "ruamel/"]
)
def test_python_m_imports_nothing_from_here_either(name, hostile):
    canary = hostile(name)
    done = run(sys.executable, "-m", "structkit", "run", "toy.yaml", "--workers", 2)
    assert done.returncode == 0 and not canary.exists(), done.stderr


def test_a_folder_that_is_no_package_shadows_nothing(here):
    for name in ("code", "email", "json"):
        (here / name).mkdir()
    (here / "json.md").write_text("")
    assert run(sys.executable, "-m", "structkit", "--version").returncode == 0


@pytest.mark.slow
def test_modules_beside_a_loose_plugin_are_not_imported(hostile, here):
    canary = hostile("fractions.py")
    text = (here / "toy_plugin.py").read_text()
    (here / "toy_plugin.py").write_text(text + "\nimport fractions\nfractions.Fraction(1)\n")
    done = run(COMMAND, "run", "toy.yaml", "--workers", 2)
    assert done.returncode == 0 and not canary.exists(), done.stderr
