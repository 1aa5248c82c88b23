"""What happens to a run folder, its report and its locks while a run writes, and after it."""

import errno
import os
import shutil
import signal
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from structkit.discovery.registry import BLOCK_VARIABLE
from structkit.engine.runner import _Walk
from structkit.store.locks import KernelLocks, Leases
from structkit.store.run_folder import RunFolder

pytestmark = [pytest.mark.slow, pytest.mark.members]

HOOKS = """

@hookimpl
def structkit_run_finished(run):
    {finished}


@hookimpl
def structkit_run_started(run):
    {started}
"""


@pytest.fixture
def alone(quick, here, monkeypatch):
    """Only the core's plugins, which import fast."""
    others = [p.dist.name for p in entry_points(group="structkit") if p.name != "core"]
    monkeypatch.setenv(BLOCK_VARIABLE, ",".join(others))
    return quick


def hooked(here, finished="pass", started="pass"):
    text = (here / "toy_plugin.py").read_text()
    (here / "toy_plugin.py").write_text(text + HOOKS.format(finished=finished, started=started))


def taken_away(folder):
    shutil.rmtree(folder)


def moved(folder):
    folder.rename(folder.with_name("moved"))


def exchanged(folder):
    folder.rename(folder.with_name("moved"))
    folder.mkdir()
    (folder / "thesis").write_text("years of work")


def copied(folder):
    shutil.copytree(folder, folder.with_name("moved"))
    shutil.rmtree(folder)
    folder.with_name("moved").rename(folder)


def made_a_link(folder):
    folder.rename(folder.with_name("moved"))
    folder.symlink_to("moved")


def made_a_file(folder):
    shutil.rmtree(folder)
    folder.write_text("")


MOMENTS = [(RunFolder, "begin"), (_Walk, "ended"), (RunFolder, "show"), (RunFolder, "finish"),
           (RunFolder, "reporting")]  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "moment"), MOMENTS, ids=lambda m: m if isinstance(m, str) else ""
)
@pytest.mark.parametrize(
    "what",
    [taken_away, moved, exchanged, copied, made_a_link, made_a_file],
    ids=lambda f: f.__name__,
)
def test_a_run_folder_that_goes_is_told_in_one_sentence(
    what, owner, moment, alone, here, monkeypatch
):
    right, pending = getattr(owner, moment), [True]

    def changed(self, *arguments):
        if pending.pop() if pending else False:
            what(here / "runs/toy")
        return right(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, moment, changed)
        result = alone("run", "toy.yaml")
    assert result.code in (0, 2, 6), result
    assert "I005" not in result.err and "Traceback" not in result.err
    if result.code:
        # after its end the run is read again, to say its scores
        codes = ("I00", "R00") if moment == "reporting" else ("R009 the run folder was taken",)
        assert any(code in result.err for code in codes), result
    if what is exchanged:
        assert [p.name for p in (here / "runs/toy").iterdir()] == ["thesis"]
    if what in (taken_away, moved):
        assert alone("run", "toy.yaml").code == 0
        assert (here / "runs/toy/done.json").exists()


@pytest.fixture
def reported(alone, here):
    write = "(run.folder / 'report.html').write_text('<p>the report')"
    hooked(here, finished=write)
    assert alone("run", "toy.yaml").code == 0
    return here / "runs/toy/report.html"


def edited(report):
    report.write_text("<p>another")


def made_longer(report):
    with report.open("a") as stream:
        stream.write("<p>and more")


def no_report(report):
    report.unlink()
    report.mkdir()


def linked(report):
    report.rename(report.with_name("kept"))
    report.symlink_to("kept")


def exchanged_file(report):
    report.unlink()
    report.write_text("<p>from elsewhere")


@pytest.mark.parametrize("change", [edited, made_longer, no_report, linked, exchanged_file])
def test_another_report_is_noted_and_refuses_nothing(change, reported, alone):
    assert "note" not in alone("verify", "runs/toy").out
    change(reported)
    result = alone("verify", "runs/toy")
    assert result.code == 0 and "report.html was written anew, or changed" in result.out, result


def test_a_report_that_is_gone_is_none(reported, alone):
    reported.unlink()
    result = alone("verify", "runs/toy")
    assert result.code == 0 and "note" not in result.out


def test_an_edited_report_is_not_noted_as_the_runs_own(reported, alone, here):
    edited(reported)
    (here / "toy_plugin.py").write_text(
        (here / "toy_plugin.py").read_text().replace("(run.folder / 'report.html')", "0 and run")
    )
    alone("run", "toy.yaml", "--out", "runs/other")
    assert "written anew, or changed" in alone("verify", "runs/toy").out


FORK = """
    import os, time
    if os.fork() == 0:
        {first}
        time.sleep(60)
        os._exit(0)
"""


@pytest.mark.parametrize(
    "first", ["pass", "os.setsid()", "os.fork()", "os.closerange(0, 3)", "os.chdir('/')"]
)
def test_a_forked_child_holds_no_lock(first, alone, here):
    started = f"open('pids', 'a').write('')\n    {FORK.format(first=first).strip()}"
    hooked(here, started=started.replace("\n    ", "\n    "))
    before = set(children())
    assert alone("run", "toy.yaml").code == 0
    left = set(children()) - before
    try:
        assert left, "a child is still there"
        for words in (["run", "toy.yaml"], ["store", "gc"], ["run", "toy.yaml", "--out", "other"]):
            result = alone(*words)
            assert result.code == 0, result
            left |= set(children()) - before
    finally:
        for child in left:
            os.kill(child, signal.SIGKILL)


def children():
    own = [p for p in Path("/proc").iterdir() if p.name.isdigit()]
    for process in own:
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(os.getpid()) and fields[0] != "Z":
            yield int(process.name)


@pytest.mark.parametrize("locks", [KernelLocks(), Leases()], ids=["kernel", "leases"])
def test_a_child_that_ends_lets_go_of_nothing(locks, tmp_path):
    """It neither unlocks what its parent holds, nor closes a file of its own under the number of a lock."""
    with locks.held(tmp_path / "lock"):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with (tmp_path / "mine").open("w") as stream:
                    number = stream.fileno()
                    locks_left = [int(p.name) for p in Path("/proc/self/fd").iterdir()]
                    code = 0 if number in locks_left else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
        with pytest.raises(BlockingIOError), locks.held(tmp_path / "lock"):
            pass


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"])
def test_a_disk_that_refuses_is_not_taken_for_a_folder_that_is_gone(code, alone, monkeypatch):
    def refused(self, *_):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)), "a file")

    monkeypatch.setattr(RunFolder, "finish", refused)
    result = alone("run", "toy.yaml")
    assert result.code == 4 and "I004" in result.err and "R009" not in result.err, result


def test_citations_alone_are_what_is_left_of_a_run_or_somebodys_own(tmp_path):
    from structkit.engine.provenance import bibliography
    from structkit.errors import SpecError

    folder = RunFolder(tmp_path / "run", chosen=True)
    folder.path.mkdir()
    citations = folder.path / "references.bib"
    citations.write_text(bibliography([]))
    folder.check(tmp_path / "p.yaml", {})
    citations.write_text("@article{mine, title = {Mine}}")
    with pytest.raises(SpecError, match=r"R001 .* no structkit run \(references.bib\)"):
        folder.check(tmp_path / "p.yaml", {})


def test_views_that_are_left_are_no_obstacle_and_files_of_somebody_are(tmp_path):
    """Who removes a folder while a run links results into it may leave some of the links."""
    from structkit.errors import SpecError

    folder = RunFolder(tmp_path / "run", chosen=True)
    views = folder.path / "steps/vector/noisy"
    views.mkdir(parents=True)
    result = tmp_path / "result.npy"
    result.write_text("result")
    (views / "x.npy").hardlink_to(result)
    (views.parent / "table.json").write_text('{"parts": [{"folder": "noisy", "origin": "noisy"}]}')
    folder.check(tmp_path / "p.yaml", {})
    for name in ("notes.txt", "results.tmp", "table.json"):
        somebodys = views / name
        somebodys.write_text('{"parts": [], "mine": [1, 2]}')
        with pytest.raises(SpecError, match=r"R001 .* no structkit run \(steps\)"):
            folder.check(tmp_path / "p.yaml", {})
        somebodys.unlink()
    (views / "a.dat").write_text("somebody's, by two names")
    (views / "b.dat").hardlink_to(views / "a.dat")
    with pytest.raises(SpecError, match="R001"):
        folder.check(tmp_path / "p.yaml", {})


@pytest.mark.parametrize("name", ["steps", "pipeline.yaml", "resolved.yaml", "run.log"])
def test_a_file_of_the_same_name_is_somebodys(name, tmp_path):
    """A run writes none of them before its lock."""
    from structkit.errors import SpecError

    folder = RunFolder(tmp_path / "run", chosen=True)
    folder.path.mkdir()
    (folder.path / name).write_text("one, two, three")
    with pytest.raises(SpecError, match=rf"R001 .* no structkit run \({name}\)"):
        folder.check(tmp_path / "p.yaml", {})
