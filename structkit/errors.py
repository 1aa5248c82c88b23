"""What goes wrong, said so that the reader can mend it.

Every message is a `Problem`: a stable code, the place, what was found against what is allowed, and
one fix. The class of the exception says whose fault it is, and that is the exit code.
docs/errors.md lists the codes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 20  # of many problems, as many are printed
LONGEST = 2000  # characters of a message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `where` is `file:line`, a file, or a file and its row; `fix` is one thing to do about it.
    """

    code: str
    message: str
    where: str = ""
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        fix = f"; {_cut(self.fix)}" if self.fix else ""
        line = f"{place}{self.code} {_cut(self.message)}{fix}"
        return printable(line.replace("\n", "\\n"))  # one line, whatever a name holds


def _cut(text: str) -> str:
    """A sentence that somebody can read, whatever names from data it holds."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


class StructkitError(Exception):
    """An error with something to tell the user; it is printed without a traceback."""

    exit_code = 2

    hint = ""  # one last line for all problems

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*problems)

    def __reduce__(self) -> tuple[type[StructkitError], tuple[Problem, ...]]:
        return type(self), self.problems  # so that it crosses from a worker process unharmed

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        hidden = len(self.problems) - SHOWN
        more = [f"... and {hidden} more"] if hidden > 0 else []
        return "\n".join([*lines, *more, *filter(None, [self.hint])])


class SpecError(StructkitError):
    """The pipeline file, or the command line, is at fault."""

    exit_code = 2


class DataError(StructkitError):
    """The user's data are at fault."""

    exit_code = 3


class StepError(StructkitError):
    """A plugin or a step failed."""

    exit_code = 4


class BusyError(StructkitError):
    """Somebody else is using the run folder."""

    exit_code = 5


class IntegrityError(StructkitError):
    """Something stored is not what was written."""

    exit_code = 6


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: stop cleanly. No `except Exception`, and no plugin's fault, may swallow it."""

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(exit_code)


def did_you_mean(
    word: str, allowed: Iterable[str], otherwise: str = "", cutoff: float = 0.6
) -> str:
    """A hint that names the nearest allowed word, or all of them when none is near."""
    choices = sorted(allowed)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=cutoff)
    if near:
        return f"did you mean '{near[0]}'?"
    return otherwise or f"allowed: {listed(choices) or 'none'}"


def listed(names: Sequence[str]) -> str:
    """Names as a message shows them: the first ones, when there are many."""
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def printable(text: str) -> str:
    """The text with every character a terminal could obey (escapes, bidi marks) written out."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def quoted(value: object, limit: int = 60) -> str:
    """A value from outside as it may be shown in a message: quoted, escaped and of bounded length."""
    text = printable(repr(value))
    return text if len(text) <= limit else text[: limit - 3] + "..."
