"""Drafts of the living stay, errors of a rename are errors, leases stand in for locks that end at the host's border."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from structkit.store.files import published, write_text
from structkit.store.locks import KernelLocks, Leases, locks_are_local
from structkit.store.processes import is_dead, whoami
from structkit.store.store import Store


def test_second_execution_does_not_take_the_draft_of_the_first(tmp_path):
    with published(tmp_path / "shard") as first:
        (first / "a").write_text("1")
        with published(tmp_path / "shard") as second:
            (second / "a").write_text("1")
        assert first.is_dir(), "the draft of a living process stays"
    assert (tmp_path / "shard/a").read_text() == "1" and [p.name for p in tmp_path.iterdir()] == [
        "shard"
    ]


def test_draft_of_a_dead_process_goes_and_that_of_another_host_stays(tmp_path):
    dead = subprocess.run(
        [sys.executable, "-c", "from structkit.store.processes import whoami; print(whoami())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert (
        is_dead(dead)
        and not is_dead(whoami())
        and not is_dead("1-1@elsewhere")
        and not is_dead("nonsense")
    )
    old, far = tmp_path / f".x.0a.{dead}.tmp", tmp_path / ".x.0a.1-1@elsewhere.tmp"
    old.mkdir()
    far.write_text("")
    write_text(tmp_path / "x", "text")
    assert not old.exists() and far.exists()


def test_pid_that_is_used_again_is_another_process():
    pid, _, rest = whoami().partition("-")
    assert is_dead(f"{pid}-1@{rest.partition('@')[2]}")


def test_failed_rename_is_no_success(tmp_path, monkeypatch):
    def refused(source, target, **folders):
        raise OSError(errno.EIO, "Input/output error", str(target))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="Input/output error"), published(tmp_path / "x"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("locks", [KernelLocks(), Leases(beat=0.05, patience=0.5)])
def test_lock_keeps_others_out_and_ends_with_its_block(locks, tmp_path):
    other = type(locks)()
    with locks.held(tmp_path / "lock"):
        with pytest.raises(BlockingIOError), other.held(tmp_path / "lock"):
            pass
        with pytest.raises(BlockingIOError), other.held(tmp_path / "lock", shared=True):
            pass
    both = locks.held(tmp_path / "lock", shared=True), other.held(tmp_path / "lock", shared=True)
    with both[0], both[1], pytest.raises(BlockingIOError), locks.held(tmp_path / "lock"):
        pass
    with other.held(tmp_path / "lock"):
        pass


def test_lease_of_a_dead_process_is_taken_over_and_a_beating_one_is_not(tmp_path):
    folder = tmp_path / "lock.leases"
    folder.mkdir()
    leases = Leases(beat=0.05, patience=0.6)
    (folder / f"alone.0a.999999-1@{whoami().partition('@')[2]}").touch()
    far = folder / "alone.0b.1-1@elsewhere"
    far.touch()
    with pytest.raises(BlockingIOError), leases.held(tmp_path / "lock"):
        pass
    os.utime(far, (time.time() - 60,) * 2)  # its host has not touched it for long
    with leases.held(tmp_path / "lock"):
        time.sleep(0.8)
        with pytest.raises(BlockingIOError), Leases(patience=0.6).held(tmp_path / "lock"):
            pass


NFS = "30 1 0:25 / {0} rw,relatime shared:1 - nfs4 server:/x rw,vers=4.2,local_lock={1}\n"


@pytest.mark.parametrize(
    ("option", "local"), [("none", False), ("all", True), ("flock", True), ("posix", False)]
)
def test_locks_that_end_at_the_host_are_noticed(option, local, tmp_path):
    mounts = "22 1 0:20 / / rw - ext4 /dev/sda rw\n" + NFS.format(tmp_path, option)
    assert locks_are_local(tmp_path, mounts) == local
    assert not locks_are_local(tmp_path.parent, mounts)


@pytest.mark.slow
def test_runs_with_leases_share_a_store(cli, here):
    """Two at once on one store: what one makes, the other waits for."""
    env = {**os.environ, "STRUCTKIT_LEASES": "1"}
    command = [sys.executable, "-m", "structkit", "run", "toy.yaml", "--out"]
    both = [
        subprocess.Popen(
            [*command, f"out{n}"], cwd=here, env=env, stderr=subprocess.PIPE, text=True
        )
        for n in (0, 1)
    ]
    said = [process.communicate(timeout=100)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(text.count("centroid training ...") for text in said) == 1, "trained once"
    busy = [path for path in (here / ".structkit").rglob("*.leases/*")]
    assert not busy, "every lease was given back"


def test_store_is_the_same_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store(Path(".structkit"))
    monkeypatch.chdir("/")
    assert store.root == tmp_path / ".structkit" and store.partial("a" * 64).is_relative_to(
        tmp_path
    )


def test_folder_that_shows_late_is_waited_for(tmp_path):
    import threading

    from structkit.engine.making import seen
    from structkit.engine.pieces import RECORD

    def late():
        time.sleep(0.5)
        (tmp_path / "piece").mkdir()
        (tmp_path / "piece" / RECORD).write_text("{}")

    threading.Thread(target=late).start()
    assert seen(tmp_path / "piece") == tmp_path / "piece"
