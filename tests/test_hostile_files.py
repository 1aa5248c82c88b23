"""Run folders and stores in which files are no files, too large, or unreadable: one sentence each, and no waiting."""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from structkit.errors import IntegrityError
from structkit.store import reading
from structkit.store.files import check_regular, inventory, sealed
from structkit.store.remnants import is_remnant
from structkit.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.members]
SOON = 20  # seconds for a command of its own process, on a machine that others use


@pytest.fixture
def ran(quick, here):
    assert quick("run", "toy.yaml").code == 0
    return quick


def pipe(path):
    os.mkfifo(path)


def unix_socket(path):
    before = Path.cwd()
    os.chdir(path.parent)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as stream:
        stream.bind(path.name)
    os.chdir(before)


def device(path):
    path.symlink_to("/dev/zero")


def silent_device(path):
    path.symlink_to("/dev/tty")


def folder(path):
    path.mkdir()


STRANGE = [pipe, unix_socket, device, silent_device, folder]
READ = [
    "run.json",
    "done.json",
    "provenance.json",
    "resolved.yaml",
    "run.log",
    ".lock",
    "steps/vector/table.json",
    "steps/vector/crystals/table.json",
    "steps/vector/crystals/entry.json",
    "steps/vector/crystals/vector.npy",
    "steps/centroid/metrics.json",
    "steps/centroid/trained/split.json",
    "steps/centroid/trained/model/classes.json",
    "steps/crystals/crystals/rows/id.npy",
]


def named(value):
    return getattr(value, "__name__", value)


# a pipe in every place, and every other thing in a few
PLACES = [(name, pipe) for name in READ] + [
    (name, make) for name in (READ[0], READ[6], READ[9]) for make in STRANGE[1:]
]


@pytest.mark.parametrize(("name", "make"), PLACES, ids=named)
def test_nothing_in_a_run_folder_is_waited_for(name, make, ran, here):
    path = here / "runs/toy" / name
    path.unlink()
    make(path)
    for words in (["verify", "runs/toy"], ["report", "runs/toy"], ["run", "toy.yaml"]):
        began = time.monotonic()
        result = ran(*words)
        assert time.monotonic() - began < SOON
        assert "I005" not in result.err and "Traceback" not in result.err, result
        # the log and the lock are nobody's results
        assert result.code != 0 or name in ("run.log", ".lock") or words[0] == "run", result


IN_STORE = [
    (name, pipe) for name in ("entry.json", "table.json", "vector.npy", "more", "rows/more")
]


@pytest.mark.parametrize(
    ("name", "make"), [*IN_STORE, *(("more", make) for make in STRANGE[1:4])], ids=named
)
def test_nothing_in_a_store_is_waited_for(name, make, ran, here):
    entry = next((here / ".structkit/store").glob("*/*/vector.npy")).parent
    (entry / name).unlink(missing_ok=True)
    make(entry / name)
    assert ran("store", "verify").code == 6
    result = ran("run", "toy.yaml")
    assert result.code == 0, result
    assert ran("store", "verify").code == 0


@pytest.mark.parametrize("make", STRANGE[:4], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["a", "sub/b", "model.json", "x.npy", ".hidden"])
def test_what_a_model_saves_is_files(name, make, tmp_path):
    (tmp_path / "sub").mkdir()
    make(tmp_path / name)
    for check in (check_regular, inventory):
        with pytest.raises(Exception, match="P011 '.*' was saved, which is no regular file"):
            check(tmp_path)


def test_a_model_that_saves_a_pipe_is_told_so(quick, here):
    plugin = here / "toy_plugin.py"
    text = plugin.read_text().replace(
        "    def save(self, folder):\n",
        "    def save(self, folder):\n        import os; os.mkfifo(folder / 'p')\n",
    )
    plugin.write_text(text)
    result = quick("run", "toy.yaml")
    assert result.code == 4 and "P011" in result.err and "model/p" in result.err, result


@pytest.mark.parametrize("place", ["told-part-000000", "scratch-part-000000/state.json", "x"])
def test_unfinished_work_that_is_no_file_goes(place, ran, here):
    record = json.loads((here / "runs/toy/run.json").read_text())
    key = record["jobs"]["centroid training"]["key"]
    shutil.rmtree(here / ".structkit/store" / key[:2] / key)
    path = here / ".structkit/partial" / key / place
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert ran("run", "toy.yaml").code == 0


HOSTILE = {
    "two million keys": lambda: "{" + ",".join(f'"k{i:x}":{i}' for i in range(2_000_000)) + "}",
    "deep lists": lambda: "[" * 100_000 + "]" * 100_000,
    "deep mappings": lambda: '{"a":' * 90_000 + "1" + "}" * 90_000,
    "a long number": lambda: "1" * 2_000_000,
    "blanks": lambda: " " * 50_000_000,
    "no JSON": lambda: "\x00\xff" * 1000,
    "a list": lambda: "[1, 2]",
    "nothing": lambda: "",
    "NaN": lambda: '{"format": NaN}',
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", ["run.json", "done.json"])
def test_hostile_records_cost_nothing(name, kind, ran, here):
    path = here / "runs/toy" / name
    path.unlink()
    path.write_text(HOSTILE[kind](), encoding="latin-1")
    began = time.process_time()
    result = ran("verify", "runs/toy")
    assert result.code == 6 and f"runs/toy/{name}: R004" in result.err, result
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EACCES, errno.EPERM]
)
def test_what_cannot_be_read_now_is_not_damaged(number, ran, here, monkeypatch):
    """An entry is set aside for what it is, never for what this process may not."""
    before = sorted(path.name for path in (here / ".structkit/store").glob("*/*"))
    refuse = {"on": True}
    real = os.open

    def failing(path, *rest, **more):
        if refuse["on"] and str(path).endswith((".npy", "entry.json", "run.json")):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(reading.os, "open", failing)
    for words in (["run", "toy.yaml"], ["verify", "runs/toy"], ["store", "verify"]):
        result = ran(*words)
        assert result.code == 4 and f"I004 {os.strerror(number)}" in result.err, result
        assert "damaged" not in result.err and "changed" not in result.err
    refuse["on"] = False
    assert sorted(path.name for path in (here / ".structkit/store").glob("*/*")) == before
    assert not list((here / ".structkit").glob("damaged/*"))


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR])
def test_what_is_not_there_is_missing(number, tmp_path, monkeypatch):
    def failing(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(reading.os, "open", failing)
    with pytest.raises(IntegrityError, match="I003"):
        reading.read_json(tmp_path / "x.json")


COMMANDS = [
    ["--help"],
    ["--version"],
    ["plugins", "list"],
    ["plugins", "show", "toy-vector", "--file", "toy_plugin.py"],
    ["schema"],
    ["plan", "toy.yaml"],
    ["validate", "toy.yaml"],
    ["verify", "runs/toy"],
    ["report", "runs/toy"],
    ["store", "list"],
    ["store", "verify"],
    ["store", "gc", "--dry-run"],
    ["run", "toy.yaml"],
]


HOWS = [("left", words) for words in COMMANDS] + [
    (how, words) for how in ("closed", "full") for words in COMMANDS[::4]
]


@pytest.mark.parametrize(("how", "words"), HOWS, ids=lambda value: str(value))
def test_output_that_nobody_reads_ends_the_command(words, how, ran, here):
    command = [sys.executable, "-m", "structkit", *words]
    shell = {
        "left": ["sh", "-c", 'exec 3>&1; { "$@"; echo $? >&3; } | true', "sh", *command],
        "closed": ["sh", "-c", '"$@" >&-', "sh", *command],
        "full": ["sh", "-c", '"$@" >/dev/full', "sh", *command],
    }
    done = subprocess.run(shell[how], capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, done
    if how == "left":
        assert done.stdout.strip() in ("141", "0")  # 0 where all was written before the reader left
    else:
        assert done.returncode in (141, 4) and done.stderr, done


def test_a_result_holds_files_by_the_thousand_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("structkit.store.files.MOST_FILES", 3)
    for number in range(4):
        (tmp_path / str(number)).touch()
    with pytest.raises(Exception, match="P011 4 files were saved"):
        inventory(tmp_path)


def test_a_table_of_more_rows_than_there_can_be(ran, here):
    from structkit.data.table import Table

    entry = next((here / ".structkit/store").glob("*/*/vector.npy")).parent
    index = json.loads((entry / "table.json").read_text())
    for rows in (2**62, 10**9, -1, 10**30):
        (entry / "table.json").unlink()
        (entry / "table.json").write_text(json.dumps({**index, "rows": rows}))
        with pytest.raises(IntegrityError, match="I003"):
            Table.open(entry)


@pytest.mark.parametrize("count", [1001, 10_000])
def test_labels_that_are_no_classes_are_refused_before_training(count):
    from structkit.data.rows import Row
    from structkit.data.table import Table
    from structkit.errors import DataError
    from structkit.evaluation.classes import Classes

    rows = Table.of([Row(str(n), f"label {n}") for n in range(count)], x=np.zeros((count, 1)))
    target = Classes("label")
    with pytest.raises(DataError, match=f"D006 {count} classes"):
        target.check(target.truth(rows, None), rows)


@pytest.mark.parametrize("count", [2, 30, 300, 1000])
def test_many_classes_are_scored_in_time(count):
    from structkit.evaluation.classification import scores

    p = np.random.default_rng(0).random((2 * count, count))
    names = [f"c{number}" for number in range(count)]
    began = time.process_time()
    found = scores(
        names, names * 2, p / p.sum(1, keepdims=True), [str(n) for n in range(2 * count)]
    )
    assert found["n"] == 2 * count and time.process_time() - began < 8


def test_served_runs_are_records_too(here):
    store = Store(here / "s")
    (here / "s/runs").mkdir(parents=True)
    (here / "s/runs/a.json").write_text(json.dumps(sealed({"folder": 3})))
    with pytest.raises(IntegrityError, match="I003.*remove this note"):
        store.served()
    (here / "s/runs/a.json").write_text("cut sh")
    with pytest.raises(IntegrityError, match="I003.*remove this note"):
        store.served()


def test_a_file_that_goes_while_a_folder_is_looked_at_is_no_fault(here, monkeypatch):
    listed = [(str(here), ["steps"], ["gone"])]
    (here / "steps").mkdir()
    monkeypatch.setattr(os, "walk", lambda folder, onerror: iter(listed))
    assert reading.strange_file(here) is None
    monkeypatch.setattr(Path, "rglob", lambda folder, pattern: [folder / "gone"])
    assert is_remnant(here / "steps"), "nothing that could be lost is left"
