"""The process of a command: its signals, streams and limits, and how it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from structkit.errors import printable


def mend_streams() -> None:
    """Output that is closed is nowhere; characters that it cannot show are written out."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


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
    return f"I004 {cause}: {place}{room}; make room or fix permissions, then run the same command again"


def allow_open_files() -> None:
    """As many open files as the system lets us have: every memory-mapped array is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def fail(text: str, code: int, debug: bool) -> NoReturn:
    """End with a message and an exit code."""
    if debug:
        import traceback

        traceback.print_exc()
    sys.stderr.write(f"{text}\n")
    sys.exit(code)
