"""Which frames of a file are read: those that nobody asked for decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import CutShort, warn

if TYPE_CHECKING:
    from ase import Atoms


def chosen_frames(frames: Iterator[Atoms], path: Path, settings: ReadSettings) -> Iterator[Atoms]:
    """The frames that the settings ask for, one at a time; with `first`, what comes after is not looked at.

    Raises:
        DataError: S010 no structure; S072 more frames than `max_frames`; what is wrong with a
            frame that had to be read.
    """
    last = None
    for number, frame in enumerate(_whole(frames, path, settings)):
        check_frames(number + 1, path, settings)
        last = frame
        if settings.frames != "last":
            yield frame
        if settings.frames == "first":
            break
    if last is None:
        raise DataError(Problem("S010", "no structure in the file", str(path)))
    if settings.frames == "last":
        yield last


def check_frames(count: int, path: Path, settings: ReadSettings) -> None:
    """Refuse a file of more frames than anybody asked for; readers count them before they read any.

    Raises:
        DataError: S072.
    """
    if settings.frames == "first" or count <= settings.max_frames:
        return
    message = f"{count} frames or more > max_frames {settings.max_frames}"
    fix = "raise max_frames, or read frames: first"
    raise DataError(Problem("S072", message, str(path), fix))


def _whole(frames: Iterator[Atoms], path: Path, settings: ReadSettings) -> Iterator[Atoms]:
    """The frames up to one that is cut short, which the settings may leave out."""
    number = 0
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except CutShort as error:
            if number and settings.on_truncated == "drop_last":
                warn(path, "S109", f"frame {number} is cut short, and left out")
                return
            raise (_with_a_way_on(error, number) if number else error) from None
        yield frame
        number += 1


def _with_a_way_on(error: CutShort, number: int) -> CutShort:
    """The error of a frame that is cut short, with its number and how to leave it out."""
    problem = error.problems[0]
    message = f"frame {number} is cut short: {problem.message}"
    fix = "on_truncated: drop_last leaves it out"
    return CutShort(Problem(problem.code, message, problem.where, fix))
