"""What is said of the plugins that are installed is kept, and found out anew once one of them changes."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from structkit.cli import plugins
from structkit.discovery import kept as module
from structkit.discovery.catalogue import component_facts
from structkit.discovery.kept import installed_state, kept
from structkit.discovery.loading import discover
from structkit.errors import SpecError

CODE = """
from structkit import Descriptor, hookimpl
STRUCTKIT_API = 1
@hookimpl
def structkit_descriptors():
    yield Descriptor(name="rings", build="rings_plugin.rings:Rings", produces="vector",
                     settings="rings_plugin.settings:{name}", summary="{summary}")
"""
SETTINGS = """
from structkit import Settings
class RingSettings(Settings):
    largest: int = 8
    "The largest ring, in atoms."
class NoClassOfSettings:
    pass
"""
OLD = 60  # seconds


@pytest.fixture
def rings(tmp_path, monkeypatch):
    """A plugin that is installed as a package, and what writes its code anew."""
    site = tmp_path / "site"
    info = site / "structkit_rings-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: structkit-rings\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[structkit]\nrings = rings_plugin.plugin\n")
    package = site / "rings_plugin"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "settings.py").write_text(SETTINGS)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "SETTLED", 0)  # a test does not wait for two seconds
    monkeypatch.syspath_prepend(str(site))

    def write(summary="rings of bonds", name="RingSettings", settings=SETTINGS):
        (package / "settings.py").write_text(settings)
        (package / "plugin.py").write_text(CODE.format(summary=summary, name=name))
        for loaded in [name for name in sys.modules if name.startswith("rings_plugin")]:
            monkeypatch.delitem(sys.modules, loaded)

    write()
    return write


def told(capsys, *arguments):
    plugins.list_plugins(*arguments)
    listed = json.loads(capsys.readouterr().out)
    mine = [p for p in listed if p["distribution"] == "structkit-rings"]
    return mine[0]["components"][0]["summary"] if mine and mine[0]["components"] else None


def test_an_answer_is_given_again_until_the_code_changes(rings, capsys):
    asked = []

    def ask(registry):
        assert registry.components
        asked.append(len(asked))
        return {"asked": len(asked)}

    assert kept("question", ask) == {"asked": 1} == kept("question", ask)
    assert kept("another", ask) == {"asked": 2}
    rings("rings of three and more")
    assert kept("question", ask) == {"asked": 3}
    assert told(capsys, True) == "rings of three and more"
    rings("all rings")
    assert told(capsys, True) == "all rings"


def test_a_file_of_the_same_length_and_time_is_another_file(rings):
    before = installed_state()
    plugin = next(Path(place) / "rings_plugin/plugin.py" for place in sys.path if "site" in place)
    facts = plugin.stat()
    text = plugin.read_text().replace("bonds", "atoms")
    plugin.write_text(text)
    os.utime(plugin, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert plugin.stat().st_size == facts.st_size
    assert installed_state() != before


def test_what_was_changed_just_now_is_not_kept(rings, monkeypatch):
    monkeypatch.setattr(module, "SETTLED", OLD * 10**9)
    rings()
    assert installed_state() == ""
    answers = iter([1, 2])
    assert [kept("question", lambda registry: next(answers)) for _ in range(2)] == [1, 2]


def test_a_broken_plugin_is_not_kept(rings, capsys, tmp_path):
    rings(summary='" + missing + "')
    for _ in range(2):
        plugins.list_plugins(False)
        assert "structkit-rings 1.0 (entry point rings) BROKEN: P002" in capsys.readouterr().out
    assert not list((tmp_path / "cache").rglob("plugins.json"))


def test_another_entry_point_of_the_same_distribution_is_another_state(rings, tmp_path):
    before = installed_state()
    entries = tmp_path / "site/structkit_rings-1.0.dist-info/entry_points.txt"
    entries.write_text("[structkit]\nrings = rings_plugin.other\n")
    assert installed_state() != before


def test_a_file_behind_a_link_is_looked_at(rings, tmp_path):
    package = tmp_path / "site/rings_plugin"
    elsewhere = tmp_path / "elsewhere.py"
    (package / "settings.py").rename(elsewhere)
    (package / "settings.py").symlink_to(elsewhere)
    before = installed_state()
    elsewhere.write_text(SETTINGS + "\n")
    assert installed_state() != before


def test_a_library_that_plugins_take_settings_from_is_looked_at(rings, tmp_path):
    library = tmp_path / "site/structkit_rings_library"
    library.mkdir()
    (library / "__init__.py").write_text("LARGEST = 8\n")
    before = installed_state()
    (library / "__init__.py").write_text("LARGEST = 9\n")
    assert installed_state() != before


@pytest.mark.parametrize("where", ["no folder", "not readable"])
def test_a_cache_that_cannot_be_used_is_done_without(rings, capsys, tmp_path, monkeypatch, where):
    assert told(capsys, True) == "rings of bonds"
    record = tmp_path / "cache/structkit/plugins.json"
    if where == "no folder":
        monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    else:

        def refused(path, **words):
            raise PermissionError(13, "Permission denied", str(path))

        assert record.exists()
        monkeypatch.setattr(module, "read_sealed", refused)
    assert told(capsys, True) == "rings of bonds"


INFINITE = SETTINGS.replace("largest: int = 8", "largest: float = float('inf')").replace(
    "class RingSettings(Settings):",
    "class RingSettings(Settings):\n    model_config = {'allow_inf_nan': True}",
)


@pytest.mark.parametrize("settings", [INFINITE, SETTINGS + "print('hello')\n"])
def test_settings_of_one_plugin_spoil_no_answer_about_others(rings, capsys, settings):
    rings(settings=settings)
    plugins.show_component("diffraction-fingerprint", as_json=True)
    assert json.loads(capsys.readouterr().out)["name"] == "diffraction-fingerprint"


def test_settings_that_end_the_process_are_told_of_their_component(rings, capsys, tmp_path):
    rings(settings="import sys\nsys.exit(3)\n")
    plugins.show_component("diffraction-fingerprint", as_json=True)
    assert json.loads(capsys.readouterr().out)["name"] == "diffraction-fingerprint"
    with pytest.raises(SpecError, match="P002 rings: cannot import its settings .*SystemExit: 3"):
        plugins.show_component("rings", as_json=True)
    assert not list((tmp_path / "cache").rglob("components.json")), "it may load tomorrow"


@pytest.mark.parametrize("damage", ["cut", "no JSON", "edited", "a folder"])
def test_a_damaged_answer_is_found_out_anew(rings, capsys, tmp_path, damage):
    assert told(capsys, True) == "rings of bonds"
    record = tmp_path / "cache/structkit/plugins.json"
    text = record.read_text()
    assert "rings of bonds" in text
    if damage == "a folder":
        record.unlink()
        record.mkdir()
    else:
        new = {"cut": text[:-9], "no JSON": "{", "edited": text.replace("of bonds", "of steel")}
        record.write_text(new[damage])
    assert told(capsys, True) == "rings of bonds"


def test_every_component_is_shown_as_without_the_kept_answer(rings, capsys):
    for component in discover().components:
        for _ in range(2):
            plugins.show_component(component.qualified, as_json=True)
            shown = json.loads(capsys.readouterr().out)
            assert shown == json.loads(json.dumps(component_facts(component)))


def test_settings_that_are_only_named_are_imported_when_they_are_used(rings, cli, tmp_path, here):
    named = "from: made, use: rings"
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    spec = here / "rings.yaml"
    spec.write_text(
        "structkit: 1\nname: rings\nplugins: [toy_plugin.py]\n"
        f"steps:\n  made: {{use: toy-crystals}}\n  rings: {{{named}, with: {{largest: 0.5}}}}\n"
    )
    wrong = cli("validate", spec, env=environment)
    assert wrong.code == 2 and "steps.rings.with.largest: expected integer, found 0.5" in wrong.err
    rings(name="NoClassOfSettings")
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    broken = cli("validate", spec, env=environment)
    assert broken.code == 2 and f"{spec.name}:6: P006 component 'rings': settings is" in broken.err
    rings(name="Missing")
    broken = cli("validate", spec, env=environment)
    assert (
        f"{spec.name}:6: P002 rings: cannot import its settings rings_plugin.settings:Missing"
        in (broken.err)
    )
    checked = cli("plugins", "check", "structkit-rings", env=environment)
    assert checked.code == 4
    assert cli("schema", env=environment).code == 0, "a plugin fails alone"
    assert cli("plugins", "list", env=environment).code == 0
