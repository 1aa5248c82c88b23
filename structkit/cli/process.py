"""The process of a command: its signals, streams and limits, and how it ends."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

from structkit.errors import Problem, SpecError, Stopped, StructkitError, printable

ROOM, MODE = "make room", "fix permissions"
FIXES = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: ROOM,
    errno.EACCES: MODE,
    errno.EPERM: MODE,
    errno.EROFS: MODE,
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "allow the system more open files",
    errno.ENOMEM: "free memory",
}


LEFT = 128 + signal.SIGPIPE  # exit code where nobody reads what is printed, as the shell has it


class OutputClosed(Stopped):
    """Nobody reads the output: what is printed reaches no one, so the command ends."""

    def __init__(self, words: str = "") -> None:
        self.words = words
        super().__init__(LEFT)


class _Watched:
    """A stream that ends the command when its reader has left (`structkit … | head -1`).

    typer would end with code 1 and no word, and the interpreter with code 120.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write a text; of none, nothing is tried (typer tries whether a stream takes bytes)."""
        if text == "":  # b"" is not: of bytes, the stream must complain
            return 0
        with _noticed(self.stream):
            return self.stream.write(text)

    def flush(self) -> None:
        """Hand on what is written."""
        with _noticed(self.stream):
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Closed(io.StringIO):
    """Standard output that was closed before we began (`>&-`)."""

    def write(self, text: str) -> int:
        """End the command."""
        if text:
            raise OutputClosed("standard output is closed: what was to be shown is lost")
        return 0


@contextlib.contextmanager
def _noticed(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _lead_nowhere(stream)
        if error.errno in (errno.EPIPE, errno.EBADF):
            raise OutputClosed from error
        raise OSError(error.errno, error.strerror, stream.name) from error


def _lead_nowhere(stream: TextIO) -> None:
    """What is still in a stream that failed must not fail again when the interpreter ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def mended_streams() -> Iterator[None]:
    """Characters that the output cannot show are written out, and nothing is printed to nobody for a block."""
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = _Closed() if before[0] is None else cast("TextIO", _Watched(before[0]))
    silent = Path(os.devnull).open("w", encoding="utf-8") if before[1] is None else before[1]  # noqa: SIM115
    sys.stderr = cast("TextIO", _Watched(silent))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def disk_words(error: OSError) -> str:
    """What the system refused, where, and how much room there is."""
    place = printable(
        str(error.filename or Path.cwd() if Path().exists() else error.filename or "")
    )
    room = ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        with contextlib.suppress(OSError):
            room = f" ({shutil.disk_usage(Path()).free / 2**20:.1f} MiB free)"
    cause = error.strerror or printable(str(error))
    fix = FIXES.get(error.errno or 0, "look at the disk")
    return f"I004 {cause}: {place}{room}; {fix}, then run the same command again"


def prepare() -> None:
    """Set what a command needs for the whole process, before libraries are loaded."""
    allow_open_files()
    let_threads_sleep()


def allow_open_files() -> None:
    """As many open files as the system lets us have: every memory-mapped array is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def let_threads_sleep() -> None:
    """Have threads of numerical libraries sleep while they wait for each other, where the user says nothing else.

    Left to itself, OpenMP lets them spin: on cores that are shared with other workers or programs each
    takes the time that another needs. It decides no number. A library reads it once, when it is loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def fail(text: str, code: int, debug: bool) -> NoReturn:
    """End with a message and an exit code."""
    if debug:
        import traceback

        traceback.print_exc()
    sys.stderr.write(f"{text}\n")
    sys.exit(code)


def check_given(arguments: Sequence[str]) -> None:
    """Refuse an argument of nothing: `recognise "$FILES"` of a variable that is not set would mean this folder.

    Raises:
        SpecError: Y012.
    """
    for number, argument in enumerate(arguments, 1):
        option = argument.removesuffix("=")
        if not argument or (option != argument and re.fullmatch(r"--[\w-]+", option)):
            message = f"{option} is given nothing" if option else f"argument {number} is empty"
            raise SpecError(Problem("Y012", message, fix="name something; `.` is this folder"))


def ended(command: Callable[[], object], debug: bool) -> NoReturn:
    """Run a command, and end the process as it ended: with a message and an exit code."""
    with mended_streams():
        try:
            _told(command, debug)
        except OutputClosed as closed:
            with contextlib.suppress(OutputClosed, OSError):
                sys.stderr.write(f"{closed.words}\n" if closed.words else "")
            sys.exit(closed.exit_code)


def _told(command: Callable[[], object], debug: bool) -> NoReturn:
    """Run a command, and end with what became of it."""
    try:
        try:
            check_given(sys.argv[1:])
            command()
        finally:
            sys.stdout.flush()  # here, where it can still be told that it failed
    except OutputClosed:
        raise
    except StructkitError as error:
        fail(str(error), error.exit_code, debug)
    except Stopped as stopped:
        fail("stopped; the same command goes on from here", stopped.exit_code, debug)
    except KeyboardInterrupt:  # a component has raised it
        fail("stopped; the same command goes on from here", 130, debug)
    except OSError as error:
        fail(disk_words(error), 4, debug)
    except MemoryError as error:
        fix = "use fewer --workers, a smaller batch_size, or smaller structures; then run the same command again"
        fail(f"I008 out of memory{f' ({error})' if str(error) else ''}; {fix}", 4, debug)
    except Exception as error:
        if debug:
            raise
        fail(
            f"I005 a defect of structkit: {type(error).__name__}: {error}; --debug shows the traceback",
            4,
            debug,
        )
    sys.exit(0)
