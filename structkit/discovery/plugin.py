"""A plugin as it was found: its module, the digest of its code; and the classes that import strings name."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.machinery
import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from structkit.errors import Problem

LOOSE_DIGEST = "__structkit_digest__"  # of a loose plugin, as it was run


@dataclass(frozen=True)
class Plugin:
    """A plugin as found: loaded, or with the problem that kept it from loading."""

    distribution: str
    version: str
    entry_point: str
    module: ModuleType | None = None
    problem: Problem | None = None
    file: Path | None = None  # of a loose plugin

    @functools.cached_property
    def code_digest(self) -> str:
        """SHA-256 over the plugin's source files: an edited plugin never meets its old results."""
        if self.file:  # of the bytes that were run, which the file need not hold any more
            return str(getattr(self.module, LOOSE_DIGEST, ""))
        folder, files = self._code()
        return _digest_once(self.module, folder, tuple(files))

    def _code(self) -> tuple[Path, list[Path]]:
        """The whole top-level package that the plugin is in, or its one file; of the core, only what is built in."""
        place = Path(self.module.__file__ or "") if self.module else Path()
        package = (self.module.__package__ or "") if self.module and not self.file else ""
        if not package:
            return place.parent, [place]
        above = 0 if package.startswith("structkit.") else package.count(".")
        folder = place.parents[above]
        return folder, sorted(folder.rglob("*.py"))

    @property
    def registered(self) -> str:
        """What the plugin manager knows it by: one distribution may have several entry points."""
        return f"{self.distribution}:{self.entry_point}"


@functools.cache
def _digest_once(module: ModuleType | None, folder: Path, files: tuple[Path, ...]) -> str:
    """Of a package, which is imported once in a process."""
    total = hashlib.sha256()
    for path in files:
        total.update(_named(str(path.relative_to(folder)), path.read_bytes()))
    return total.hexdigest()


def _named(name: str, data: bytes) -> bytes:
    return name.encode() + b"\0" + data + b"\0"


class _LooseLoader(importlib.machinery.SourceFileLoader):
    """Runs the bytes that it hashes; no compiled file beside them stands in for them."""

    digest = ""

    def get_code(self, fullname: str) -> CodeType:
        """The module's code."""
        data = self.get_data(self.path)
        self.digest = hashlib.sha256(_named(Path(self.path).name, data)).hexdigest()
        return self.source_to_code(data, self.path)


def loose_name(path: Path) -> str:
    """The module name of a loose plugin: two files of one name are two modules."""
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    return f"structkit_loose_{re.sub(r'[^0-9a-zA-Z_]', '_', path.stem)}_{place}"


def without_digest(build: str) -> str:
    """An import path as a person knows it: `rings:Rings`, also for the class of a loose plugin."""
    return re.sub(r"structkit_loose_(\w+)_[0-9a-f]{8}", r"\1", build)


def load_loose(path: Path) -> ModuleType:
    """Import a plugin from a file of its own, under a module name that nothing else can have taken."""
    name = loose_name(path)
    loader = _LooseLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or not path.is_file():
        raise ImportError(f"no Python file at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that `build: "structkit_loose_x:Class"` finds it
    loader.exec_module(module)
    setattr(module, LOOSE_DIGEST, loader.digest)
    return module


def import_string(path: str) -> Any:
    """The object behind `"package.module:Name"`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
