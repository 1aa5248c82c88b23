"""Whose fault it is: whatever a component raises or returns wrongly becomes an error with its name, row and line."""

from __future__ import annotations

import contextlib
import errno
import sys
import traceback
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from structkit import stopping, surroundings
from structkit.data.masks import MaskedError
from structkit.engine.recipe import Recipe
from structkit.errors import (
    DataError,
    Problem,
    StepError,
    Stopped,
    StructkitError,
    listed,
    quoted,
)
from structkit.randomness import seed_everything

# of the disk or the system, whoever was at work when they came
DISK_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
)


@dataclass
class Call:
    """A call of a component, or the calls by which a generator is asked for one value after the other.

    Args:
        number: which of several it is; each draws random numbers of its own.
        goes_on: whether the component has only paused, with a value.
        own: what it has set for itself and has still to put back.
        appeared: words of what came with a library that was imported during the call: what it was
            before, nobody knows.
    """

    number: int = 0
    goes_on: bool = False
    own: surroundings.Changes = field(default_factory=list)
    appeared: set[str] = field(default_factory=set)


@contextlib.contextmanager
def called(recipe: Recipe, item: str, call: Call | None = None) -> Iterator[None]:
    """Call a component: its faults are its own, as `blamed` has it, and so is what it sets for everybody.

    Random numbers that are one for the whole process are seeded by the step and the item. What the
    component leaves changed (see `structkit.surroundings`) is put back.

    Raises:
        StepError: P018, it has left something changed; or as `blamed`.
        Stopped: somebody has asked for it, whatever the component made of that.
    """
    call = call or Call()
    with _alone(recipe, item, call) as left, blamed(recipe, item):
        yield
    if left:
        message = f"{recipe.who} on {item} set {listed(left)} for everybody"
        raise StepError(Problem("P018", message, fix="let it put that back before it returns"))


@contextlib.contextmanager
def prepared(recipe: Recipe, item: str) -> Iterator[None]:
    """Import or build a component: as `called`, but what it sets for everybody is put back with a warning."""
    with _alone(recipe, item, Call()) as left, blamed(recipe, item):
        yield
    surroundings.tell_of(recipe.who, f"on {item}", left)


@contextlib.contextmanager
def _alone(recipe: Recipe, item: str, call: Call) -> Iterator[list[str]]:
    """Let a component do something alone; gives the words of what it has left changed, when it has ended."""
    stopping.check()
    before, left = surroundings.Snapshot(), list[str]()
    surroundings.resume(call.own)
    who = f"{recipe.seed} {recipe.component} {recipe.settings} {item} {call.number}"
    seed_everything(zlib.crc32(who.encode()))
    try:
        yield left
    except BaseException:
        before.put_back()
        stopping.check()
        raise
    call.appeared |= before.appeared()
    changes = [change for change in before.put_back() if change[0].words not in call.appeared]
    stopping.check()
    call.own = before.meant(changes) if call.goes_on else []
    if call.goes_on:
        return
    left += surroundings.loud(changes)
    surroundings.tell_of(recipe.who, f"in step '{recipe.step}'", before.quiet(changes))


@contextlib.contextmanager
def blamed(recipe: Recipe, item: str) -> Iterator[None]:
    """Turn whatever a component raises into an error that names it, the row and the line; even `sys.exit`.

    A DataError is the component's own word on the user's data; where it names no place, it gets the
    step and the row.
    """
    try:
        yield
    except DataError as error:
        place = f"step '{recipe.step}', {item}" if recipe.step else item
        raise DataError(
            *(p if p.where else replace(p, where=place) for p in error.problems)
        ) from error
    except (StructkitError, KeyboardInterrupt, MemoryError, Stopped):
        raise
    except MaskedError as error:
        raise refuse(recipe, item, str(error)) from error
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise  # a full disk, or too many open files: nobody's fault but the system's
        words = quoted(str(error), 300)[1:-1]
        cause = f"{type(error).__name__}{f': {words}' if words else ''}"
        message = f"{recipe.who} failed on {item}{_line(recipe, error)}: {cause}"
        raise StepError(Problem("P010", message, fix="see run.log for the traceback")) from error


def _line(recipe: Recipe, error: BaseException) -> str:
    """The innermost line of the plugin that an exception came through."""
    top = sys.modules.get(recipe.build.partition(":")[0].partition(".")[0])
    home = Path(file) if (file := getattr(top, "__file__", None)) else None
    if home is None:
        return ""
    home = home.parent if home.name == "__init__.py" else home
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if Path(f.filename).is_relative_to(home)
    ]
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""


def refuse(recipe: Recipe, item: str, what: str) -> StepError:
    """An error about what a component returned."""
    return StepError(
        Problem("P011", f"{recipe.who} on {item}: {what}", fix="this is a defect of the plugin")
    )
