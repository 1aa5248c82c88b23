"""Structures as pictures: the atoms seen a little from the side, the near ones in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from structkit_html_report.images import drawing_as_png

MOST_DRAWN = 1500  # atoms: of more, pixels are smaller than shapes
SIDE = 100.0  # of the picture, in its own units
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _View:
    """Atoms as they are seen, the far ones first.

    Args:
        places: (atoms, 2).
        radii: (atoms).
        colours: (atoms, 3), from 0 to 1.
        reach: half of what is seen along either side.
    """

    places: Floats
    radii: Floats
    colours: Floats
    reach: float


def structure_picture(atoms: Atoms, colours: Floats | None = None) -> bytes:
    """The atoms, coloured by element unless other colours are given: as SVG, of many as PNG.

    Args:
        atoms: with radii in the array `radius`, where they have their own.
        colours: (atoms, 3), from 0 to 1.
    """
    view = _seen(atoms, colours)
    return _as_svg(view) if len(atoms) <= MOST_DRAWN else _as_png(view)


def _seen(atoms: Atoms, colours: Floats | None) -> _View:
    seen = (np.asarray(atoms.positions) - atoms.positions.mean(axis=0)) @ _viewpoint(atoms).T
    order = np.argsort(seen[:, 2])
    elements = np.minimum(atoms.numbers, len(covalent_radii) - 1)
    radii = np.asarray(atoms.arrays.get("radius", 0.55 * covalent_radii[elements]), dtype=float)
    depth = (seen[order, 2] - seen[:, 2].min()) / max(np.ptp(seen[:, 2]), 1e-9)
    if colours is None:
        own = jmol_colors[np.minimum(atoms.numbers, len(jmol_colors) - 1)]
        shades = 1 - (1 - own[order]) * (0.35 + 0.65 * depth[:, None])  # far atoms fade away
    else:
        shades = colours[order]  # that stand for something are not changed
    reach = float(1.04 * np.abs(seen[:, :2]).max() + radii.max())
    return _View(seen[order, :2], radii[order], shades, reach)


def _viewpoint(atoms: Atoms) -> Floats:
    """From above for a flat structure, else turned so that layers and columns are told apart."""
    if np.ptp(atoms.positions[:, 2]) < 1e-6:
        return np.eye(3)
    matrix: Floats = Rotation.from_euler("zx", [18, -75], degrees=True).as_matrix()
    return matrix


def _as_svg(view: _View) -> bytes:
    """Circles; of numbers alone, so that nothing in it needs to be escaped."""
    scale = SIDE / (2 * view.reach)
    x, y = SIDE / 2 + scale * view.places[:, 0], SIDE / 2 - scale * view.places[:, 1]
    shades = np.clip(np.rint(255 * view.colours), 0, 255).astype(int).tolist()
    rows = zip(x.tolist(), y.tolist(), (scale * view.radii).tolist(), shades, strict=True)
    circles = [
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{r:.1f}" fill="#{red:02x}{green:02x}{blue:02x}"/>'
        for a, b, r, (red, green, blue) in rows
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE:g} {SIDE:g}">'
    group = '<g stroke="#000" stroke-opacity=".4" stroke-width=".3">'
    return f"{head}{group}{''.join(circles)}</g></svg>".encode()


def _as_png(view: _View) -> bytes:
    from matplotlib.collections import EllipseCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 3))
    axis = figure.add_axes((0, 0, 1, 1))
    sizes = 2 * view.radii
    style = {"facecolors": view.colours, "edgecolors": "#00000055", "linewidths": 0.3}
    where = {"offsets": view.places, "transOffset": axis.transData}
    axis.add_collection(EllipseCollection(sizes, sizes, 0, units="xy", **where, **style))
    ends = (-view.reach, view.reach)
    axis.set(xlim=ends, ylim=ends, aspect="equal")
    axis.axis("off")
    return drawing_as_png(figure)
