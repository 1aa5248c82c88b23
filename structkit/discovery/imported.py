"""The code that was imported: the bytes of a plugin's modules as this process runs them, whatever their files hold now.

Python does not keep what it has compiled, and takes a compiled file for a source of the same size
and second. Modules of plugins are therefore read, kept and compiled here: a digest of the code is
that of the bytes that run.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

_packages: set[str] = set()
_code: dict[str, bytes] = {}  # by file
_kept = [0]  # how often


def package_of(module: str) -> str:
    """The package that is one plugin: the whole top-level one; of the core, only what is built in."""
    return (
        module.rpartition(".")[0] if module.startswith("structkit.") else module.partition(".")[0]
    )


def watch(module: str) -> None:
    """From now on, keep the code of the package that a module is in as it is imported."""
    if not _packages:
        sys.meta_path.insert(0, _Finder())
    _packages.add(package_of(module))


def watch_plugins() -> None:
    """Watch every plugin that is installed."""
    for entry in importlib.metadata.entry_points(group="structkit"):
        watch(entry.value.partition(":")[0])


def imported_code(folder: Path) -> dict[Path, bytes]:
    """The code of the modules below a folder that this process has imported, by file."""
    files = {Path(name): data for name, data in _code.items()}
    return {path: data for path, data in files.items() if path.is_relative_to(folder)}


def imported_count() -> int:
    """How often a module was kept, one that was imported anew twice: a digest that is older says less."""
    return _kept[0]


class _Loader(SourceFileLoader):
    """Keeps the source that it runs; no compiled file beside it stands in for it."""

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        _code[self.path] = data
        _kept[0] += 1
        code: CodeType = self.source_to_code(data, self.path)
        return code


class _Finder:
    """Finds what the other finders do, and has plugins loaded by `_Loader`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not any(name == package or name.startswith(f"{package}.") for package in _packages):
            return None
        spec = self._found(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec

    def _found(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        """What another finder finds, in their order."""
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None
