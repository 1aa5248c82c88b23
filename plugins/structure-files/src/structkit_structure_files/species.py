"""Which element a name of a species or a LAMMPS type stands for: as the user maps it, never guessed."""

from __future__ import annotations

from collections.abc import Mapping

from structkit import DataError, Problem
from structkit.errors import did_you_mean
from structkit_structure_files.settings import ReadSettings

EXAMPLE = ("Si", "O", "H", "C")  # of a type map, in messages


def mapped(name: str, where: str, settings: ReadSettings) -> str:
    """The element that a name of a species stands for: as the type map says, else itself.

    Raises:
        DataError: S030 no element; S111, in reduced units, a name that is not in the map.
    """
    known = settings.type_map or {}
    if settings.units == "lj" and name not in known:
        message = f"species '{name[:20]}' is not in type_map"
        raise DataError(Problem("S111", message, where, f"known: {', '.join(sorted(known))}"))
    symbol = known.get(name, name)
    check_element(symbol, where)
    return symbol


def check_element(symbol: str, where: str) -> None:
    """Refuse what is no element symbol."""
    from ase.data import chemical_symbols

    if symbol not in chemical_symbols[1:]:
        hint = did_you_mean(symbol, chemical_symbols[1:], "write element symbols", cutoff=0.5)
        raise DataError(Problem("S030", f"unknown element '{symbol[:20]}'", where, hint))


def species_of(
    types: list[str], settings: ReadSettings, where: str, likely: Mapping[str, str] | None = None
) -> list[str]:
    """Element symbols of atom types, as the type map says.

    Args:
        types: of every atom.
        settings: with the type map.
        where: for messages.
        likely: what the file lets one think of some types; it is proposed, never taken.

    Raises:
        DataError: S111, a type is not in the map.
    """
    known = settings.type_map or {}
    if lacking := sorted(set(types) - set(known), key=lambda t: (len(t), t)):
        kinds = sorted(set(types))
        proposed = (
            {kind: likely.get(kind, "?") for kind in kinds}
            if likely
            else dict(zip(kinds, EXAMPLE, strict=False))
        )
        example = ", ".join(f"{kind}: {element}" for kind, element in proposed.items())
        message = f"types {{{','.join(lacking)}}} have no species"
        raise DataError(Problem("S111", message, where, f"set type_map: {{{example}}}"))
    return [known[t] for t in types]
