"""What has no lattice: liquids, glasses, packings, vapour; and crystals beside their melt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from structkit import DataError, Problem
from structkit_local_structure.making.built import (
    DISORDERED,
    FCC,
    HCP,
    Floats,
    Labelled,
)
from structkit_local_structure.making.dynamics import Potential, is_molten, run
from structkit_local_structure.making.lattices import block, deformed

ATTEMPTS = 20
LENNARD_JONES, TWELVE, SIX = Potential(12, 1.0), Potential(12, 0.0), Potential(6, 0.0)


def _disordered(positions: Floats, cell: Floats, periodic: bool = True) -> Labelled:
    count = len(positions)
    lattice = np.full(count, DISORDERED, np.int64)
    return Labelled(positions, cell, np.full(3, periodic), lattice, np.zeros(count, np.int64))


def liquid(_: int, rng: np.random.Generator) -> Labelled:
    """A liquid of Lennard-Jones atoms, of r^-12 or of r^-6, that shows no Bragg peak."""
    return _molten(_drawn_liquid, rng)


def _drawn_liquid(rng: np.random.Generator) -> tuple[Potential, float, Floats]:
    kind = rng.random()
    if kind < 0.25:  # open ones, above the critical point, as of silicon
        potential = LENNARD_JONES if rng.random() < 0.5 else TWELVE
        density, last = rng.uniform(0.4, 0.75), rng.uniform(1.3, 2.5)
    elif kind < 0.6:
        potential, density, last = LENNARD_JONES, rng.uniform(0.75, 0.95), rng.uniform(0.85, 2.0)
    elif kind < 0.85:
        potential, density, last = TWELVE, rng.uniform(0.75, 1.05), rng.uniform(1.0, 2.0)
    else:
        potential, density, last = SIX, rng.uniform(0.9, 1.5), rng.uniform(1.0, 2.0)
    return (
        potential,
        density,
        np.r_[np.full(250, 4.0), np.linspace(4, last, 150), np.full(300, last)],
    )


def glass(_: int, rng: np.random.Generator) -> Labelled:
    """A melt that was cooled in so few steps that it could not crystallise."""
    return _molten(_drawn_glass, rng)


def _drawn_glass(rng: np.random.Generator) -> tuple[Potential, float, Floats]:
    last, steps = rng.uniform(0.02, 0.4), int(rng.integers(60, 300))
    ramp = np.r_[np.full(250, 4.0), np.linspace(4, last, steps), np.full(100, last)]
    return LENNARD_JONES, rng.uniform(0.85, 1.0), ramp


def _molten(
    draw: Callable[[np.random.Generator], tuple[Potential, float, Floats]], rng: np.random.Generator
) -> Labelled:
    """Melt a crystal by what is drawn, until nothing is left of it.

    Raises:
        DataError: S022, no attempt was molten.
    """
    for _ in range(ATTEMPTS):
        potential, density, temperatures = draw(rng)
        start = block(FCC, np.full(3, 7.5))
        scale = (len(start.sites) / density / start.cell.prod()) ** (1 / 3)
        box = start.cell * scale
        jittered = start.sites * scale + rng.normal(scale=0.1, size=start.sites.shape)
        positions = run(jittered, box, potential, temperatures, rng)
        if is_molten(positions, box, float((box.prod() / len(positions)) ** (1 / 3))):
            return _disordered(positions, box)
    message = f"no melt in {ATTEMPTS} attempts"
    raise DataError(Problem("S022", message, fix="another seed"))


def packing(_: int, rng: np.random.Generator) -> Labelled:
    """Points at random, pushed apart a little or much: from a gas to a dense packing, or open."""
    edge, count = 8.0, int(rng.integers(250, 620))
    box = np.full(3, edge)
    power = SIX if rng.random() < 0.5 else TWELVE
    steps = int(rng.choice([0, 15, 40, 120, 250]))
    positions = rng.random((count, 3)) * edge
    if steps:
        positions = run(positions, box, power, np.full(steps, rng.uniform(0.1, 1.5)), rng)
    return _disordered(positions, box, bool(rng.random() < 0.8))


def beside_melt(lattice: int, rng: np.random.Generator) -> Labelled:
    """A crystal whose atoms are tied to their sites, beside a half that is molten.

    Atoms within two neighbours of the border have no label. A half that froze again is made anew.

    Raises:
        DataError: S022, no attempt was molten.
    """
    for _ in range(ATTEMPTS):
        made = _interface(lattice, rng)
        if made is not None:
            return made
    message = f"no melt beside a crystal in {ATTEMPTS} attempts"
    raise DataError(Problem("S022", message, fix="another seed"))


def _interface(lattice: int, rng: np.random.Generator) -> Labelled | None:
    built = block(lattice, np.array([6.0, 6.0, 17.0]))
    built = deformed(built, np.full(3, 2 ** (1 / 6) * rng.uniform(0.97, 1.03)))
    depth = np.abs(built.sites[:, 2] / built.cell[2] - 0.5) * built.cell[2]
    border = built.cell[2] / 4
    spread = rng.uniform(0.04, 0.1)
    last = rng.uniform(1.1, 1.8)
    crystal = depth < border
    ties = np.where(crystal, last / spread**2 / 1.3, 0.0)
    loose = built.sites + np.where(crystal, 0, 0.15)[:, None] * rng.normal(size=built.sites.shape)
    ramp = np.r_[np.full(300, 4.0), np.linspace(4, last, 100), np.full(250, last)]
    potential = LENNARD_JONES if lattice in (FCC, HCP) else TWELVE
    hot = run(loose, built.cell, potential, ramp, rng, ties, built.sites)
    melt = depth > border + 1.5
    if not is_molten(hot[melt], built.cell, 1.0):
        return None
    away = np.abs(_depth(hot, built.cell) - border)
    sure = np.where(crystal, built.lattice, DISORDERED)
    known = np.where(away > 2.2, sure, -1)
    perfect = np.where(away > 2.2, crystal.astype(np.int64), -1)
    return Labelled(hot, built.cell, built.periodic, known, perfect)


def _depth(positions: Floats, cell: Floats) -> Floats:
    wrapped = np.mod(positions[:, 2] / cell[2], 1)
    result: Floats = np.abs(wrapped - 0.5) * cell[2]
    return result
