"""What is wrong with a text that is no YAML, in words that name the cause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from structkit.errors import Problem, quoted

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

CLOSING = {"]": "[", "}": "{"}


def syntax_problem(error: MarkedYAMLError, text: str, name: str) -> Problem:
    """The problem behind an error of the YAML parser.

    Args:
        error: of the parser, with its place.
        text: of the file.
        name: of the file, for the message.
    """
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    began = error.context_mark.line + 1 if error.context_mark else line
    message, fix = _cause(str(error.problem), began, _line(text, line))
    return Problem("Y003", message, f"{name}:{line}", fix)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if number <= len(lines) else ""


def _cause(problem: str, began: int, line: str) -> tuple[str, str]:
    """The cause in our words, and what to do; the parser's own words where it is another.

    Args:
        problem: in the words of the parser.
        began: the line where the part began that could not be read.
        line: the text of the line where it was given up.
    """
    if "character '\\t'" in problem:
        return "a tab, where YAML takes spaces only", "indent with spaces"
    if match := re.fullmatch(r"expected ',' or '([\]}])', but got '(.+)'", problem):
        return _bracket(match[1], match[2], began)
    if "unexpected end of stream" in problem:
        return f"the quote that opens in line {began} is not closed", "close it"
    if match := re.search(r"<block end>, but found '([\]}])'", problem):
        return f"a '{match[1]}' that closes nothing", "remove it, or open the bracket"
    if match := re.search(r"character '(.)' that cannot start", problem):
        return f"a value begins with '{match[1]}'", "put it in quotes"
    if "mapping values are not allowed" in problem:
        fix = "put a value that holds ': ' in quotes, or mend the indentation"
        return f"a ':' where no key can be: {quoted(line.strip())}", fix
    if "<block end>" in problem:
        message = f"the line fits nothing that is open before it: {quoted(line.strip())}"
        return message, "mend the indentation, a quote or a '-'"
    if match := re.search(r"unknown escape character '(.)'", problem):
        return f"'\\{match[1]}' means nothing in double quotes", "use single quotes"
    return f"not valid YAML: {problem}", ""


def _bracket(closing: str, given: str, began: int) -> tuple[str, str]:
    """A bracket that is not closed, or by another one."""
    opening = f"the '{CLOSING[closing]}' that opens in line {began}"
    if given in CLOSING:
        return f"{opening} is closed by '{given}'", f"write '{closing}'"
    return f"{opening} is not closed", f"write '{closing}', or a comma between two values"
