"""Which element a name of a species or a LAMMPS type stands for: as the user maps it, never guessed."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from structkit import DataError, Problem
from structkit.errors import did_you_mean
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

EXAMPLE = ("Si", "O", "H", "C")  # of a type map, in messages
ISOTOPES = {"D": "H", "T": "H"}


def mapped(name: str, where: str, settings: ReadSettings) -> str:
    """The element that a name of a species stands for: as the type map says, else itself.

    Deuterium and tritium are hydrogen. A symbol in other capitals (CL) is taken, with a warning.

    Raises:
        DataError: S030 no element; S111, in reduced units, a name that is not in the map.
    """
    mapping = settings.type_map or {}
    if name in mapping:
        return mapping[name]
    if settings.units == "lj":
        message = f"species '{name[:20]}' is not in type_map"
        raise DataError(Problem("S111", message, where, f"known: {', '.join(sorted(mapping))}"))
    return element(name, where)


@functools.lru_cache(maxsize=1)
def chemical_symbols() -> frozenset[str]:
    """The symbols of all elements."""
    from ase.data import chemical_symbols as symbols

    return frozenset(symbols[1:])


def atomic_numbers() -> Mapping[str, int]:
    """The number of every element, by its symbol."""
    from ase.data import atomic_numbers as numbers

    return numbers  # type: ignore[no-any-return]


def element(name: str, where: str) -> str:
    """The element of a symbol.

    Raises:
        DataError: S030 no element.
    """
    symbols = chemical_symbols()
    if name in symbols:
        return name
    if name in ISOTOPES:
        return ISOTOPES[name]
    if len(name) <= 2 and (spelt := name.capitalize()) in symbols:
        path = where.rpartition(":")[0] or where
        warn(path, "S032", f"'{name}' is read as {spelt}; type_map: {{{name}: ...}} says otherwise")
        return spelt
    message = f"unknown element '{name[:20]}'"
    raise DataError(Problem("S030", message, where, meant_element(name, name)))


def meant_element(name: str, letters: str) -> str:
    """What to do about a name that is no element: the symbol that may be meant, or the type map."""
    by_map = f"set type_map: {{{name[:20]}: ...}}"
    near = did_you_mean(letters, chemical_symbols(), " ", cutoff=0.5).strip()
    return f"{near} or {by_map}" if near else f"write element symbols, or {by_map}"


def species_of(
    types: Sequence[str],
    settings: ReadSettings,
    where: str,
    likely: Mapping[str, str] | None = None,
    other_names: Mapping[str, str] | None = None,
) -> list[str]:
    """Element symbols of atom types, as the type map says.

    Args:
        types: of every atom.
        settings: with the type map.
        where: for messages.
        likely: what the file lets one think of some types; it is proposed, never taken.
        other_names: another name that some types have, such as the label of a number; the map may
            name either.

    Raises:
        DataError: S111, a type is not in the map, or its two names are mapped to two elements.
    """
    mapping = dict(settings.type_map or {})
    for kind, other in (other_names or {}).items():
        if mapping.get(kind, "") != mapping.get(other, "") and kind in mapping and other in mapping:
            message = f"type {kind} is also called '{other[:20]}', and type_map names two elements"
            raise DataError(Problem("S111", message, where, "name one of them in type_map"))
        if other in mapping:
            mapping.setdefault(kind, mapping[other])
    if lacking := sorted(set(types) - set(mapping), key=lambda kind: (len(kind), kind)):
        raise DataError(_lacking(lacking, sorted(set(types)), where, likely))
    return [mapping[kind] for kind in types]


def _lacking(
    lacking: Sequence[str], kinds: Sequence[str], where: str, likely: Mapping[str, str] | None
) -> Problem:
    """That some types have no species, with a map that could be meant."""
    if likely:
        proposed = {kind: likely.get(kind, "?") for kind in kinds}
    else:
        proposed = dict(zip(kinds, EXAMPLE, strict=False))
    example = ", ".join(f"{kind}: {symbol}" for kind, symbol in proposed.items())
    message = f"types {{{','.join(lacking)}}} have no species"
    return Problem("S111", message, where, f"set type_map: {{{example}}}")
