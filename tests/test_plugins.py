"""Loading plugins: each alone, a broken one is a value, and its message says what is wrong."""

import json
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from structkit.discovery.loading import discover
from structkit.errors import SpecError

GOOD = """
from structkit import Source, hookimpl
STRUCTKIT_API = 1
@hookimpl
def structkit_sources():
    yield Source(name="{name}", build="nowhere:Nothing", summary="a test")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a fake installed distribution on the path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def add(distribution, code, entry=None):
        module = distribution.replace("-", "_")
        (site / f"{module}.py").write_text(textwrap.dedent(code))
        info = site / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[structkit]\n{entry or distribution} = {module}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        return site

    return add


def plugin(registry, name):
    return next(p for p in registry.plugins if p.distribution == name)


BROKEN = {
    "import error": (
        "import no_such_module_anywhere",
        "P002 failed to import: ModuleNotFoundError: No module named",
    ),
    "exit on import": ("import sys; sys.exit(0)", "P002 failed to import: SystemExit: 0"),
    "syntax": ("def broken(:", "P002 failed to import: SyntaxError"),
    "no api": ("x = 1", "P004 plugin does not say its API; add STRUCTKIT_API = 1"),
    "wrong api": ("STRUCTKIT_API = 2", "P004 needs structkit API 2, this is 1"),
    "misspelt hook": (
        "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_souces(): return []\n",
        "did you mean 'structkit_sources'?",
    ),
    "wrong arguments": (
        "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_run_started(rnu): pass\n",
        "P005",
    ),
    "exception in a hook": (
        "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_sources(): raise KeyError('gone')\n",
        "P002 failed to import: KeyError: 'gone'",
    ),
    "wrong declaration": (
        "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_sources(): return ['x']\n",
        "P006 structkit_sources gave a str, expected a Source",
    ),
    "unmarked hook": (
        "STRUCTKIT_API = 1\ndef structkit_sources(): return []\n",
        "P005 structkit_sources is not marked; write @hookimpl above it",
    ),
    "build is a class": (
        GOOD.format(name="fine").replace('"nowhere:Nothing"', "int"),
        "P006 component 'fine': build is <class 'int'>; name a class: 'package.module:Class'",
    ),
    "build without a class": (
        GOOD.format(name="fine").replace("nowhere:Nothing", "nowhere"),
        "P006 component 'fine': build is",
    ),
    "settings is a mapping": (
        GOOD.format(name="fine").replace("summary=", "settings={}, summary="),
        "P006 component 'fine': settings is {}; give a class that inherits from structkit.Settings",
    ),
    "settings is another model": (
        "import pydantic\n"
        + GOOD.format(name="fine").replace("summary=", "settings=pydantic.BaseModel, summary="),
        "P006 component 'fine': settings is",
    ),
    "versions are words": (
        GOOD.format(name="fine").replace("summary=", "versions={'loop': '3'}, summary="),
        "P006 component 'fine': versions is {'loop': '3'}; map names to numbers",
    ),
    "bad name": (GOOD.format(name="Not Kebab"), "P006 component name 'Not Kebab'; use kebab-case"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_plugin_is_a_value(case, install):
    code, expected = BROKEN[case]
    install("structkit-broken", code)
    install("structkit-fine", GOOD.format(name="fine-source"))
    registry = discover()
    assert expected in str(plugin(registry, "structkit-broken").problem)
    assert plugin(registry, "structkit-fine").problem is None
    assert registry.get("fine-source").qualified == "structkit-fine/fine-source"


def test_broken_plugin_is_fatal_only_to_who_needs_it(install):
    install("structkit-broken", "import no_such_module_anywhere")
    registry = discover()
    assert registry.get("select").plugin.distribution == "structkit-core"
    with pytest.raises(SpecError, match="P002 plugin structkit-broken is broken"):
        registry.get("structkit-broken/thing")
    with pytest.raises(SpecError, match="these plugins failed to load: structkit-broken"):
        registry.get("some-thing")


def test_two_providers_clash_only_for_the_short_name(install):
    install("structkit-one", GOOD.format(name="shared-name"))
    install("structkit-two", GOOD.format(name="shared-name"))
    registry = discover()
    with pytest.raises(
        SpecError, match="P003 2 plugins provide 'shared-name'; say which: structkit-"
    ):
        registry.get("shared-name")
    assert registry.get("structkit-two/shared-name").plugin.distribution == "structkit-two"


def test_keyboard_interrupt_is_not_swallowed(install):
    install("structkit-interrupted", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        discover()


def test_block_variable_leaves_plugins_out(install, monkeypatch):
    install("structkit-fine", GOOD.format(name="fine-source"))
    monkeypatch.setenv("STRUCTKIT_BLOCK", "structkit-fine,structkit-cnn-classifier")
    names = {p.distribution for p in discover().plugins}
    assert (
        "structkit-fine" not in names
        and "structkit-cnn-classifier" not in names
        and "structkit-core" in names
    )


@pytest.mark.parametrize(
    "error", ["ValueError('no\\n\\x1b[31mluck')", "SystemExit('no\\n\\x1b[31mluck')"]
)
def test_event_that_fails_is_one_line_and_not_fatal(error, install, caplog, capsys):
    code = "from structkit import hookimpl\nSTRUCTKIT_API = 1\n@hookimpl\ndef structkit_step_finished(run):"
    install("structkit-noisy", f"{code} raise {error}\n")
    discover().notify("structkit_step_finished", run=None, step="", cached=False, seconds=0.0)
    line = (
        f"structkit_step_finished failed in plugin structkit-noisy: {error.partition('(')[0]}: no "
    )
    assert line in caplog.text and "Traceback" in caplog.text
    assert capsys.readouterr().err == line + "\\x1b[31mluck\n"


def test_edited_plugin_has_another_digest(install):
    site = install("structkit-fine", GOOD.format(name="fine-source"))
    before = plugin(discover(), "structkit-fine").code_digest
    (site / "structkit_fine.py").write_text(GOOD.format(name="fine-source") + "# edited\n")
    assert plugin(discover(), "structkit-fine").code_digest == before, (
        "what runs in this process is the old code"
    )
    del sys.modules["structkit_fine"]
    assert plugin(discover(), "structkit-fine").code_digest != before


def test_plugins_list_and_check_and_show(cli):
    listed = json.loads(cli("plugins", "list", "--json").out)
    names = {c["name"]: c["kind"] for p in listed for c in p["components"]}
    assert names["files"] == "source" and names["diffraction-fingerprint"] == "descriptor"
    others = {one["name"]: one["sort"] for p in listed for one in p["extensions"]}
    assert others["processes"] == "executor" and others["lattices"] == "ready model"
    shown = cli("plugins", "show", "diffraction-fingerprint")
    assert (
        shown.code == 0
        and "wavelength: number > 0 (default 0.05)" in shown.out
        and "10.1038" in shown.out
    )
    assert cli("plugins", "check", "structkit-core").code == 0
    wrong = cli("plugins", "show", "diffraction-fingerprnt")
    assert wrong.code == 2 and "did you mean 'diffraction-fingerprint'?" in wrong.err
    assert cli("plugins", "check", "structkit-none").code == 2


def test_broken_plugin_is_shown_with_its_cause(cli, install, tmp_path):
    install("structkit-broken", "import no_such_module_anywhere")
    path = {"PYTHONPATH": str(tmp_path / "site")}
    listed = cli("plugins", "list", env=path)
    assert listed.code == 0
    assert "structkit-broken 1.0 (entry point structkit-broken) BROKEN: P002" in listed.out
    checked = cli("plugins", "check", "structkit-broken", env=path)
    assert checked.code == 4 and "ModuleNotFoundError" in checked.err


def test_loose_plugins_are_listed_shown_and_checked(cli, here):
    listed = cli("plugins", "list", "--file", "toy_plugin.py")
    assert "toy_plugin 0\n  source     toy-crystals" in listed.out, listed
    assert (
        "of the distance histogram"
        in cli("plugins", "show", "toy-vector", "--file", "toy_plugin.py").out
    )
    assert cli("plugins", "check", "toy_plugin.py").out.endswith("5 components, no problem found\n")
    (here / "bad.py").write_text("STRUCTKIT_API = 1\n1 / 0\n")
    bad = cli("plugins", "check", "bad.py")
    assert bad.code == 4 and "P002 failed to import: ZeroDivisionError" in bad.err
    gone = cli("plugins", "check", "gone.py")
    assert gone.code == 4 and "no Python file at gone.py" in gone.err


def test_two_hundred_plugins_are_not_touched_by_help_and_each_loaded_alone_by_list(cli, here):
    """Every one leaves a file when it is imported; one in ten is broken."""
    site = here / "site"
    site.mkdir()
    for number in range(200):
        name = f"many_{number:03d}"
        body = GOOD.format(name=f"many-{number}") if number % 10 else "import gone_missing"
        mark = f"import pathlib; pathlib.Path({str(here / f'{name}.seen')!r}).touch()\n"
        (site / f"{name}.py").write_text(mark + body)
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[structkit]\n{name} = {name}\n")
    path = {"PYTHONPATH": str(site)}
    assert cli("--help", env=path).code == 0
    assert not list(here.glob("*.seen"))
    found = json.loads(cli("plugins", "list", "--json", env=path).out)
    assert len(list(here.glob("*.seen"))) == 200
    mine = [plugin for plugin in found if plugin["distribution"].startswith("many_")]
    assert sum(plugin["problem"] is not None for plugin in mine) == 20
    assert sum(len(plugin["components"]) for plugin in mine) == 180


@pytest.mark.slow
def test_plugin_that_hangs_is_named(install, cli):
    site = install("structkit-slow", "import time; time.sleep(7)\nSTRUCTKIT_API = 1\n")
    found = cli("plugins", "list", env={"PYTHONPATH": str(site)})
    assert "P014 plugin structkit-slow has been importing for 5 s" in found.err, found
    assert "STRUCTKIT_BLOCK=structkit-slow leaves it out" in found.err
    assert found.code == 0 and "structkit-slow 1.0" in found.out
    assert (
        "P014"
        not in cli(
            "plugins", "list", env={"PYTHONPATH": str(site), "STRUCTKIT_BLOCK": "structkit-slow"}
        ).err
    )


def test_component_that_hangs_is_named_and_stopped(here):
    """The line of progress says whose turn it is; Ctrl-C ends it, and the same command goes on."""
    code = (here / "toy_plugin.py").read_text()
    (here / "toy_plugin.py").write_text(
        code.replace(
            "def samples(self, task, rng):",
            "def samples(self, task, rng):\n        import time; time.sleep(600)",
        )
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "structkit", "run", "toy.yaml"],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr.readline() == "crystals ...\n"
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    assert "stopped; the same command goes on from here" in run.communicate(timeout=20)[1]
    assert run.returncode == 130


@pytest.mark.parametrize(
    "value", ["my-rings.plugin", "", "src/my_rings/plugin.py", "json:nothing", "..plugin"]
)
def test_entry_point_that_names_no_module_breaks_that_plugin_alone(value, install):
    site = install("structkit-wrong", GOOD.format(name="wrong-source"))
    (site / "structkit_wrong-1.0.dist-info/entry_points.txt").write_text(
        f"[structkit]\nwrong = {value}\n"
    )
    install("structkit-fine", GOOD.format(name="fine-source"))
    registry = discover()
    found = [p for p in registry.plugins if p.distribution == "structkit-wrong"]
    assert not found or str(found[0].problem).startswith(
        f"P002 its entry point names no module: '{value}'"
    )
    assert registry.get("fine-source").qualified == "structkit-fine/fine-source"


def test_two_entry_points_of_one_distribution(install, cli):
    site = install("structkit-two", GOOD.format(name="first"))
    (site / "structkit_other.py").write_text(GOOD.format(name="second"))
    (site / "structkit_two-1.0.dist-info/entry_points.txt").write_text(
        "[structkit]\na = structkit_two\nb = structkit_other\n"
    )
    registry = discover()
    assert {c.qualified for c in registry.components} >= {
        "structkit-two/first",
        "structkit-two/second",
    }
    checked = cli("plugins", "check", "structkit-two", env={"PYTHONPATH": str(site)})
    assert checked.code == 4 and checked.err.count("cannot import nowhere:Nothing") == 2, checked


def test_code_is_that_of_the_whole_package_wherever_the_plugin_lies_in_it(install):
    site = install("structkit-deep", "", entry="deep")
    folder = site / "deep/inner"
    folder.mkdir(parents=True)
    for place in (folder, folder.parent):
        (place / "__init__.py").touch()
    (folder / "plugin.py").write_text(GOOD.format(name="deep-source"))
    (folder.parent / "work.py").write_text("FORMULA = 1\n")
    (site / "structkit_deep-1.0.dist-info/entry_points.txt").write_text(
        "[structkit]\ndeep = deep.inner.plugin\n"
    )
    before = plugin(discover(), "structkit-deep").code_digest
    (folder.parent / "work.py").write_text("FORMULA = 2\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "deep"]:
        del sys.modules[name]
    assert plugin(discover(), "structkit-deep").code_digest != before


def test_code_of_a_single_file_is_that_file(install):
    site = install("structkit-single", GOOD.format(name="single-source"))
    before = plugin(discover(), "structkit-single").code_digest
    (site / "neighbour.py").write_text("x = 1\n")
    assert plugin(discover(), "structkit-single").code_digest == before


def test_class_that_does_not_take_its_settings_is_found_by_check(cli, here):
    code = "from pydantic import Field\n" + GOOD.format(name="bare") + (
        "class Bare:\n    def tasks(self): ...\n    def samples(self, task, rng): ...\n"
        "from structkit import Settings\nclass Words(Settings):\n    size: int = Field(3)\n    'of it'\n")  # fmt: skip
    code = code.replace('"nowhere:Nothing"', '__name__ + ":Bare"').replace(
        "summary=", "settings=Words, summary="
    )
    (here / "bare.py").write_text(code)
    found = cli("plugins", "check", "bare.py")
    assert (
        found.code == 4 and "P006 bare:Bare does not take its settings: TypeError" in found.err
    ), found
