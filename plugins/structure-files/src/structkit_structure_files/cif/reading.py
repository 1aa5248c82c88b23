"""CIF by gemmi: its parser knows lines, runs no code, and leaves every doubt to us.

pymatgen drops sites whose occupancy is "." and ase keeps occupancies aside; here a partly occupied
site is refused unless the user says what to make of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit.errors import listed
from structkit_structure_files.cif.bounds import check_number
from structkit_structure_files.cif.cell import cell_of
from structkit_structure_files.cif.disorder import Disorder
from structkit_structure_files.cif.nearness import check_images
from structkit_structure_files.cif.rows import sites_of
from structkit_structure_files.cif.sites import check_alternatives, contacts, orbits, without_images
from structkit_structure_files.cif.special import check_own_images, on_special_positions
from structkit_structure_files.cif.stated import compare, compare_multiplicities
from structkit_structure_files.cif.symmetry import check_transformations, operations
from structkit_structure_files.cif.syntax import document_of
from structkit_structure_files.cif.tags import stated_symmetry
from structkit_structure_files.frames import check_frames
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

# no \s: from every empty line on it would run over all that follow, which takes N² steps
BLOCK = re.compile(r"^[ \t]*data_", re.MULTILINE | re.IGNORECASE)


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """The structure of every data block that has atoms.

    Raises:
        DataError: S101 syntax, S010 no atoms, S011 no cell, S012 no volume, S013 unknown
            coordinates, S021 coinciding sites, S030 unknown element, S040/S041 occupancies, S060
            symmetry operations, S071 too many atoms.
    """
    check_frames(len(BLOCK.findall(text)), path, settings)
    document = document_of(text, path)
    blocks = [block for block in document if _has_atoms(block)]
    others = [block for block in document if not _has_atoms(block)]
    if not blocks:
        names = listed([block.name for block in document]) or "none"
        cartesian = any(len(block.find_values("_atom_site_Cartn_x")) for block in document)
        fix = (
            "give fractional coordinates (_atom_site_fract_x)"
            if cartesian
            else "choose another file"
        )
        raise DataError(Problem("S010", f"no atom sites in block data_{names}", str(path), fix))
    for block in others:
        if len(block.find_values("_atom_site_Cartn_x")):
            warn(path, "S058", f"block data_{block.name} has Cartesian coordinates only: left out")
    for block in blocks:
        where = str(path) if len(blocks) == 1 else f"{path} block data_{block.name}"
        yield _structure(block, where, path, settings, rng)


def _has_atoms(block: Any) -> bool:
    return len(block.find_values("_atom_site_fract_x")) > 0


def _structure(
    block: Any, where: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Atoms:
    from ase import Atoms

    check_transformations(block, where)
    cell = cell_of(block, where, path)
    stated = stated_symmetry(block)
    rotations, translations = operations(block, stated, cell, where, path)
    check_number(block, rotations, translations, cell, settings.max_atoms, where)
    listed = sites_of(block, where, path, settings)
    listed = on_special_positions(listed, rotations, translations, cell, path)
    meeting = contacts(listed, rotations, translations, cell)
    if settings.disorder != "reject":
        check_alternatives(listed, meeting, where)
    listed = without_images(listed, meeting, path)
    all_orbits = orbits(listed, rotations, translations, cell)
    images = {site.name: len(orbit) for site, orbit in zip(listed, all_orbits, strict=True)}
    compare_multiplicities(block, images, len(rotations), path)
    check_own_images(listed, all_orbits, cell, where)
    there = Disorder(listed, all_orbits, cell, where).occupied(settings, rng)
    sites = [
        site for site, chosen in zip(listed, there, strict=True) for _ in range(int(chosen.sum()))
    ]
    positions = np.concatenate(
        [orbit.positions[chosen] for orbit, chosen in zip(all_orbits, there, strict=True)]
    )
    check_images(sites, positions, cell, where)
    atoms = Atoms([site.element for site in sites], cell=cell, scaled_positions=positions, pbc=True)
    # for messages about coinciding sites; it is a list of strings, like any info
    atoms.info["_names"] = [site.name for site in sites]
    compare(block, stated, atoms, path, ordered=not any(site.partial for site in listed))
    return atoms
