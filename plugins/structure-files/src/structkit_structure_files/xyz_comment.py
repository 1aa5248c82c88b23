"""The comment line of extended XYZ: its keys, its columns and its cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from structkit import DataError, Problem
from structkit_structure_files.text import number

# What stands between two brackets holds no other bracket, and no two runs of blanks lie side by side:
# a search from each of a million brackets to the end of the line would not come back.
PROPERTIES = re.compile(r"""\bProperties\s*=\s*["']?([^\s"']+)["']?""", re.IGNORECASE)
LATTICE = re.compile(r"""\bLattice\s*=\s*["'{\[]([^"'{}\[\]]*)["'}\]]""", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\{[^{}]*\}|\[[^\[\]]*\]")
NINE = re.compile(
    r"""\b(lattice|cell)\s*[=:]\s*(?:["'{\[]\s*)?(?:[-+0-9.eE]+[\s,]+){8}[-+0-9.eE]+""",
    re.IGNORECASE,
)
UNITS = re.compile(r"""\bunits\s*=\s*["']?(\w+)""")
PBC = re.compile(r"""\bpbc\s*=\s*(?:["'{\[]([^"'{}\[\]]*)["'}\]]|(\S+))""", re.IGNORECASE)


ELEMENTS = ("species", "Z", "numbers")
FORMS = {"pos": "R:3", "species": "S:1", "Z": "I:1", "numbers": "I:1"}


@dataclass(frozen=True)
class Column:
    """Columns of a row that belong together: `forces:R:3` is a name, a kind (S, R, I, L) and a width."""

    name: str
    kind: str
    width: int
    start: int

    @property
    def stop(self) -> int:
        """The place after the last."""
        return self.start + self.width

    def __str__(self) -> str:
        return f"{self.name}:{self.kind}:{self.width}"


PLAIN = (Column("species", "S", 1, 0), Column("pos", "R", 3, 1))


def check_keys(comment: str, where: str) -> None:
    """Keys that a parser passes over in silence: misspelt ones, and all but the last of two."""
    bare = QUOTED.sub('""', comment)
    for code, key in (("S106", "Lattice"), ("S107", "pbc"), ("S105", "Properties")):
        if len(re.findall(rf"\b{key}\s*=", bare)) > 1:
            raise DataError(Problem(code, f"{key} is given twice", where, "give it once"))
    if (odd := NINE.search(comment)) and not re.match(r"Lattice\s*=", odd.group(0)):
        raise DataError(
            Problem("S106", f"'{odd.group(1)}' is no key of a cell", where, 'write Lattice="..."')
        )
    for key in ("pbc", "Properties"):
        if odd := re.search(rf"\b(?!{key}\b)((?i:{key}))\s*=", bare):
            raise DataError(Problem("S105", f"'{odd.group(1)}' is no key", where, f"write {key}="))


def columns_of(comment: str, where: str) -> tuple[Column, ...] | None:
    """The columns that the comment names; None where it names none.

    Raises:
        DataError: S105.
    """
    match = PROPERTIES.search(comment)
    if not match:
        return None
    columns = _split(match.group(1), where)
    names = [column.name for column in columns]
    if "pos" not in names or not set(ELEMENTS) & set(names):
        message = f"Properties name {', '.join(names)}: pos and species are needed"
        raise DataError(Problem("S105", message, where))
    for column in columns:
        form = FORMS.get(column.name)
        if form and str(column) != f"{column.name}:{form}":
            message = f"column {column}"
            raise DataError(Problem("S105", message, where, f"write {column.name}:{form}"))
    return columns


def _split(text: str, where: str) -> tuple[Column, ...]:
    """`name:kind:width` triples as columns."""
    fields = text.split(":")
    triples = list(zip(fields[::3], fields[1::3], fields[2::3], strict=False))
    if len(fields) % 3 or not all(_is_triple(kind, width) for _, kind, width in triples):
        fix = "write name:kind:columns triples such as species:S:1:pos:R:3"
        raise DataError(Problem("S105", f"Properties '{text[:60]}' cannot be read", where, fix))
    columns = []
    start = 0
    for name, kind, width in triples:
        columns.append(Column(name, kind, int(width), start))
        start += int(width)
    return tuple(columns)


def _is_triple(kind: str, width: str) -> bool:
    return kind in ("S", "R", "I", "L") and width.isdigit() and 0 < int(width) < 100


def _value(pbc: re.Match[str]) -> str:
    """What stands after `pbc=`, in brackets or not; in brackets it may be nothing."""
    value: str = pbc.group(1) if pbc.group(1) is not None else pbc.group(2)
    return value


def check_cell(comment: str, where: str) -> None:
    """Check the numbers of the cell, and the words of its periodicity.

    Raises:
        DataError: S106, S107; S013, S103, S104.
    """
    match = LATTICE.search(comment)
    if not match and re.search(r"\bLattice\s*=", QUOTED.sub('""', comment), re.IGNORECASE):
        message = "Lattice is no nine numbers in quotes"
        fix = 'write Lattice="5.6 0 0 0 5.6 0 0 0 5.6", without other marks'
        raise DataError(Problem("S106", message, where, fix))
    if match:
        values = [number(word, where, "Lattice") for word in match.group(1).split()]
        if len(values) != 9:
            fix = "write the nine numbers of three vectors"
            raise DataError(Problem("S106", f"Lattice has {len(values)} numbers", where, fix))
    if pbc := PBC.search(comment):
        words = _value(pbc).replace(",", " ").split()
        if len(words) not in (1, 3) or any(
            w.lower() not in ("t", "f", "true", "false", "1", "0") for w in words
        ):
            raise DataError(
                Problem(
                    "S107", f"pbc '{' '.join(words)[:40]}' is unknown", where, 'write pbc="T T T"'
                )
            )


def needed_keys(comment: str) -> str:
    """The keys of cell and columns alone, for a comment whose other words cannot be read."""
    keys = []
    if match := LATTICE.search(comment):
        keys.append(f'Lattice="{match.group(1)}"')
    if match := PBC.search(comment):
        keys.append(f'pbc="{_value(match)}"')
    if match := UNITS.search(comment):
        keys.append(f"units={match.group(1)}")
    return " ".join(keys)
