"""Whose fault it is: whatever a component raises or returns wrongly becomes an error with its name, row and line."""

from __future__ import annotations

import contextlib
import errno
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from structkit.engine.recipe import Recipe
from structkit.errors import DataError, Problem, StepError, Stopped, StructkitError, quoted

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
