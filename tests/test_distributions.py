"""Every distribution can be built, without a network, and holds what it needs."""

import tomllib
import zipfile
from pathlib import Path

import pytest
from flit_core import buildapi
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]


def project(folder):
    return tomllib.loads((folder / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_distribution_is_built_with_all_its_files(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    archive = tmp_path / buildapi.build_sdist(str(tmp_path))
    facts = project(folder)
    stem = facts["name"].replace("-", "_")
    assert (
        wheel.name.startswith(f"{stem}-{facts['version']}-")
        and archive.name == f"{stem}-{facts['version']}.tar.gz"
    )
    names = {name for name in zipfile.ZipFile(wheel).namelist() if "dist-info" not in name}
    package = next(folder.glob("src/structkit_*"), folder / "structkit")
    wanted = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == wanted, "templates, styles and py.typed come along"


def test_the_version_is_one():
    import structkit

    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text())
    versions = {project(folder)["version"] for folder in FOLDERS}
    assert versions == {structkit.__version__} == {str(citation["version"])}


def test_hosts_run_what_we_run():
    yaml = YAML(typ="safe")
    workflow = yaml.load((ROOT / ".github/workflows/ci.yml").read_text())
    commands = [step.get("run") for step in workflow["jobs"]["tests"]["steps"]]
    assert ".ci/run" in commands and (ROOT / ".ci/run").is_file()
    pages = yaml.load((ROOT / ".readthedocs.yaml").read_text())
    assert (ROOT / pages["sphinx"]["configuration"]).is_file()
    lists = [one["requirements"] for one in pages["python"]["install"]]
    assert all((ROOT / name).is_file() for name in lists)
    dockerfile = (ROOT / "Dockerfile").read_text().splitlines()
    assert len([line for line in dockerfile if not line.startswith("#")]) <= 10
