"""Which loose plugins may run unasked is known to this user alone: nothing that comes with a folder says it."""

import json
import os
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from structkit.discovery import allowed
from structkit.discovery.plugin import Plugin, digest_of_loose
from structkit.discovery.registry import BLOCK_VARIABLE
from structkit.errors import SpecError
from structkit.store.files import digest, file_digest
from structkit.upkeep.received import permit, require_used

pytestmark = pytest.mark.members


@pytest.fixture
def state(tmp_path, monkeypatch):
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "structkit"


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("STRUCTKIT_API = 1\n")
    return path


def remembered(path):
    return allowed.is_remembered(path, digest_of_loose(path))


def remember(path):
    from structkit.discovery.plugin import load_loose

    allowed.remember([Plugin("mine", "0", "", load_loose(path), file=path)])


def test_what_was_run_is_remembered_as_it_was_run(state, plugin):
    assert not remembered(plugin)
    remember(plugin)
    assert remembered(plugin)
    require_used([plugin])
    plugin.write_text("STRUCTKIT_API = 1\nprint()\n")
    assert not remembered(plugin)
    with pytest.raises(SpecError, match="P008"):
        require_used([plugin])
    require_used([plugin], [plugin])


def test_an_edit_while_it_runs_is_not_remembered(state, plugin):
    from structkit.discovery.plugin import load_loose

    module = load_loose(plugin)
    plugin.write_text("STRUCTKIT_API = 1\nraise SystemExit\n")
    allowed.remember([Plugin("mine", "0", "", module, file=plugin)])
    assert not remembered(plugin)


def test_the_secret_is_for_this_user_alone(state, plugin):
    remember(plugin)
    secret = state / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600 and secret.stat().st_size == 32
    before = secret.read_bytes()
    remember(plugin)
    assert secret.read_bytes() == before
    assert [p.name for p in state.iterdir() if p.name.startswith(".")] == []


def readable(secret):
    secret.chmod(0o644)


def writable(secret):
    secret.chmod(0o620)


def short(secret):
    secret.write_bytes(b"")


def link(secret):
    secret.rename(secret.with_name("elsewhere"))
    secret.symlink_to("elsewhere")


def pipe(secret):
    secret.unlink()
    os.mkfifo(secret, 0o600)


def folder(secret):
    secret.unlink()
    secret.mkdir()


def another(secret):
    secret.write_bytes(b"x" * 32)


@pytest.mark.parametrize("harm", [readable, writable, short, link, pipe, folder, another])
def test_a_secret_that_others_may_know_voids_all_marks(harm, state, plugin):
    remember(plugin)
    harm(state / "secret")
    assert not remembered(plugin)
    remember(plugin)
    assert remembered(plugin)


def copied_under_another_name(state, plugin, marks):
    other = plugin.with_name("other.py")
    shutil.copy(plugin, other)
    return other


def unkeyed(state, plugin, marks):
    (marks / digest([str(plugin), file_digest(plugin)])).write_text("")
    return plugin


def unkeyed_code(state, plugin, marks):
    (marks / digest([str(plugin), digest_of_loose(plugin)])).write_text("")
    return plugin


def of_another_user(state, plugin, marks):
    shutil.rmtree(marks)
    (state / "secret").unlink(missing_ok=True)
    os.environ["XDG_STATE_HOME"] += "-other"
    remember(plugin)
    theirs = Path(os.environ["XDG_STATE_HOME"]) / "structkit"
    os.environ["XDG_STATE_HOME"] = os.environ["XDG_STATE_HOME"].removesuffix("-other")
    remember(plugin.with_name("else.py"))
    for mark in (theirs / "plugins").iterdir():
        shutil.copy(mark, marks / mark.name)
    return plugin


def link_to_a_mark(state, plugin, marks):
    mark = next(marks.iterdir())
    mark.rename(mark.with_name("moved"))
    mark.symlink_to("moved")
    return plugin.with_name("else.py")


@pytest.mark.parametrize(
    "forged",
    [copied_under_another_name, unkeyed, unkeyed_code, of_another_user, link_to_a_mark],
    ids=lambda f: f.__name__,
)
def test_no_mark_can_be_forged(forged, state, plugin):
    other = plugin.with_name("else.py")
    other.write_text("STRUCTKIT_API = 1\n# else\n")
    remember(other)
    assert not remembered(forged(state, plugin, state / "plugins"))


@pytest.mark.parametrize("named", ["", ".", "state", "../state"])
def test_a_relative_state_folder_is_passed_over(named, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert allowed.state_folder().is_relative_to(tmp_path)


def test_without_a_place_to_remember_nothing_fails(tmp_path, plugin, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    remember(plugin)
    assert not remembered(plugin)


def test_what_is_exchanged_after_it_was_asked_for_does_not_run(state, plugin, tmp_path):
    from structkit.discovery.loading import discover

    remember(plugin)
    require_used([plugin])
    plugin.write_text(f"open({str(tmp_path / 'canary')!r}, 'w')\n")
    found = [p for p in discover([plugin], permit()).plugins if p.file]
    assert found[0].problem.code == "P008" and not (tmp_path / "canary").exists()


@pytest.mark.slow
@pytest.mark.parametrize("verb", [["verify", "runs/toy", "--rerun"], ["report", "runs/toy"]])
def test_a_store_does_not_bring_marks(verb, state, quick, here, monkeypatch):
    others = [p.dist.name for p in entry_points(group="structkit") if p.name != "core"]
    monkeypatch.setenv(BLOCK_VARIABLE, ",".join(others))
    assert quick("run", "toy.yaml").code == 0
    shutil.rmtree(
        state
    )  # as if it were another user, who received the folder with all that is in it
    marks = here / ".structkit/plugins"
    marks.mkdir()
    file = here / "toy_plugin.py"
    (marks / digest([str(file), file_digest(file)])).write_text(f"{file}\n")
    with (here / "toy_plugin.py").open("a") as stream:
        stream.write("")
    result = quick(*verb)
    assert result.code == 2 and "P008" in result.err and "is not believed" in result.err, result
    record = json.loads((here / "runs/toy/run.json").read_text())
    assert record["resolved"]["plugins"]
    result = quick(*verb, "--allow-plugin", "toy_plugin.py")
    assert "P008" not in result.err
