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


def chosen_frames(frames: Iterator[Atoms], path: Path, settings: ReadSettings) -> list[Atoms]:
    """The frames that the settings ask for; with `first`, what comes after is not looked at.

    Raises:
        DataError: S010 no structure; what is wrong with a frame that had to be read.
    """
    chosen: list[Atoms] = []
    for frame in _whole(frames, path, settings):
        if settings.frames == "last":
            chosen = [frame]
        else:
            chosen.append(frame)
        if settings.frames == "first":
            break
    if not chosen:
        raise DataError(Problem("S010", "no structure in the file", str(path)))
    return chosen


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
