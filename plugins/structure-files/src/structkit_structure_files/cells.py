"""One description of a cell: right-handed, and its atoms inside where a file has let them wander."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

UNWRAPPED = 0.5  # of a cell vector beyond the cell: no atom of a cell that was only not tidied


def right_handed(atoms: Atoms, where: str) -> None:
    """Let two vectors of a left-handed cell change places: the same lattice and box, no atom moves.

    Transformations of many programs take the cell to be right-handed, and mirror it else.
    """
    cell = np.asarray(atoms.cell[:])
    if atoms.cell.rank < 3 or np.linalg.det(cell) >= 0:
        return
    order = [0, 2, 1]
    atoms.set_cell(cell[order])
    atoms.pbc = atoms.pbc[order]
    warn(where, "S066", "the cell is left-handed: b and c change places, the crystal is the same")


def brought_inside(atoms: Atoms, where: str) -> None:
    """Bring atoms that have left a periodic cell back into it: unwrapped trajectories of simulations."""
    if not atoms.pbc.any() or atoms.cell.rank < 3:
        return
    fractions = atoms.get_scaled_positions(wrap=False)[:, atoms.pbc]
    if fractions.min() < -UNWRAPPED or fractions.max() > 1 + UNWRAPPED:
        atoms.wrap(eps=1e-9)
        warn(where, "S068", "the coordinates are unwrapped: the atoms are brought into the cell")
