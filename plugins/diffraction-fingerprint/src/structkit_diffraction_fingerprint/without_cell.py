"""What is told of a structure that is periodic in fewer than three directions."""

from __future__ import annotations

import logging

from ase import Atoms

log = logging.getLogger("structkit")


def warn_without_cell(atoms: Atoms, assumption: str) -> None:
    """Warn (S067) of what a descriptor of crystals assumes of a structure without a cell; a run notes it once.

    Args:
        atoms: the structure.
        assumption: what it is taken for.
    """
    if not atoms.pbc.all() or atoms.cell.rank < 3:
        message = "S067 structures without a cell periodic in three directions: %s"
        log.warning(message, assumption)
