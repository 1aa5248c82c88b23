"""Code that is edited while a run starts or goes on: rows of the new code never lie under the digest of the old."""

import importlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from structkit.discovery import imported
from structkit.discovery.plugin import Plugin, digest_of_loose, load_loose
from structkit.engine.building import build_anew, require_code
from structkit.engine.recipe import Recipe
from structkit.errors import StepError

pytestmark = pytest.mark.members

MODULES = {
    "__init__.py": "",
    "plugin.py": "STRUCTKIT_API = 1\n",
    "settings.py": "from structkit.components import NoSettings as Words\n",
    "work.py": "class Work:\n    number = 1\n\n    def late(self):\n        from edited_rings import late\n"
    "        return late.NUMBER\n",
    "late.py": "NUMBER = 1\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An editable plugin that is found by the path of its folder."""
    folder = tmp_path / "edited_rings"
    folder.mkdir()
    for name, text in MODULES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "edited_rings"]:
        del sys.modules[name]
    for name in [name for name in imported._code if name.startswith(str(folder))]:
        del imported._code[name]


def digest():
    imported.watch("edited_rings.plugin")
    return Plugin("rings", "1", "rings", importlib.import_module("edited_rings.plugin")).code_digest


def recipe(code):
    words = "edited_rings.settings:Words"
    return Recipe("edited_rings.work:Work", "{}", words, "rings (rings 1)", 0, "rings/rings", code=code,
                  plugin="edited_rings.plugin")  # fmt: skip


def edit(path, before="1", after="2"):
    """As an editor does, in the same second and to the same size: a compiled file would still seem right."""
    facts = path.stat()
    path.write_text(path.read_text().replace(before, after))
    import os

    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def forget():
    """Be another process, which imports everything anew; compiled files are there."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "edited_rings"]:
        del sys.modules[name]
    imported._code.clear()
    importlib.invalidate_caches()


def test_code_that_stays_is_built(package):
    made = build_anew(recipe(digest()))
    assert made.number == 1 and made.late() == 1
    require_code(recipe(digest()))


@pytest.mark.parametrize("name", ["plugin.py", "settings.py", "work.py", "late.py"])
def test_a_worker_that_imports_an_edited_module_is_refused(name, package):
    code = digest()
    forget()
    edit(package / name, "1", "2") if name != "settings.py" else edit(
        package / name, "as Words", "as  Words"
    )
    with pytest.raises(StepError, match="P017"):
        build_anew(recipe(code))


@pytest.mark.parametrize("name", ["work.py", "late.py"])
def test_a_module_that_is_edited_between_digest_and_import_is_refused(name, package):
    code = digest()
    edit(package / name)
    with pytest.raises(StepError, match="P017"):
        made = build_anew(recipe(code))
        made.late()
        require_code(recipe(code))


def test_an_edit_before_the_digest_leaves_the_digest_of_what_is_imported(package):
    code = digest()
    forget()
    imported.watch("edited_rings.plugin")
    importlib.import_module("edited_rings.plugin")
    importlib.import_module("edited_rings.work")
    edit(package / "work.py")
    assert digest() == code, "the module that runs is the old one"
    assert build_anew(recipe(code)).number == 1


@pytest.mark.parametrize("change", ["added", "deleted", "put back"])
def test_other_changes(change, package):
    code = digest()
    made = build_anew(recipe(code))
    if change == "added":
        (package / "more.py").write_text("x = 1\n")
        made.late()
        with pytest.raises(StepError, match="P017"):
            require_code(recipe(code))
    elif change == "deleted":
        (package / "work.py").unlink()
        made.late()
        require_code(recipe(code))
    else:
        edit(package / "late.py")
        assert made.late() == 2
        edit(package / "late.py", "2", "1")
        with pytest.raises(StepError, match="P017"):
            require_code(recipe(code))


def test_no_compiled_file_stands_in_for_a_source(package):
    import py_compile

    digest()
    edit(package / "late.py")
    stale = py_compile.compile(str(package / "late.py"), doraise=True)
    edit(package / "late.py", "2", "1")
    assert Path(stale).exists()
    assert importlib.import_module("edited_rings.late").NUMBER == 1


@pytest.mark.parametrize(
    "text", ["", "syntax error(", "raise SystemExit", "open('canary', 'w')", "STRUCTKIT_API = 2"]
)
def test_an_edited_loose_plugin_is_refused_before_any_of_it_runs(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "loose.py"
    path.write_text("from structkit.components import NoSettings\nclass Work: pass\n")
    module = load_loose(path)
    one = Recipe(f"{module.__name__}:Work", "{}", f"{module.__name__}:NoSettings", "w", 0, "w", loose=path,
                 code=digest_of_loose(path))  # fmt: skip
    build_anew(one)
    del sys.modules[module.__name__]  # as in a worker that has yet to import it
    path.write_text(text)
    with pytest.raises(StepError, match="P017"):
        build_anew(replace(one))
    assert not (tmp_path / "canary").exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_loose_plugin_edited_when_the_run_starts_is_not_kept(workers, quick, here, monkeypatch):
    from structkit.store.store import Store

    right = Store.serving

    def serving(self, run):
        with (here / "toy_plugin.py").open("a") as stream:
            stream.write("# edited\n")
        return right(self, run)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "serving", serving)
        result = quick("run", "toy.yaml", "--workers", workers)
    if workers == 1:
        assert result.code == 0, "this process runs what it has loaded, under its digest"
    else:
        assert result.code == 4 and "P017" in result.err, result
    before = {p.name for p in (here / ".structkit/store").glob("*/*")}
    shutil.rmtree(here / "runs")
    assert quick("run", "toy.yaml").code == 0
    after = {p.name for p in (here / ".structkit/store").glob("*/*")}
    assert len(after) > len(before), "the edited plugin has other keys"
