"""A small pipeline in a folder of its own, and runs of it in forked processes that need no start-up.

The toy pipeline has a source in shards, a transform, a descriptor, a model with checkpoints and an explainer.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))  # the folder of conftest.py

from conftest import TOY  # noqa: E402
from structkit.discovery.registry import BLOCK_VARIABLE  # noqa: E402
from structkit.store.files import file_digest  # noqa: E402

PIPELINE = """\
structkit: 1
name: toy
seed: 3
threads: 1
plugins: [toy_plugin.py]
steps:
  crystals: {use: toy-crystals, with: {groups: 3, per_group: 1}}
  noisy: {use: toy-noise, from: crystals, with: {sigma: 0.05}}
  vector: {use: toy-vector, from: [crystals, noisy]}
  centroid: {use: toy-centroid, from: vector, train_on: [crystals], with: {epochs: 2}}
  why: {use: toy-gradient, from: centroid, only: {per_label: 1}}
"""
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# nothing here needs them, and every run would load them
os.environ[BLOCK_VARIABLE] = ",".join(
    p.dist.name for p in entry_points(group="structkit") if p.name != "core"
)

Hook = Callable[[], None] | None


@dataclass(frozen=True)
class Ended:
    """How a forked run ended: its exit code, or minus the signal that killed it."""

    code: int
    err: str


class Ground:
    """A folder with the toy pipeline; `right` is what an undisturbed run leaves in the store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        (folder / "toy_plugin.py").write_text(TOY.read_text())
        (folder / "toy.yaml").write_text(PIPELINE)
        self.run(after=self._note_modules)
        for name in (
            (folder / "modules.txt").read_text().split()
        ):  # imported here once, not in every fork
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self.clean()
        self.must_run()
        self.right = self.results()

    def _note_modules(self) -> None:
        ours = ("structkit", "numpy", "scipy", "sklearn", "ase", "pydantic", "rich")
        names = [
            name for name in sys.modules if name.partition(".")[0] in ours and "plugin" not in name
        ]
        (self.folder / "modules.txt").write_text("\n".join(names))

    def run(self, *arguments: str, before: Hook = None, after: Hook = None) -> Ended:
        """`structkit ARGUMENTS` in a fork of this process; `before` and `after` are called in the fork."""
        err = self.folder / "stderr.txt"
        child = os.fork()
        if child == 0:
            _become(self.folder, err, arguments or ("run", "toy.yaml"), before, after)
        _, status = os.waitpid(child, 0)
        return Ended(os.waitstatus_to_exitcode(status), err.read_text())

    def must_run(self, *arguments: str) -> Ended:
        """As `run`, which must end well."""
        ended = self.run(*arguments)
        assert ended.code == 0, ended.err
        return ended

    @property
    def store(self) -> Path:
        """Where results are."""
        return self.folder / ".structkit/store"

    def files(self) -> list[Path]:
        """Every file of every result."""
        return sorted(path for path in self.store.rglob("*") if path.is_file())

    def results(self) -> dict[str, str]:
        """Digest of every file of every result."""
        return {str(path.relative_to(self.store)): file_digest(path) for path in self.files()}

    def finished(self) -> dict[str, int]:
        """The inode of every result's record: another one means that the result was made again."""
        return {
            path.parent.name: path.stat().st_ino for path in self.store.glob("*/[!.]*/entry.json")
        }

    def clean(self) -> None:
        """Take all results away."""
        for name in (".structkit", "runs"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def check(self) -> None:
        """The same command finishes, with the same bytes, nothing made again, and nothing left behind."""
        before = self.finished()
        self.must_run()
        assert self.results() == self.right, "results differ from those of an undisturbed run"
        again = [key for key, inode in before.items() if self.finished()[key] != inode]
        assert not again, f"made again: {again}"
        left = [path.name for path in (self.folder / ".structkit/partial").iterdir()]
        assert not left, f"left behind: {left}"
        strays = [str(path) for path in self.folder.rglob("*.tmp")]
        assert not strays, f"left behind: {strays}"


def _become(folder: Path, err: Path, arguments: tuple[str, ...], before: Hook, after: Hook) -> None:
    """Be the `structkit` command, in a child that never comes back."""
    code = 99
    try:
        os.chdir(folder)
        with err.open("w") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        sys.argv = ["structkit", *arguments]
        from structkit.cli.app import main

        if before is not None:
            before()
        try:
            main()
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else int(bool(done.code))
        if after is not None:
            after()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
