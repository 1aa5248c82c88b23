"""The element of a site of a CIF: as the type map says, of its type symbol, else of its label."""

from __future__ import annotations

import re
from collections.abc import Mapping

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import ISOTOPES, chemical_symbols, meant_element

# Fe3+, O2-, Cu+2, and D1 as some write it
TYPE = re.compile(r"[A-Za-z]{1,2}([0-9.]*[+-]|[+-][0-9.]*|[0-9]*)")


def element_of(
    words: Mapping[str, str], index: int, stated: set[str], where: str, settings: ReadSettings
) -> str:
    """The element of a site; `Si4+`, `O1` and `D` are understood.

    Args:
        words: of the site's row.
        index: of the site, from 1.
        stated: elements of the file's formula; they tell whether a label HO1 is holmium or
            hydrogen.
        where: for messages.
        settings: with the type map.

    Raises:
        DataError: S030.
    """
    typed = words["type_symbol"] not in (".", "?")
    symbol = words["type_symbol"] if typed else words["label"]
    match = re.match(r"[A-Za-z]+", symbol)
    letters = match.group(0) if match else ""
    mapping = settings.type_map or {}
    for name in (symbol, words["label"], letters):
        if name in mapping:
            return mapping[name]
    return (
        _of_type(symbol, letters, index, where)
        if typed
        else _of_label(symbol, letters, index, stated, where)
    )


def _of_type(symbol: str, letters: str, index: int, where: str) -> str:
    """The element of a type symbol.

    Raises:
        DataError: S030.
    """
    if not TYPE.fullmatch(symbol) and re.search(r"[^A-Za-z]", symbol):
        message = f"type symbol '{symbol[:20]}' at site {index} is not one element"
        fix = "write one site for each element, with its occupancy"
        raise DataError(Problem("S030", message, where, fix))
    whole = letters.capitalize()
    if whole in ISOTOPES:
        return ISOTOPES[whole]
    if whole in chemical_symbols():
        return whole
    raise _unknown(symbol, whole, index, where)


def _of_label(symbol: str, letters: str, index: int, stated: set[str], where: str) -> str:
    """The element that a label begins with, where it can be one only.

    Raises:
        DataError: S030.
    """
    if letters.upper() == "D":  # a label T1 is a site of a tetrahedron
        return "H"
    possible = _possible(letters)
    if stated and possible and not possible & stated:
        names = " or ".join(sorted(possible))
        message = f"the label '{symbol[:20]}' of site {index} is {names}, not in the formula"
        raise DataError(Problem("S030", message, where, "add a column _atom_site_type_symbol"))
    possible = possible & stated or possible
    if len(possible) == 1:
        return possible.pop()
    if possible:
        names = " or ".join(sorted(possible))
        message = f"the label '{symbol[:20]}' of site {index} may be {names}"
        raise DataError(Problem("S030", message, where, "add a column _atom_site_type_symbol"))
    raise _unknown(symbol, letters.capitalize(), index, where)


def _possible(letters: str) -> set[str]:
    """The elements that a label may begin with: OW2 oxygen, SI1 sulphur or silicon, HO1 hydrogen or holmium."""
    if letters[:1].isupper() and letters[1:2].islower():
        # spelt as a symbol; a label may go on (CaM1)
        return {letters[:2]} & set(chemical_symbols())
    return {letters[:1].upper(), letters[:2].capitalize()} & set(chemical_symbols())


def _unknown(symbol: str, whole: str, index: int, where: str) -> DataError:
    hint = meant_element(symbol, whole or symbol)
    return DataError(
        Problem("S030", f"unknown element '{symbol[:20]}' at site {index}", where, hint)
    )
