"""Spectra as columns of text: xy, xye, csv, dat and the like, each line checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from structkit import DataError, Problem
from structkit.errors import quoted
from structkit_powder_spectra.scan import Scan
from structkit_powder_spectra.settings import ReadSettings, first_wavelength
from structkit_structure_files.text import warn

BRIDGE = "accept: [gap] bridges it"
COMMENTS = ("#", ";", "!", "%", "//", "'")
NUMBER = re.compile(
    r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE
)
COMMA = re.compile(r"[+-]?\d+,\d+")
WAVE = re.compile(r"(?:wave[\s_-]?length|lambda|λ)[^0-9\n]{0,24}?(\d+\.\d+)", re.IGNORECASE)
# how programs call the columns; a name says which axis the first one is
AXES = {
    "2theta": ("2theta", "2-theta", "2θ", "two theta", "two_theta", "twotheta", "2th", "angle", "tth"),
    "q": ("q", "q (1/a)", "q(1/a)", "q (a^-1)", "q [1/å]", "q_a^-1", "s"),
    "d": ("d", "d-spacing", "d spacing", "d_spacing", "d (å)", "d [å]", "d(a)"),
}  # fmt: skip
COUNTS = ("intensity", "counts", "i", "cps", "yobs", "y", "int", "count", "signal", "value")


@dataclass(frozen=True)
class Head:
    """What stands before the numbers.

    Args:
        lines: how many lines it has.
        axis: which axis its names of columns say, if they do.
        wavelength: in Å, if it says one.
    """

    lines: int
    axis: str | None
    wavelength: float | None


def read_columns(text: str, path: Path, settings: ReadSettings) -> Scan:
    """A scan from lines of two numbers; a third column (the error of the counts) is passed over.

    Raises:
        DataError: X001 a line that is no pair of numbers, X002 another axis than said, X003 two
            wavelengths, X006 not finite, X007 no counts, X009 several spectra, X010 decimal commas, X011 a header
            that is not known.
    """
    lines = text.rstrip().split("\n")
    head = _head(lines, path, settings)
    axis = _agreed_axis(head, path, settings)
    rows = _rows(lines, head.lines, path, settings)
    _check_rows(rows, path)
    values = np.array([row[:2] for row in rows])
    wavelength = agreed_wavelength(head.wavelength, settings, path)
    return Scan(values[:, 0], values[:, 1], axis, wavelength, str(path), head.lines + 1)


def _rows(lines: list[str], start: int, path: Path, settings: ReadSettings) -> list[list[float]]:
    """The numbers of every line that has some; a position without counts is a gap."""
    rows, bare = [], []
    for number, line in enumerate(lines[start:], start + 1):
        if NUMBER.fullmatch(line.strip()):
            bare.append(number)
        elif line.strip():
            rows.append(_numbers(line, f"{path}:{number}"))
    if bare:
        first = lines[bare[0] - 1].strip()
        message = f"{len(bare)} positions without counts (first: {first})"
        refuse_or_warn(Problem("X007", message, f"{path}:{bare[0]}", BRIDGE), "gap", settings)
    return rows


def refuse_or_warn(problem: Problem, fault: str, settings: ReadSettings) -> None:
    """Refuse a fault of a file, or tell of it where the settings accept it."""
    if fault not in settings.accept:
        raise DataError(problem)
    warn(problem.where, problem.code, f"accepted: {problem.message}")


def _head(lines: list[str], path: Path, settings: ReadSettings) -> Head:
    """What stands before the first line of numbers."""
    axis = wavelength = None
    for number, line in enumerate(lines):
        match = WAVE.search(line)
        wavelength = float(match[1]) if match else wavelength
        if number < settings.header_lines or not line.strip() or _is_comment(line):
            axis = axis or _axis_named(line.strip().lstrip("#;!%/' "))
        elif _axis_named(line):
            axis = _axis_named(line)
        elif _words(line) and _is_number(_words(line)[0]):
            return Head(number, axis, wavelength)
        else:
            raise DataError(_unknown_header(line, f"{path}:{number + 1}"))
    message = "no line of numbers"
    raise DataError(Problem("X001", message, str(path), "give lines of position and counts"))


def _unknown_header(line: str, where: str) -> Problem:
    message = f"the header of a program that is not known: {quoted(line.strip())}"
    fix = "say in header_lines how many lines it has, or remove it"
    return Problem("X011", message, where, fix)


def _is_comment(line: str) -> bool:
    return line.strip().startswith(COMMENTS)


def _is_number(word: str) -> bool:
    return bool(NUMBER.fullmatch(word) or COMMA.fullmatch(word))


def _axis_named(line: str) -> str | None:
    """Which axis a line of column names says; None where it is no such line."""
    words = [word.strip().strip('"').lower() for word in re.split(r"[,;\t]|\s{2,}", line.strip())]
    if len(words) == 1:
        words = line.lower().split()
    if len(words) < 2 or not words[1].startswith(COUNTS):
        return None
    first = re.sub(r"\s*[\[(](deg|degrees|°|deg\.)[\])]\s*", "", words[0])
    named = [axis for axis, names in AXES.items() if first in names]
    return named[0] if named else None


def _agreed_axis(head: Head, path: Path, settings: ReadSettings) -> str:
    if head.axis and head.axis != settings.file_axis:
        message = f"the header says that the axis is {head.axis}, file_axis is {settings.file_axis}"
        raise DataError(
            Problem("X002", message, f"{path}:1", f"set file_axis: {head.axis}, or mend the header")
        )
    return settings.file_axis


def agreed_wavelength(written: float | None, settings: ReadSettings, path: Path) -> float | None:
    """The wavelength in Å of a file and of the settings, which must not differ.

    Raises:
        DataError: X003, they differ by more than Kα1 from the mean Kα.
    """
    if settings.file_wavelength is None:
        return written
    said = first_wavelength(settings.file_wavelength)
    if written is not None and abs(written - said) > 2e-3 * said:
        message = f"the file says λ = {written:g} Å, file_wavelength is {said:g} Å"
        raise DataError(Problem("X003", message, str(path), "mend file_wavelength"))
    return said


def _words(line: str) -> list[str]:
    """The columns of a line: by semicolons, tabs or spaces; by commas where they part numbers."""
    text = line.strip()
    for separator in (";", "\t"):
        if separator in text:
            return [word.strip() for word in text.split(separator) if word.strip()]
    if re.search(r",\s", text) or (text.count(",") and not re.search(r"\s", text)):
        return [word.strip() for word in text.split(",") if word.strip()]
    return text.split()


def _numbers(line: str, where: str) -> list[float]:
    """The numbers of a line."""
    words = _words(line)
    if _has_commas(line, words):
        fix = "write '.' decimals"
        raise DataError(Problem("X010", f"decimal comma in {quoted(line.strip())}", where, fix))
    bad = [word for word in words if not NUMBER.fullmatch(word)]
    if bad or len(words) < 2:
        message = f"{quoted(line.strip())}: expected position and counts"
        raise DataError(Problem("X001", message, where, "give two numbers in each line"))
    values = [float(word) for word in words]
    if not np.isfinite(values[:2]).all():
        message = f"{quoted(line.strip())} is not finite"
        raise DataError(Problem("X006", message, where, "measure again, or leave the ends out"))
    return values


def _has_commas(line: str, words: list[str]) -> bool:
    """Whether commas stand where points should: `10,02 345,0` or `10,02;345,0` or `10,02,345,0`."""
    if any(COMMA.fullmatch(word) for word in words):
        return True
    return len(words) == 4 and bool(re.fullmatch(r"\d+,\d+,\d+,\d+", line.strip()))


def _check_rows(rows: list[list[float]], path: Path) -> None:
    """Every line has as many columns, and not more than one of counts."""
    widths = {len(row) for row in rows}
    where = str(path)
    if len(widths) > 1:
        first = next(i for i, row in enumerate(rows) if len(row) != len(rows[0]))
        message = f"lines of {len(rows[0])} and of {len(rows[first])} numbers"
        raise DataError(Problem("X001", message, where, "give two numbers in each line"))
    if max(widths) > 3:
        message = f"{max(widths)} columns: several spectra in one file"
        raise DataError(Problem("X009", message, where, "write one file for each spectrum"))
