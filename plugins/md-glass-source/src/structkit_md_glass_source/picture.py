"""Configurations as pictures: every particle as large as its σ, in its periodic box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#9db8d9", "#d9730d", "#1a7f4b", "#8e44ad")


def particle_figure(configurations: Mapping[str, Atoms], inches: float = 3.6) -> Figure:
    """Configurations side by side, each under its name: particles as discs of diameter σ, the periodic box around them.

    Args:
        configurations: flat ones, open or periodic; the array `radius`, as `md-glass` gives it,
            sets the size, else every particle has diameter one.
        inches: width of one.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(inches * len(configurations), inches + 0.2), layout="constrained")
    axes = figure.subplots(1, len(configurations), squeeze=False)[0]
    for axis, (name, atoms) in zip(axes, configurations.items(), strict=True):
        draw(axis, atoms)
        axis.set_title(name.replace("$", r"\$"), fontsize=10)
    return figure


def draw(axis: Any, atoms: Atoms) -> None:
    """One configuration on a matplotlib axis; a disc that sticks out of a periodic side comes in at the other."""
    from matplotlib.collections import EllipseCollection
    from matplotlib.patches import Rectangle

    radius = np.asarray(atoms.arrays.get("radius", np.full(len(atoms), 0.5)), dtype=float)
    positions, source = with_images(atoms, float(radius.max()))
    kinds = {
        number: COLOURS[i % len(COLOURS)] for i, number in enumerate(np.unique(atoms.numbers)[::-1])
    }
    colours = [kinds[number] for number in atoms.numbers[source]]
    size = 2 * radius[source]
    discs = EllipseCollection(
        size, size, 0, units="xy", offsets=positions, transOffset=axis.transData, facecolors=colours,
        edgecolors="#1f2933", linewidths=0.25,
    )  # fmt: skip
    axis.add_collection(discs)
    low, high = _frame(atoms, positions, float(radius.max()))
    if atoms.pbc[:2].all():
        axis.add_patch(Rectangle((low[0], low[1]), *(high - low), fill=False, ec="#1f2933", lw=0.8))
    axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axis.axis("off")


def with_images(atoms: Atoms, reach: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Positions (n, 2) of all particles and of their images up to `reach` outside the box, and whose each is."""
    positions, source = atoms.positions[:, :2].astype(float), np.arange(len(atoms))
    for axis in np.flatnonzero(atoms.pbc[:2]):
        length = float(atoms.cell[axis, axis])
        near = [positions[:, axis] < reach, positions[:, axis] > length - reach]
        moved = [
            positions[mask] + sign * length * np.eye(2)[axis]
            for mask, sign in zip(near, (1, -1), strict=True)
        ]
        positions, source = (
            np.concatenate([positions, *moved]),
            np.concatenate([source, *(source[m] for m in near)]),
        )
    return positions, source


def _frame(
    atoms: Atoms, positions: NDArray[Any], reach: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    if atoms.pbc[:2].all():
        return np.zeros(2), np.asarray(atoms.cell[:])[[0, 1], [0, 1]]
    return positions.min(axis=0) - reach, positions.max(axis=0) + reach
