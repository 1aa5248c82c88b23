"""Edited records, sealed again: every key of every JSON record of a run and its store, through every command that reads.

    python tests/trust/fuzz_records.py --count 2000

Whoever can recompute digests can write any record. Each change must be told of with a code of damage
or of a wrong record, or change nothing: never a traceback, never a defect of structkit (I005), never
a wait. `--count 0` tries every key with every value.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))  # the folder of conftest.py

from conftest import PIPELINE, ROOT, TARGETS, TOY  # noqa: E402
from structkit.discovery.registry import BLOCK_VARIABLE  # noqa: E402
from structkit.store.files import digest, file_digest, sealed  # noqa: E402

LIMIT = 30  # seconds for a command, on a busy machine
KEPT = ("core", "html-report", "structure-files")
DEFECT = re.compile(r"Traceback|I005|defect of structkit")
TOLD = re.compile(r"[A-Z][0-9]{3} ")
Path_ = tuple[Any, ...]  # keys and numbers that lead to a value


def deep(levels: int = 1000) -> Any:
    """A mapping in a mapping, and so on."""
    value: Any = {}
    for _ in range(levels):
        value = {"a": value}
    return value


GONE = object()
VALUES: dict[str, Any] = {
    "gone": GONE,
    "null": None,
    "list": [],
    "list of lists": [[1, "a", None]],
    "text": "x",
    "no text": "",
    "path": "../../x",
    "negative": -1,
    "huge": 10**30,
    "vast": 10**400,
    "fraction": 0.5,
    "NaN": float("nan"),
    "yes": True,
    "mapping": {"a": 1},
    "deep": deep(),
    "NUL": "a\0b",
    "half a character": "\ud800",
}


class Hung(BaseException):
    """A command took longer than any should."""


@dataclass(frozen=True)
class Change:
    """One value of one record made another."""

    file: str
    keys: Path_
    value: str

    def __str__(self) -> str:
        return f"{self.file} {'.'.join(map(str, self.keys))} = {self.value}"


class Ground:
    """A folder with a finished run and its store, and a copy of both to begin again from."""

    def __init__(self, folder: Path, name: str, plugin: Path, text: str) -> None:
        self.folder, self.name = folder / "now", name
        self.folder.mkdir(parents=True)
        shutil.copy(plugin, self.folder)
        (self.folder / f"{name}.yaml").write_text(text)
        (self.folder / "new.cif").write_text(CIF)
        os.chdir(self.folder)
        code, words = command("run", f"{name}.yaml")
        assert code == 0, words
        self.right = folder / "right"
        shutil.copytree(self.folder, self.right, symlinks=True)

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.folder / "runs" / self.name

    def again(self) -> None:
        """Put everything back."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.right, self.folder, symlinks=True)
        os.chdir(self.folder)

    def records(self) -> Iterator[Path]:
        """Every JSON record, by its name below the folder."""
        for path in sorted(self.folder.rglob("*.json")):
            yield path.relative_to(self.folder)

    def changes(self) -> Iterator[Change]:
        """Every key of every record with every value."""
        for name in self.records():
            record = json.loads((self.folder / name).read_text())
            for keys in paths(record):
                for value in VALUES:
                    yield Change(str(name), keys, value)

    def commands(self) -> list[tuple[str, ...]]:
        """All that read a run or a store; `run`, which mends, last."""
        run = f"runs/{self.name}"
        return [
            ("verify", run),
            ("predict", run, "new.cif"),
            ("report", run),
            ("plan", f"{self.name}.yaml"),
            ("store", "list"),
            ("store", "verify"),
            ("store", "gc", "--dry-run"),
            ("run", f"{self.name}.yaml"),
        ]

    def apply(self, change: Change) -> bool:
        """Write a changed record, in the run and in the store, and fit every digest; whether it could be written."""
        path = self.folder / change.file
        record = changed(json.loads(path.read_text()), change)
        same = digest_of(path)
        for other in sorted(self.folder.rglob(path.name)):
            if other.name == path.name and digest_of(other) == same:
                write(other, record)
        self._fit()
        return True

    def _fit(self) -> None:
        """Make every inventory that of the files that are there."""
        for entry in self.folder.rglob("entry.json"):
            _fit_inventory(entry)
        run, done = self.run / "run.json", self.run / "done.json"
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            record = json.loads(run.read_text())
            body = {key: value for key, value in record.items() if key not in ("seal", "format")}
            finished = json.loads(done.read_text())
            finished["run"] = digest(body) if change_free(finished) else finished["run"]
            write(done, finished)
        _fit_inventory(done)


def change_free(done: dict[str, Any]) -> bool:
    """Whether the digest of the run is still one, and was not what was changed."""
    return isinstance(done.get("run"), str) and len(done["run"]) == 64


def digest_of(path: Path) -> str:
    """Of a file's bytes."""
    return file_digest(path)


def _fit_inventory(path: Path) -> None:
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        record = json.loads(path.read_text())
        for name, facts in record["files"].items():
            file = path.parent / name
            if file.is_file() and {*facts} == {"sha256", "bytes"} and _is_plain(facts):
                facts |= {"sha256": file_digest(file), "bytes": file.stat().st_size}
        write(path, record)


def _is_plain(facts: dict[str, Any]) -> bool:
    return isinstance(facts["sha256"], str) and len(facts["sha256"]) == 64


def write(path: Path, record: Any) -> None:
    """Write a record, sealed where it was; a new file, so that links to the old one stay as they are."""
    if isinstance(record, dict) and "seal" in record:
        with contextlib.suppress(ValueError, RecursionError):
            record = sealed(record)
    path.unlink()
    path.write_text(json.dumps(record), encoding="utf-8")


def paths(value: Any, before: Path_ = ()) -> Iterator[Path_]:
    """The way to every value of a record, and to the record itself."""
    yield before
    if isinstance(value, dict):
        inner = [(key, item) for key, item in value.items() if key != "seal"]
    else:
        inner = list(enumerate(value[:2])) if isinstance(value, list) else []
    for key, item in inner:
        yield from paths(item, (*before, key))


def changed(record: Any, change: Change) -> Any:
    """A record with one value made another."""
    value = VALUES[change.value]
    if not change.keys:
        return {} if value is GONE else value
    record = copy.deepcopy(record)
    holder = record
    for key in change.keys[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[change.keys[-1]]
    else:
        holder[change.keys[-1]] = value
    return record


def command(*words: str) -> tuple[int, str]:
    """Run a command in this process; returns its exit code and all that it said.

    Raises:
        Hung: it took too long.
    """
    from structkit.cli.app import main

    out = io.StringIO()
    sys.argv[:] = ["structkit", *words]
    signal.signal(signal.SIGALRM, _hung)
    signal.alarm(LIMIT)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    finally:
        signal.alarm(0)
    return code, out.getvalue()


def _hung(number: int, frame: object) -> None:
    raise Hung


def tried(ground: Ground, change: Change) -> tuple[list[str], list[str]]:
    """What is wrong with how the commands take a change, and the codes that they gave."""
    ground.again()
    try:
        ground.apply(change)
    except (RecursionError, UnicodeEncodeError):
        return [], []  # not even the attacker can write it
    wrong, codes = [], []
    for words in ground.commands():
        try:
            code, said = command(*words)
        except Hung:
            wrong.append(f"{change}: {words[0]} {words[1]} took more than {LIMIT} s")
            continue
        except BaseException as error:
            wrong.append(f"{change}: {words} raised {type(error).__name__}: {error}")
            continue
        if DEFECT.search(said) or (code and not TOLD.search(said)):
            wrong.append(f"{change}: {words[0]} {words[1]}: exit {code}: {said[-300:]}")
        codes += TOLD.findall(said) if code else []
    return wrong, codes


def fuzz(grounds: list[Ground], count: int, seed: int, say: Callable[[str], None]) -> int:
    """Try some changes of every ground; returns how many went wrong."""
    rng = random.Random(seed)  # noqa: S311  (no secret)
    failed, codes, number = 0, Counter[str](), 0
    for ground in grounds:
        ground.again()
        every = list(ground.changes())
        chosen = rng.sample(every, min(count, len(every))) if count else every
        for change in chosen:
            wrong, given = tried(ground, change)
            number += 1
            codes.update(given)
            failed += bool(wrong)
            for line in wrong:
                say(line)
    told = ", ".join(f"{code.strip()}: {times}" for code, times in codes.most_common())
    say(f"codes: {told}")
    say(f"{number} records edited and sealed again: {failed} wrong")
    return failed


CIF = """\
data_new
_cell_length_a 3.1
_cell_length_b 3.1
_cell_length_c 3.1
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Cu1 0 0 0
"""


def main() -> None:
    """Fuzz, and end with 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="changes of each of two pipelines")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    os.environ[BLOCK_VARIABLE] = ",".join(
        point.dist.name
        for point in entry_points(group="structkit")
        if point.dist and point.name not in KEPT
    )
    with tempfile.TemporaryDirectory() as place:
        grounds = [
            Ground(Path(place) / "toy", "toy", TOY, PIPELINE),
            Ground(
                Path(place) / "targets", "targets", ROOT / "tests" / "target_plugin.py", TARGETS
            ),
        ]
        failed = fuzz(grounds, given.count, given.seed, print)
        os.chdir("/")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
