"""`formats.md`, from the table of formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reference import NOTE

FORMATS_HEAD = """\
# Formats of structure files

What the source `files` reads, and what its readers do with what a file says. Afterwards, whatever the format, there are
finite numbers, a cell with a volume, elements that exist, no two atoms in one place (`min_distance`), units as they
are said, nearest neighbours as far apart as atoms are, and a right-handed cell.

A format that is not in the first two tables is refused (`S004`): convert it to CIF, POSCAR or extended XYZ. Or set
`trust_reader: true`: it is read as ase reads it, and a warning (`S008`) stands in the report. The third table says
what is then lost. Names of species are mapped by `type_map` in every format.
"""


def formats_page() -> str:
    """`formats.md`."""
    from structkit_structure_files.formats import FORMATS, READ_HERE

    trusted = {name: form for name, form in FORMATS.items() if form.trusted}
    others = {name: form for name, form in FORMATS.items() if not form.trusted}
    parts = [
        NOTE,
        "",
        FORMATS_HEAD,
        "## Read line by line by structkit",
        "",
        *_formats(READ_HERE),
        "",
    ]
    parts += ["## Read by ase", "", *_formats(trusted), ""]
    parts += ["## Refused, or read with `trust_reader: true`", "", *_formats(others), ""]
    return "\n".join(parts)


def _formats(formats: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a table."""
    columns = ("names", "symmetry", "occupancy", "units", "box", "missing")
    heads = ("elements", "symmetry", "occupancies", "units", "box", "missing values")
    yield "| format | files | " + " | ".join(heads) + " |"
    yield "|" + "---|" * (len(heads) + 2)
    for name, form in formats.items():
        cells = [name, form.about, *(getattr(form, column) for column in columns)]
        yield f"| {' | '.join(cells)} |"
