"""Tags of a CIF that speak of symmetry, however they are spelt: each is used, or it is an error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from structkit import DataError, Problem

# Without case, dots, dashes and underscores: core, DDLm and mmCIF dictionaries, and common misspellings.
NAMES = (
    "spacegroupnamehmalt",
    "symmetryspacegroupnamehm",
    "spacegroupnamehm",
    "spacegrouphm",
    "spacegrouphmalt",
    "symmetryspacegroupnamehmalt",
    "symmetrynamehm",
    "symmetryspacegroup",
    "symmetryspacegroupname",
    "spacegroupname",
    "spacegroupsymbol",
    "spacegroup",
    "symmetryspacegrouphm",
    "spacegroupnamehmfull",
    "symmetryspacegroupnamehmfull",
    "symmetryfullspacegroupnamehm",
    "symmetrypdbxfullspacegroupnamehm",
    "spacegroupnamehmref",
)
NUMBERS = (
    "spacegroupitnumber",
    "symmetryinttablesnumber",
    "spacegroupinttablesnumber",
    "symmetryitnumber",
    "spacegroupnumber",
    "symmetryspacegroupnumber",
    "symmetryspacegroupitnumber",
)
HALL = (
    "spacegroupnamehall",
    "symmetryspacegroupnamehall",
    "spacegrouphall",
    "symmetryspacegrouphall",
)
OPERATIONS = (
    "spacegroupsymopoperationxyz",
    "symmetryequivposasxyz",
    "symmetryequivposxyz",
    "spacegroupsymopxyz",
    "symmetryopoperationxyz",
)
CODES = ("spacegroupitcoordinatesystemcode", "symmetryitcoordinatesystemcode")
# They narrow a group down, and do not name it: beside a group they are passed over, alone they are an error.
HINTS = (
    "spacegroupcrystalsystem",
    "spacegrouplaueclass",
    "spacegrouppointgrouphm",
    "spacegrouppattersonnamehm",
    "spacegroupbravaistype",
    "spacegroupcentringtype",
    "spacegroupreferencesetting",
    "spacegroupnameschoenflies",
    "symmetrycellsetting",
)
NO_SYMMETRY = ("triclinic", "p", "ap", "1", "c1^1", "c1_1", "p1", "p 1", "001:p 1", "1:p 1")
# They number rows, or describe a transformation.
OTHERS = (
    "spacegroupid",
    "spacegrouptransformppabc",
    "spacegrouptransformqqxyz",
    "symmetryentryid",
    "symmetryequivposid",
    "symmetryequivid",
    "symmetryequivpossiteid",
    "spacegroupsymopid",
    "spacegroupsymopsgid",
    "spacegroupsymopoperationdescription",
)
USUAL = {
    "spacegroupnamehmalt": "_space_group_name_H-M_alt",
    "symmetryspacegroupnamehm": "_symmetry_space_group_name_H-M",
    "spacegroupitnumber": "_space_group_IT_number",
    "symmetryinttablesnumber": "_symmetry_Int_Tables_number",
    "spacegroupnamehall": "_space_group_name_Hall",
    "symmetryspacegroupnamehall": "_symmetry_space_group_name_Hall",
    "spacegroupsymopoperationxyz": "_space_group_symop_operation_xyz",
    "symmetryequivposasxyz": "_symmetry_equiv_pos_as_xyz",
}
SPEAKS = re.compile(
    r"^(symm|spacegr|symop|spgr|sgname|sgnumber)|spacegroup|inttables|internationaltables|symop|sgsymbol"
)
# Tags of other matters: the symmetry of bonds, of absorption corrections, of what a database found.
FOREIGN = re.compile(
    r"_(atom|geom|diffrn|refln|exptl|audit|publ|journal|citation|chemical|refine|computing|shelx"
    r"|olex|pd|database|cell|valence|space_group_wyckoff|space_group\.wyckoff|iucr|platon)",
    re.IGNORECASE,
)
NEARLY = 0.88


@dataclass
class Stated:
    """What a block says of its symmetry: values that are there, in the order in which they count.

    Args:
        operations: lists of operations, as text.
        names: Hermann–Mauguin names.
        numbers: of the International Tables, as text.
        halls: Hall symbols.
        code: of the setting, such as 2 or H.
        unused: tags that speak of symmetry and are not known, each with the one that may be meant.
    """

    operations: list[list[str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    halls: list[str] = field(default_factory=list)
    code: str | None = None
    unused: list[tuple[str, str]] = field(default_factory=list)

    def check_used(self, where: str) -> None:
        """Refuse a block whose only words of symmetry are ones that nobody understands.

        Raises:
            DataError: S064.
        """
        if self.unused and not (self.operations or self.names or self.numbers or self.halls):
            tag, meant = self.unused[0]
            fix = (
                f"did you mean {meant}?"
                if meant
                else "write _space_group_name_H-M_alt ('P 1' for none)"
            )
            message = f"{tag} speaks of symmetry, and nothing says which group it is"
            raise DataError(Problem("S064", message, where, fix))


def stated_symmetry(block: Any) -> Stated:
    """What a block says of its symmetry."""
    values: dict[str, list[str]] = {}
    stated = Stated()
    for tag in _tags(block):
        column = [str(value).strip("'\" ;\n") for value in block.find_values(tag)]
        column = [value for value in column if value not in ("?", ".", "")]
        bare = squashed(tag)
        if column and _is_known(bare):
            values.setdefault(bare, column)
        elif column and not FOREIGN.match(tag):
            meant = _meant(bare, column[0])
            stated.unused.extend([] if meant is None else [(tag, meant)])
    stated.operations = [values[bare] for bare in OPERATIONS if bare in values]
    stated.names = [values[bare][0] for bare in NAMES if bare in values]
    stated.numbers = [values[bare][0] for bare in NUMBERS if bare in values]
    stated.halls = [values[bare][0] for bare in HALL if bare in values]
    stated.code = next((values[bare][0] for bare in CODES if bare in values), None)
    return stated


def squashed(tag: str) -> str:
    """A tag without what spellings differ in."""
    return re.sub(r"[^a-z0-9]", "", tag.lower())


def _tags(block: Any) -> Iterator[str]:
    """All tags of a block."""
    for item in block:
        if item.pair:
            yield item.pair[0]
        elif item.loop:
            yield from item.loop.tags


def _is_known(bare: str) -> bool:
    return bare in (*NAMES, *NUMBERS, *HALL, *OPERATIONS, *CODES)


def _meant(bare: str, value: str) -> str | None:
    """The tag that a word of symmetry may mean, "" where it is like none; None for other words."""
    if bare in OTHERS or (bare in HINTS and value.lower() in NO_SYMMETRY):
        return None
    if bare in HINTS:
        return ""
    speaks = bool(SPEAKS.search(bare))
    near = difflib.get_close_matches(bare, USUAL, n=1, cutoff=0.6 if speaks else NEARLY)
    if near:
        return USUAL[near[0]]
    return "" if speaks else None
