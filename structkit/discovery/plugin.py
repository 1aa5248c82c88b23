"""A plugin as it was found: its module, the digest of its code; and the classes that import strings name."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from structkit.discovery.imported import imported_code, imported_count
from structkit.errors import Problem

Permit = Callable[[Path, str], None]  # given a file and the digest of its code
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
        """SHA-256 over the plugin's source files: an edited plugin never meets its old results.

        What is imported already counts as it was imported, which its file need not hold any more.
        """
        if self.file:
            return str(getattr(self.module, LOOSE_DIGEST, ""))
        folder, files = self._code()
        return _digest_once(folder, tuple(files), imported_count())

    def _code(self) -> tuple[Path, list[Path]]:
        """The whole top-level package that the plugin is in, or its one file; of the core, only what is built in."""
        place = Path(self.module.__file__ or "") if self.module else Path()
        package = (self.module.__package__ or "") if self.module and not self.file else ""
        if not package:
            return place.parent, [place]
        above = 0 if package.startswith("structkit.") else package.count(".")
        folder = place.parents[above]
        return folder, sorted({*folder.rglob("*.py"), *imported_code(folder)})

    @property
    def registered(self) -> str:
        """What the plugin manager knows it by: one distribution may have several entry points."""
        return f"{self.distribution}:{self.entry_point}"


@functools.lru_cache(maxsize=1024)
def _digest_once(folder: Path, files: tuple[Path, ...], imported: int) -> str:
    """Of a package; taken again when another module has been imported since."""
    total, code = hashlib.sha256(), imported_code(folder)
    for path in files:
        data = code[path] if path in code else path.read_bytes()
        total.update(_named(str(path.relative_to(folder)), data))
    return total.hexdigest()


def _named(name: str, data: bytes) -> bytes:
    return name.encode() + b"\0" + data + b"\0"


class _LooseLoader(importlib.machinery.SourceFileLoader):
    """Runs the bytes that it hashes, if it may; no compiled file beside them stands in for them."""

    digest = ""
    permit: Permit | None = None

    def get_code(self, fullname: str) -> CodeType:
        """The module's code."""
        data = self.get_data(self.path)
        self.digest = _loose_digest(Path(self.path), data)
        if self.permit is not None:
            self.permit(Path(self.path), self.digest)
        return self.source_to_code(data, self.path)


def loose_name(path: Path) -> str:
    """The module name of a loose plugin: two files of one name are two modules."""
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    return f"structkit_loose_{re.sub(r'[^0-9a-zA-Z_]', '_', path.stem)}_{place}"


def without_digest(build: str) -> str:
    """An import path as a person knows it: `rings:Rings`, also for the class of a loose plugin."""
    return re.sub(r"structkit_loose_(\w+)_[0-9a-f]{8}", r"\1", build)


def digest_of_loose(path: Path) -> str:
    """The digest of a loose plugin, as `Plugin.code_digest` has it once it is loaded; nothing is run."""
    return _loose_digest(path, path.read_bytes())


def _loose_digest(path: Path, data: bytes) -> str:
    return hashlib.sha256(_named(path.name, data)).hexdigest()


def load_loose(path: Path, permit: Permit | None = None) -> ModuleType:
    """Import a plugin from a file of its own, under a module name that nothing else can have taken.

    Args:
        path: of the file.
        permit: is told the path and the digest of the code before any of it runs, and may raise.
    """
    name = loose_name(path)
    loader = _LooseLoader(name, str(path))
    loader.permit = permit
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
