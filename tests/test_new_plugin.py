"""A new plugin of every kind, by the road its author takes: write, install, list, run, test."""

import re
import subprocess
import sys

import pytest

from structkit.discovery.scaffold.writing import new_plugin
from structkit.errors import SpecError

pytestmark = pytest.mark.slow

KIND_NAMES = ["source", "transform", "descriptor", "model", "explainer", "event"]
OFTEN = ("model",)  # installed and run by `make test`, the others by `make members`


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=() if kind in OFTEN else pytest.mark.thorough)
        for kind in KIND_NAMES
    ],
)
def test_it_installs_appears_runs_and_passes_its_own_tests(kind, tmp_path, python):
    folder = new_plugin("my-first-idea", kind, tmp_path)
    options = ("--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps")
    python(folder, "-m", "pip", "install", *options, "--target", tmp_path / "site", folder)
    listed = python(folder, "-m", "structkit", "plugins", "list")
    shown = "" if kind == "event" else f"  {kind:<10} my-first-idea"
    assert f"structkit-my-first-idea 0.1.0\n{shown}" in listed
    python(folder, "-m", "structkit", "run", "pipeline.yaml")
    assert list(folder.glob("runs/*/done.json"))
    assert " passed" in python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "no problem found" in python(
        folder, "-m", "structkit", "plugins", "check", "structkit-my-first-idea"
    )


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_its_code_is_in_order(kind, tmp_path):
    folder = new_plugin("structkit-bond-order", kind, tmp_path)
    assert (folder / "src/structkit_bond_order/plugin.py").is_file(), "the prefix is not doubled"
    for action in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *action, "--no-cache", folder],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
    for path in folder.rglob("*"):
        assert not path.is_file() or not re.search(
            r"@(component|distribution|package|Class)@", path.read_text()
        )


@pytest.mark.parametrize("name", ["", "My-Plugin", "a_b", "../up", "-x", "structkit-", "a--b", "ä"])
def test_names_that_are_none(name, tmp_path):
    with pytest.raises(SpecError, match="P020"):
        new_plugin(name, "model", tmp_path)
    assert not any(tmp_path.iterdir())


def test_unknown_kind_and_a_folder_that_is_there(cli, here):
    wrong = cli("new-plugin", "rings", "--kind", "descripter")
    assert (wrong.code, wrong.err) == (
        2,
        "P020 no kind 'descripter'; did you mean 'descriptor'?\n",
    ), wrong
    assert cli("new-plugin", "rings", "--kind", "descriptor").code == 0
    (here / "rings/README.md").write_text("mine")
    again = cli("new-plugin", "rings", "--kind", "model")
    assert again.code == 2 and "P021 rings exists already" in again.err
    assert (here / "rings/README.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["core", "structkit-baselines", "crystal-prototypes", "a" * 100])
def test_names_that_are_taken(name, tmp_path):
    with pytest.raises(SpecError, match="P020"):
        new_plugin(name, "source", tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sample", "transform"), ("table", "model"), ("atoms", "descriptor"), ("none", "source")],
)
def test_name_of_something_that_the_code_uses(name, kind, tmp_path):
    folder = new_plugin(name, kind, tmp_path)
    assert (
        f"class {name.capitalize()}{kind.capitalize()}:"
        in next(folder.rglob("component.py")).read_text()
    )


def test_parent_that_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpecError, match="P021"):
        new_plugin("rings", "model", tmp_path / "file")
