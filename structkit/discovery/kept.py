"""Answers about what is installed, kept until something of it changes.

To say which components there are, every plugin is imported: a second for twenty of them. What they
declare follows from their code. Where that is as it was, so is the answer.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.errors import SpecError, StructkitError
from structkit.store.contents import AnswerContents
from structkit.store.files import digest, read_sealed, sealed, write_json

if TYPE_CHECKING:
    from structkit.discovery.registry import Registry

GROUP = "structkit"
CORE = Path(__file__).parents[1]
SETTLED = 2_000_000_000  # ns: a file changed just now may change again within one tick of its clock
# What a cache that cannot be read or written raises: the question is then asked anew.
UNUSABLE = (StructkitError, OSError, ValueError, TypeError)


def kept(question: str, ask: Callable[[Registry], Any]) -> Any:
    """The answer to a question about what is installed, as it was given to the same code.

    An answer is kept where every plugin and all settings load: that one is broken may follow from
    what lies around it.

    Args:
        question: in one word, which names the file that holds its answer.
        ask: finds the answer (JSON) for what is installed.

    Returns:
        The answer, as JSON gives it back.
    """
    state, place = installed_state(), _folder()
    record = place / f"{question}.json" if state and place else None
    if record is not None:
        with contextlib.suppress(*UNUSABLE):
            before = read_sealed(record, contents=AnswerContents)
            if before["state"] == state:
                return before["answer"]
    return _asked(ask, record, state)


def _asked(ask: Callable[[Registry], Any], record: Path | None, state: str) -> Any:
    """Ask, and keep the answer where it lasts."""
    from structkit.discovery.loading import discover

    registry = discover()
    answer = ask(registry)
    if record is not None and all_load(registry):
        with contextlib.suppress(*UNUSABLE):
            write_json(record, sealed({"state": state, "answer": answer}), synced=False)
    return answer


def all_load(registry: Registry) -> bool:
    """Whether every plugin loads, and the settings of every component."""
    from structkit.discovery.declarations import settings_class

    if any(plugin.problem for plugin in registry.plugins):
        return False
    try:
        for component in registry.components:
            settings_class(component.declaration)
    except SpecError:
        return False
    return True


def installed_state() -> str:
    """A digest of everything that decides what is declared; empty where it cannot be told.

    It is of all distributions, of every entry point, and of the source files of the core, of every
    plugin and of what else is ours: which file each is, how long, and when it was last changed, which no
    program can set back.
    """
    now = time.time_ns()
    here = [sys.version, sys.prefix, os.environ.get("STRUCTKIT_BLOCK", "")]
    try:
        entries = sorted(_entries())
        folders = [CORE, *_plugin_folders([value for *_, value in entries]), *_libraries()]
        paths = [path for folder in dict.fromkeys(folders) for path in folder.rglob("*.py")]
        files = [_facts(path) for path in sorted(paths)]
    except (ImportError, OSError, ValueError):
        return ""
    if not files or any(now - facts[-1] < SETTLED for facts in files):
        return ""
    return digest([here, entries, _distributions(), files])


def _facts(path: Path) -> list[Any]:
    """Which file a path leads to, also through a link."""
    facts = path.stat()
    last = max(facts.st_mtime_ns, facts.st_ctime_ns)
    return [str(path), facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, last]


def _entries() -> Iterator[list[str]]:
    """Distribution, its version, name and value of every entry point."""
    for entry in importlib.metadata.entry_points(group=GROUP):
        owner = [entry.dist.name, entry.dist.version] if entry.dist else ["", ""]
        yield [*owner, entry.name, entry.value]


def _plugin_folders(modules: list[str]) -> Iterator[Path]:
    """The package of every plugin, found without importing it.

    Raises:
        ImportError: a plugin is no package in a folder, so that nobody knows its files.
    """
    packages = {module.partition(":")[0].partition(".")[0] for module in modules}
    for package in sorted(packages - {CORE.name}):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(package)
        yield from map(Path, spec.submodule_search_locations)


def _places() -> Iterator[Path]:
    """The folders in which Python looks for modules."""
    yield from (Path(place) for place in sys.path if Path(place).is_dir())


def _libraries() -> list[Path]:
    """Packages called as ours are, such as `structkit_torch_training`: plugins take settings from them."""
    return sorted(folder for place in _places() for folder in place.glob(f"{CORE.name}_*"))


def _distributions() -> list[list[Any]]:
    """The folders that say what is installed, `numpy-2.4.1.dist-info`, and when they were written."""
    infos = sorted(info for place in _places() for info in place.glob("*.dist-info"))
    return [[str(info), info.stat().st_mtime_ns] for info in infos]


def _folder() -> Path | None:
    """Where this user's programs keep what they can make again, by the convention of the platform."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named / "structkit"
    try:
        home = Path.home()
    except RuntimeError:  # nobody knows where that is
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "structkit"
