"""The example of a plugin from outside: installed, listed, run, its own tests, its section in the report."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[1] / "examples/third-party-plugin"
OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps")


def test_it_installs_runs_and_passes_its_own_tests(tmp_path, python):
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLE, folder)
    python(folder, "-m", "pip", "install", *OPTIONS, "--target", tmp_path / "site", folder)
    listed = python(folder, "-m", "structkit", "plugins", "list")
    assert re.search(
        r"structkit-bond-order 0.1.0\n  transform  thermal-displacements .*\n  descriptor bond-order",
        listed,
    )
    assert "report: " in python(folder, "-m", "structkit", "run", "pipeline.yaml")
    report = (folder / "runs/bond-order/report.html").read_text()
    assert "Bond order (order)" in report and "mean q6 of atoms" in report
    assert " passed" in python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_its_code_is_in_order():
    subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", EXAMPLE], check=True)
