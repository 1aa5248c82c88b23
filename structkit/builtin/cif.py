"""CIF by gemmi: its parser knows lines, runs no code, and leaves every doubt to us.

pymatgen drops sites whose occupancy is "." and ase keeps occupancies aside; here a partly occupied site is refused
unless the user says what to make of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit.builtin.physics import near_pairs
from structkit.builtin.settings import ReadSettings
from structkit.builtin.text import number, too_many, warn
from structkit.errors import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]
LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz", "_space_group_symop.operation_xyz")
NUMBERS = ("_space_group_IT_number", "_symmetry_Int_Tables_number")
NAMES = (
    "_space_group_name_H-M_alt",
    "_symmetry_space_group_name_H-M",
    "_space_group_name_Hall",
    "_symmetry_space_group_name_Hall",
)
COLUMNS = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy", "calc_flag")
SAME = 0.02  # Å: images of a site this near to each other are one site on a special position


@dataclass(frozen=True)
class Site:
    """A site of the asymmetric unit."""

    name: str
    element: str
    position: Floats
    occupancy: float


def read(text: str, path: Path, settings: ReadSettings, rng: np.random.Generator) -> Iterator[Atoms]:
    """The structure of every data block that has atoms.

    Raises:
        DataError: S101 syntax, S010 no atoms, S011 no cell, S012 no volume, S013 unknown coordinates, S021 coinciding
            sites, S030 unknown element, S040/S041 occupancies, S060 symmetry operations.
    """
    document = _parse(text, path)
    blocks = [block for block in document if _has_atoms(block)]
    if not blocks:
        names = ", ".join(block.name for block in document) or "none"
        cartesian = any(len(block.find_values("_atom_site_Cartn_x")) for block in document)
        fix = "give fractional coordinates (_atom_site_fract_x)" if cartesian else "choose another file"
        raise DataError(Problem("S010", f"no atom sites in block data_{names}", str(path), fix))
    for block in blocks:
        where = str(path) if len(blocks) == 1 else f"{path} block data_{block.name}"
        yield _structure(block, where, path, settings, rng)


def _parse(text: str, path: Path) -> Any:
    import gemmi

    try:
        document = gemmi.cif.read_string(text)
        document.check_for_duplicates() if hasattr(document, "check_for_duplicates") else None
    except (RuntimeError, ValueError) as error:
        words = str(error)
        line = match.group(1) if (match := re.search(r":(\d+)[:(]", words)) else "1"
        raise DataError(
            Problem("S101", f"not valid CIF: {words.partition(': ')[2] or words}", f"{path}:{line}")
        ) from error
    if len(document) == 0:
        raise DataError(Problem("S010", "no data block", str(path)))
    return document


def _has_atoms(block: Any) -> bool:
    return len(block.find_values("_atom_site_fract_x")) > 0


def _structure(block: Any, where: str, path: Path, settings: ReadSettings, rng: np.random.Generator) -> Atoms:
    from ase import Atoms

    _check_transformations(block, where)
    cell = _cell(block, where, path)
    rotations, translations = _operations(block, where)
    announced = len(block.find_values("_atom_site_fract_x"))
    if announced > settings.max_atoms or announced * len(rotations) > 50 * settings.max_atoms:
        raise too_many(announced * len(rotations), settings.max_atoms, where)
    listed = _sites(block, where, path)
    listed = _without_images(listed, _contacts(listed, rotations, translations, cell), path)
    sites = _occupied(listed, cell, where, settings, rng)
    names, elements, positions = [], [], []
    for site in sites:
        images = _images(site.position, rotations, translations, cell)
        names += [site.name] * len(images)
        elements += [site.element] * len(images)
        positions.append(images)
    atoms = Atoms(elements, cell=cell, scaled_positions=np.concatenate(positions), pbc=True)
    atoms.info["_names"] = names  # for messages about coinciding sites; it is a list of strings, like any info
    _compare_group(block, atoms, path)
    return atoms


def _value(block: Any, *tags: str) -> str | None:
    """The first of several tags that has a value; `?` and `.` are none."""
    for tag in tags:
        value = block.find_value(tag)
        if value is not None and value.strip("'\" ") not in ("?", ".", ""):
            return str(value).strip("'\" ")
    return None


def _cell(block: Any, where: str, path: Path) -> Floats:
    from ase.geometry import cellpar_to_cell

    for tag in (*LENGTHS, *ANGLES):
        if _value(block, tag) is None and (tag in LENGTHS or block.find_value(tag)):
            found = "is '?'" if block.find_value(tag) else "is missing"
            raise DataError(Problem("S011", f"no unit cell: {tag} {found}", where))
    if any(_value(block, tag) is None for tag in ANGLES):
        warn(path, "S052", "no cell angles: 90° each, as CIF defines")
    lengths = [_plain(_value(block, tag) or "", where, tag) for tag in LENGTHS]
    angles = [_plain(_value(block, tag) or "90", where, tag) for tag in ANGLES]
    if min(lengths) <= 0:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (lengths {lengths})", where))
    try:
        with np.errstate(all="ignore"):
            cell = np.asarray(cellpar_to_cell([*lengths, *angles]))
        volume = abs(float(np.linalg.det(cell)))
    except (AssertionError, ValueError, ZeroDivisionError, FloatingPointError):
        volume = 0.0
    if not np.isfinite(volume) or volume < 1e-3:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (angles {angles})", where))
    return cell


def _plain(value: str, where: str, tag: str) -> float:
    """A number without its standard uncertainty: 5.4310(2)."""
    return number(re.sub(r"\(\d+\)$", "", value), where, tag)


def _operations(block: Any, where: str) -> tuple[Floats, Floats]:
    """Rotations (n, 3, 3) and translations (n, 3) of the space group, in fractions of the cell.

    Raises:
        DataError: S060 an operation is malformed, or they form no group; S061 the group is not known.
    """
    listed = next((column for tag in OPERATIONS if len(column := block.find_values(tag))), None)
    ops = _listed([str(item) for item in listed], where) if listed else _from_name(block, where)
    rotations = np.array([op.rot for op in ops], dtype=np.float64) / 24
    translations = np.array([op.tran for op in ops], dtype=np.float64) / 24
    return rotations, translations


def _listed(words: list[str], where: str) -> list[Any]:
    import gemmi

    if len(words) > 400:
        raise DataError(Problem("S060", f"{len(words)} symmetry operations (at most 192 exist)", where))
    ops = []
    for word in words:
        triplet = word.strip("'\" ")
        try:
            if not re.fullmatch(r"[-+xyzXYZ0-9/., *]+", triplet):
                raise ValueError
            ops.append(gemmi.Op(triplet))
        except (RuntimeError, ValueError) as error:
            raise DataError(Problem("S060", f"malformed symmetry operation {triplet[:60]!r}", where)) from error
    if bad := [op.triplet() for op in ops if abs(round(np.linalg.det(np.array(op.rot) / 24), 6)) != 1]:
        raise DataError(Problem("S060", f"symmetry operation {bad[0]} is singular", where))
    _check_group(ops, where)
    return ops


def _check_group(ops: list[Any], where: str) -> None:
    """The product of any two operations must be one of them."""
    known = {op.wrap().triplet() for op in ops}
    if len(known) < len(ops):
        raise DataError(Problem("S060", "a symmetry operation is listed twice", where))
    if "x,y,z" not in known:
        raise DataError(Problem("S060", "the symmetry operations lack x,y,z", where))
    for a in ops:
        for b in ops:
            if (product := (a * b).wrap().triplet()) not in known:
                message = f"the symmetry operations form no group: {a.triplet()} · {b.triplet()} = {product}"
                raise DataError(Problem("S060", message, where))


def _check_transformations(block: Any, where: str) -> None:
    """Magnetic CIFs carry changes of basis as text, which programs have executed; here they must at least be one."""
    for item in block:
        tag, value = item.pair or ("", "")
        word = str(value).strip("'\" ")
        if (
            "transform" in tag.lower()
            and word not in ("?", ".")
            and not re.fullmatch(r"[-+abcxyzmtu0-9/., ;()*]+", word)
        ):
            raise DataError(Problem("S060", f"malformed transformation {word[:60]!r} in {tag}", where))


def _from_name(block: Any, where: str) -> list[Any]:
    """Operations from the group's name or number, where none are listed."""
    import gemmi

    name, number_ = _value(block, *NAMES), _value(block, *NUMBERS)
    group = gemmi.find_spacegroup_by_name(name) if name else None
    if group is None and number_ and number_.isdigit() and 1 <= int(number_) <= 230:
        group = gemmi.find_spacegroup_by_number(int(number_))
    if group is None and (name or number_):
        raise DataError(Problem("S061", f"unknown space group '{name or number_}' and no operations", where))
    return list(group.operations()) if group else [gemmi.Op("x,y,z")]


def _sites(block: Any, where: str, path: Path) -> list[Site]:
    table = block.find("_atom_site_", [COLUMNS[0], *(f"?{c}" for c in COLUMNS[1:])])
    if not len(table):
        table = block.find("_atom_site_", [f"?{COLUMNS[0]}", *(f"?{c}" for c in COLUMNS[1:])])
    sites = []
    dropped = 0
    for index in range(len(table)):
        row = table[index]
        cells = {name: row.get(i) for i, name in enumerate(COLUMNS)}
        words = {name: str(cell).strip("'\" ") if cell is not None else "." for name, cell in cells.items()}
        if words["calc_flag"] == "dum" or words["type_symbol"] == ".":
            label = words["label"]
            if words["calc_flag"] == "dum" or _is_dummy(words):
                dropped += 1
                continue
            words["type_symbol"] = "?" if label not in ("?", ".") else words["type_symbol"]
        sites.append(_site(words, index + 1, where))
    if dropped:
        warn(path, "S053", f"{dropped} dummy sites left out")
    if not sites:
        raise DataError(Problem("S010", "no atom sites but dummies", where))
    return sites


def _is_dummy(words: dict[str, str]) -> bool:
    return all(words[axis] in (".", "?") for axis in ("fract_x", "fract_y", "fract_z"))


def _site(words: dict[str, str], index: int, where: str) -> Site:
    name = words["label"] if words["label"] not in (".", "?") else f"site {index}"
    for axis in ("fract_x", "fract_y", "fract_z"):
        if words[axis] in (".", "?"):
            raise DataError(Problem("S013", f"unknown coordinate '{words[axis]}' of {name} (site {index})", where))
    position = np.array([_plain(words[axis], where, f"{axis} of {name}") for axis in ("fract_x", "fract_y", "fract_z")])
    occupancy = 1.0 if words["occupancy"] in (".", "?") else _plain(words["occupancy"], where, f"occupancy of {name}")
    if occupancy > 1.001 or occupancy < 0:
        message = f"occupancy {occupancy:g} {'> 1' if occupancy > 1 else '< 0'} at {name} (site {index})"
        raise DataError(Problem("S041", message, where))
    return Site(name, _element(words, index, where), position, occupancy)


def _element(words: dict[str, str], index: int, where: str) -> str:
    """The element of a site: of its type symbol, else of its label; `Si4+`, `SI`, `O1` and `D` are understood."""
    from ase.data import chemical_symbols

    known = set(chemical_symbols[1:])
    symbol = words["type_symbol"] if words["type_symbol"] not in (".", "?") else words["label"]
    letters = match.group(0) if (match := re.match(r"[A-Za-z]+", symbol)) else ""
    whole = letters.capitalize()
    if whole in ("D", "T"):
        return "H"
    if len(letters) <= 2 and whole in known:
        return whole
    # a label may go on after the element (CaM1, OW2): read two letters when they are spelt as a symbol, else one
    from_label = words["type_symbol"] in (".", "?")
    for size in (2, 1):
        if from_label and letters[:size] in known and not letters[size : size + 1].islower():
            return letters[:size]
    if len(letters) == 2 and letters[0].upper() in known and from_label and letters.isupper():
        return letters[0].upper()
    hint = did_you_mean(whole or symbol, known, "write element symbols", cutoff=0.5)
    raise DataError(Problem("S030", f"unknown element '{symbol[:20]}' at site {index}", where, hint))


def _occupied(
    sites: list[Site], cell: Floats, where: str, settings: ReadSettings, rng: np.random.Generator
) -> list[Site]:
    """One occupant for every place: refused, drawn or the likeliest, as the settings say.

    Raises:
        DataError: S040 a partly occupied place, S021 two full sites in one place, S041 a place more than full.
    """
    kept = []
    for index, place in enumerate(_places(sites, cell), 1):
        total = sum(site.occupancy for site in place)
        if len(place) > 1 and all(site.occupancy == 1.0 for site in place):
            message = f"{place[0].name} and {place[1].name} coincide"
            raise DataError(Problem("S021", message, where, "give occupancies, or remove one"))
        if total > 1.001:
            names = " and ".join(site.name for site in place)
            raise DataError(Problem("S041", f"occupancy {total:g} > 1 at {names}", where))
        if total >= 0.999 and len(place) == 1:
            kept.append(place[0])
        else:
            kept += _decided(place, index, where, settings, rng)
    if not kept:
        raise DataError(Problem("S010", "no occupied site", where))
    return kept


def _decided(place: list[Site], index: int, where: str, settings: ReadSettings, rng: np.random.Generator) -> list[Site]:
    """The occupant of a disordered place: one site, or none for a vacancy."""
    if settings.disorder == "reject":
        listed = ", ".join(f"{site.element} {site.occupancy:g}" for site in place)
        fix = "choose disorder: reject/sample/major"
        raise DataError(Problem("S040", f"disordered site {index} ({listed})", where, fix))
    shares = np.array([site.occupancy for site in place])
    empty = max(0.0, 1 - shares.sum())
    if settings.disorder == "major":
        return [place[int(shares.argmax())]] if shares.max() >= empty else []
    drawn = int(rng.choice(len(place) + 1, p=np.array([*shares, empty]) / (shares.sum() + empty)))
    return [place[drawn]] if drawn < len(place) else []


def _without_images(sites: list[Site], contacts: Contacts, path: Path) -> list[Site]:
    """The sites without those that are symmetry images of another (some files list them for their bonds).

    Two sites in the same place of the cell are no image of each other; they coincide, which is told of later.
    """
    dropped: set[int] = set()
    for first, second in sorted(contacts.images - contacts.coinciding):
        alike = sites[first].element == sites[second].element and sites[first].occupancy == sites[second].occupancy
        if alike and first not in dropped:
            dropped.add(second)
    if dropped:
        warn(path, "S054", f"{len(dropped)} sites are symmetry images of others: left out")
    return [site for index, site in enumerate(sites) if index not in dropped]


@dataclass(frozen=True)
class Contacts:
    """Pairs (i < j) of sites: whose positions coincide, and of which j lies on some image of i."""

    coinciding: set[tuple[int, int]]
    images: set[tuple[int, int]]


def _contacts(sites: list[Site], rotations: Floats, translations: Floats, cell: Floats) -> Contacts:
    """All pairs by one neighbour list over every image of every site."""
    count = len(sites)
    positions = np.array([site.position for site in sites])
    images = (np.einsum("oij,nj->oni", rotations, positions) + translations[:, None]).reshape(-1, 3) % 1.0
    p, q = _near(images, cell)
    i, j, same = p % count, q % count, p // count == q // count
    pairs = [(min(a, b), max(a, b)) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    coinciding = {pair for pair, together in zip(pairs, same.tolist(), strict=True) if together and pair[0] != pair[1]}
    return Contacts(coinciding, {pair for pair in pairs if pair[0] != pair[1]})


def _near(fractions: Floats, cell: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of points within SAME of each other, periodic images included."""
    from ase import Atoms

    points = Atoms(numbers=np.ones(len(fractions)), scaled_positions=fractions, cell=cell, pbc=True)
    first, second, _ = near_pairs(points, SAME)
    return np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)


def _places(sites: list[Site], cell: Floats) -> list[list[Site]]:
    """Sites of the asymmetric unit by place: those that share one are together."""
    home = np.arange(len(sites))
    first, second = _near(np.array([site.position for site in sites]) % 1.0, cell)
    for i, j in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        home[max(i, j)] = min(home[i], home[j])
    places: dict[int, list[Site]] = {}
    for index, site in enumerate(sites):
        places.setdefault(int(home[index]), []).append(site)
    return list(places.values())


def _images(position: Floats, rotations: Floats, translations: Floats, cell: Floats) -> Floats:
    """All different images of a site in the cell, (n, 3), in fractions."""
    images: Floats = (rotations @ position + translations) % 1.0
    if len(images) == 1:
        return images
    first, second = _near(images, cell)
    return np.delete(images, np.unique(np.maximum(first, second)), axis=0)


def _compare_group(block: Any, atoms: Atoms, path: Path) -> None:
    """Warn where the file's space group is not that of its atoms."""
    import spglib

    stated = _value(block, *NUMBERS)
    name = _value(block, NAMES[0], NAMES[1])
    if len(atoms) > 2000 or not ((stated and stated.isdigit()) or name):
        return
    found = spglib.get_symmetry_dataset((atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers), symprec=0.01)
    number_ = int(stated) if stated and stated.isdigit() else _number_of(name)
    if found is not None and number_ not in (None, 1, found.number):  # P 1 only says that nobody looked
        declared = name or f"No. {number_}"
        warn(
            path,
            "S051",
            f"declared {declared} ({number_}), found {found.international} ({found.number}) (symprec 0.01)",
        )


def _number_of(name: str | None) -> int | None:
    import gemmi

    group = gemmi.find_spacegroup_by_name(name) if name else None
    return group.number if group else None
