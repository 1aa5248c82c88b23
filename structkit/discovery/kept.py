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
from typing import Any

from structkit.errors import IntegrityError
from structkit.store.contents import AnswerContents
from structkit.store.files import digest, read_sealed, sealed, write_json

GROUP = "structkit"
CORE = Path(__file__).parents[1]
SETTLED = 2_000_000_000  # ns: a file changed just now may change again within one tick of its clock


def kept(
    question: str, ask: Callable[[], Any], lasts: Callable[[Any], bool] = lambda answer: True
) -> Any:
    """The answer to a question about what is installed, as it was given to the same code.

    Args:
        question: in one word, which names the file that holds its answer.
        ask: finds the answer (JSON), or raises; what is raised is not kept.
        lasts: whether an answer follows from the code alone. That a plugin is broken does not.

    Returns:
        The answer, as JSON gives it back.
    """
    state = installed_state()
    place = _folder()
    if not state or place is None:
        return ask()
    record = place / f"{question}.json"
    with contextlib.suppress(IntegrityError):
        before = read_sealed(record, contents=AnswerContents)
        if before["state"] == state:
            return before["answer"]
    answer = ask()
    if lasts(answer):
        with contextlib.suppress(OSError):
            write_json(record, sealed({"state": state, "answer": answer}), synced=False)
    return answer


def installed_state() -> str:
    """A digest of everything that decides what is declared; empty where it cannot be told.

    It is of the names and versions of all distributions, and of the source files of the core and of every
    plugin: who each is, how long, and when it was last changed, which no program can set back.
    """
    now = time.time_ns()
    here = [sys.version, sys.prefix, os.environ.get("STRUCTKIT_BLOCK", "")]
    try:
        folders = [CORE, *_plugin_folders()]
        files = [_facts(path) for folder in folders for path in sorted(folder.rglob("*.py"))]
    except (ImportError, OSError, ValueError):
        return ""
    if not files or any(now - facts[-1] < SETTLED for facts in files):
        return ""
    return digest([here, _distributions(), files])


def _facts(path: Path) -> list[Any]:
    facts = path.lstat()
    last = max(facts.st_mtime_ns, facts.st_ctime_ns)
    return [str(path), facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, last]


def _plugin_folders() -> Iterator[Path]:
    """The package of every plugin, found without importing it.

    Raises:
        ImportError: a plugin is no package in a folder, so that nobody knows its files.
    """
    entries = importlib.metadata.entry_points(group=GROUP)
    packages = {entry.value.partition(":")[0].partition(".")[0] for entry in entries}
    for package in sorted(packages - {CORE.name}):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(package)
        yield from map(Path, spec.submodule_search_locations)


def _distributions() -> list[str]:
    """The folders that say what is installed, `numpy-2.4.1.dist-info`, where Python looks for modules."""
    places = [Path(place) for place in sys.path if Path(place).is_dir()]
    infos = [str(info) for place in places for info in place.glob("*.dist-info")]
    return sorted(infos)


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
