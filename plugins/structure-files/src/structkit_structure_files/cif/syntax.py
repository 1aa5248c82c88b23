"""The text of a CIF as gemmi's document; a bad quote in what is no structure is passed over, and told of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from structkit import DataError, Problem
from structkit_structure_files.text import warn

# What a structure is made of: there, nothing is passed over.
NEEDED = re.compile(r"_(cell|atom_site|symmetry|space_group|chemical_formula)", re.IGNORECASE)
PAIR = re.compile(r"\s*(_\S+)\s+\S.*")
# The dictionaries of 2014 and after write a dot after the category.
DOTTED = re.compile(
    r"^([ \t]*_(?:cell|atom_site|chemical_formula))\.", re.MULTILINE | re.IGNORECASE
)
MOST_MENDED = 20


def document_of(text: str, path: Path) -> Any:
    """The document.

    Raises:
        DataError: S101 syntax, with the line; S010 no data block.
    """
    import gemmi

    lines = DOTTED.sub(r"\1_", text).split("\n")
    for _ in range(MOST_MENDED):
        try:
            document = gemmi.cif.read_string("\n".join(lines))
            document.check_for_duplicates() if hasattr(document, "check_for_duplicates") else None
            break
        except (RuntimeError, ValueError) as error:
            _pass_over(lines, str(error), path)
    else:
        raise DataError(Problem("S101", f"more than {MOST_MENDED} lines are no CIF", str(path)))
    if len(document) == 0:
        raise DataError(Problem("S010", "no data block", str(path)))
    return document


def _pass_over(lines: list[str], words: str, path: Path) -> None:
    """Take the value out of the line that cannot be read, where the structure does not need it.

    Raises:
        DataError: S101.
    """
    match = re.search(r":(\d+)[:(]", words)
    number = int(match.group(1)) if match else 1
    pair = PAIR.fullmatch(lines[number - 1]) if number <= len(lines) else None
    mended = pair is not None and lines[number - 1] == f"{pair.group(1)} ?"
    if match is None or pair is None or mended or NEEDED.match(pair.group(1)):
        message = f"not valid CIF: {words.partition(': ')[2] or words}"
        raise DataError(Problem("S101", message, f"{path}:{number}"))
    lines[number - 1] = f"{pair.group(1)} ?"
    warn(f"{path}:{number}", "S065", f"the value of {pair.group(1)} is no CIF (a quote?): left out")
