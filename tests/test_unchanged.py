"""Large results are read once: afterwards the system's word that nobody has written to them will do."""

import os
import time

import pytest

from structkit.errors import IntegrityError
from structkit.store import unchanged
from structkit.store.store import Store

KEY_OF = {"made": "large"}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A store with a finished result that counts as large, and its key."""
    monkeypatch.setattr(unchanged, "LARGE", 100)
    monkeypatch.setattr(unchanged, "SETTLED", 20_000_000)
    from structkit.store.files import digest

    key = digest(KEY_OF)
    with Store(tmp_path).making(key, KEY_OF) as folder:
        (folder / "values.bin").write_bytes(bytes(range(200)))
    time.sleep(0.05)
    return tmp_path, key


def reads(root, key, monkeypatch, **settings):
    """How many files are read when the result is opened by a process that has not seen it."""
    from structkit.store import files

    read = []
    whole = files.file_digest
    monkeypatch.setattr(files, "file_digest", lambda path: read.append(path) or whole(path))
    Store(root, **settings).open(key)
    monkeypatch.setattr(files, "file_digest", whole)
    return len(read)


def test_a_large_result_is_read_once(made, monkeypatch):
    assert [reads(*made, monkeypatch) for _ in range(3)] == [1, 0, 0]
    assert reads(*made, monkeypatch, paranoid=True) == 1


def test_a_small_one_is_read_at_every_start(made, monkeypatch):
    monkeypatch.setattr(unchanged, "LARGE", 10_000)
    assert [reads(*made, monkeypatch) for _ in range(3)] == [1, 1, 1]


def test_one_that_was_made_just_now_is_read_again(made, monkeypatch):
    monkeypatch.setattr(unchanged, "SETTLED", 10**12)
    assert [reads(*made, monkeypatch) for _ in range(2)] == [1, 1]


def flip(path):
    """Change a bit, and set the time of the last change back."""
    facts = path.stat()
    damaged = bytearray(path.read_bytes())
    damaged[7] ^= 1
    with path.open("r+b") as file:
        file.write(damaged)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_a_bit_that_a_program_flips_is_found(made, monkeypatch):
    root, key = made
    reads(root, key, monkeypatch)
    flip(Store(root).folder(key) / "values.bin")
    with pytest.raises(IntegrityError, match="missing, truncated or changed"):
        Store(root).open(key)


@pytest.mark.parametrize("spoil", ["replace", "add", "remove", "record"])
def test_other_changes_are_found(made, monkeypatch, spoil):
    root, key = made
    reads(root, key, monkeypatch)
    values = Store(root).folder(key) / "values.bin"
    if spoil == "replace":
        other = root / "other"
        other.write_bytes(bytes(200))
        other.replace(values)
    elif spoil == "add":
        (values.parent / "more").symlink_to(values)
    elif spoil == "remove":
        values.unlink()
    else:
        (values.parent / "entry.json").write_text("{}")
    with pytest.raises(IntegrityError):
        Store(root).open(key)


@pytest.mark.parametrize("text", ["", "{}", '{"files": 3, "seal": "x"}'])
def test_a_damaged_memory_is_no_memory(made, monkeypatch, text):
    root, key = made
    reads(root, key, monkeypatch)
    (root / "unchanged" / f"{key}.json").write_text(text)
    assert [reads(root, key, monkeypatch) for _ in range(2)] == [1, 0]


def test_a_result_that_is_set_aside_is_forgotten(made, monkeypatch):
    root, key = made
    reads(root, key, monkeypatch)
    Store(root).drop(key)
    assert not (root / "unchanged" / f"{key}.json").exists()
