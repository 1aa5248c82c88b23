"""Map a sample of three lattices by windows, and draw it: .venv/bin/python docs/window_map.py runs/windows."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from structkit import Run, Sample
from structkit_crystal_source import StridedWindows, WindowMap, window_map

EDGE = 60.0  # Å
NEAREST = 2.8  # Å, in all three lattices
NAMES = ("fcc", "bcc", "hcp")
COLOURS = {
    "fcc": "#4daf4a", "bcc": "#377eb8", "hcp": "#e41a1c", "sc": "#984ea3", "diamond": "#ff7f00",
}  # fmt: skip
SEEDS = EDGE * np.array([[0.2, 0.25, 0.5], [0.75, 0.3, 0.5], [0.45, 0.8, 0.5]])
SLICE = 4.0  # Å of atoms that are drawn
PICTURE = Path(__file__).parent / "pictures" / "window-map.png"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sample(rng: np.random.Generator) -> Atoms:
    """Three periodic Voronoi cells of three lattices, each turned at random, with noise of 0.15 Å."""
    parts = [grain(number, name, rng) for number, name in enumerate(NAMES)]
    positions = np.concatenate(parts)
    grains = np.repeat(np.arange(len(NAMES)), [len(part) for part in parts])
    near = cKDTree(positions, boxsize=EDGE).query_pairs(0.75 * NEAREST, output_type="ndarray")
    kept = np.setdiff1d(np.arange(len(positions)), near[:, 1])
    moved = positions[kept] + rng.normal(scale=0.15, size=(len(kept), 3))
    atoms = Atoms(f"Fe{len(kept)}", moved, cell=[EDGE] * 3, pbc=True)
    atoms.set_array("grain", grains[kept])
    atoms.wrap()
    return atoms


def grain(number: int, name: str, rng: np.random.Generator) -> Floats:
    """The atoms of one grain, float64 (atoms, 3)."""
    edges = {"fcc": NEAREST * 2**0.5, "bcc": NEAREST * 2 / 3**0.5, "hcp": NEAREST}
    height = NEAREST * (8 / 3) ** 0.5 if name == "hcp" else None
    lattice = bulk("Fe", name, a=edges[name], c=height)
    matrix = Rotation.random(rng=rng).as_matrix()
    cell = np.asarray(lattice.cell[:]) @ matrix.T
    reach = int(np.ceil(EDGE * np.linalg.norm(np.linalg.inv(cell), axis=0).max()))
    steps = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3), axis=-1).reshape(-1, 3)
    basis = lattice.positions @ matrix.T
    points = ((steps @ cell)[:, None] + basis).reshape(-1, 3) + EDGE / 2
    inside = ((points >= 0) & (points < EDGE)).all(axis=1)
    points = points[inside]
    _, owner = cKDTree(SEEDS, boxsize=EDGE).query(points)
    own: Floats = points[owner == number]
    return own


def depth(positions: Floats) -> Floats:
    """How far positions are from the nearest plane between two grains, float64 (positions,), in Å."""
    gaps = positions[:, None] - SEEDS
    gaps -= EDGE * np.round(gaps / EDGE)
    squares = np.sort((gaps**2).sum(axis=-1), axis=1)
    apart = np.linalg.norm(SEEDS[0] - SEEDS[1])
    result: Floats = (squares[:, 1] - squares[:, 0]) / (2 * float(apart))
    return result


def mapped(run: Run, atoms: Atoms) -> WindowMap:
    """What the run's model says of the windows of a structure."""
    told = run.predict(atoms, model="lattice", origin="fine")
    cutter = StridedWindows(size=5, stride=1.5)
    places = [window.meta["place"] for window in cutter(Sample("sample", atoms))]
    said = [prediction.probabilities for prediction in told]
    return window_map(cutter.grid(atoms), places, said, told[0].classes, reach=0.35)


def draw(atoms: Atoms, found: WindowMap) -> Figure:
    """A slice: atoms by grain, points by class, and by how much windows disagree."""
    figure = Figure(figsize=(9, 3.1), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    cut = np.abs(atoms.positions[:, 2] - EDGE / 2) < SLICE / 2
    colours = [COLOURS[NAMES[number]] for number in atoms.arrays["grain"][cut]]
    left.scatter(*atoms.positions[cut, :2].T, s=4, c=colours, linewidths=0)
    left.set_title("atoms of a slice, by grain", fontsize=9)
    level = found.grid.shape[2] // 2
    points = found.grid.points()[:, :, level].reshape(-1, 3)
    classes = found.structure()[:, :, level].ravel()
    shades = [COLOURS[found.classes[number]] for number in classes]
    middle.scatter(*points[:, :2].T, s=118, marker="s", c=shades, linewidths=0)
    middle.set_title("likeliest class of the windows", fontsize=9)
    doubt = found.disagreement[:, :, level].ravel()
    shown = right.scatter(*points[:, :2].T, s=118, marker="s", c=doubt, cmap="magma", linewidths=0)
    right.set_title("disagreement of overlapping windows", fontsize=9)
    figure.colorbar(shown, ax=right, shrink=0.8)
    for number, name in enumerate(NAMES):
        left.text(*(SEEDS[number, :2]), name, ha="center", weight="bold")
    for axis in (left, middle, right):
        axis.set(xlim=(0, EDGE), ylim=(0, EDGE), xticks=[], yticks=[], aspect="equal")
    return figure


def main() -> None:
    """Map, draw, and print how many atoms are told right, near boundaries and deep in grains."""
    atoms = sample(np.random.default_rng(3))
    found = mapped(Run(sys.argv[1]), atoms)
    told = np.array(found.classes)[found.of_atoms(atoms)]
    right = told == np.array(NAMES)[atoms.arrays["grain"]]
    deep = depth(atoms.positions)
    print(f"{len(atoms)} atoms, grid {found.grid.shape}, window {found.grid.size:.1f} Å")
    for low, high in ((0, 2), (2, 4), (4, 7), (7, 100)):
        some = (deep >= low) & (deep < high)
        print(
            f"{low} to {high} Å from a boundary: {some.sum()} atoms, {100 * right[some].mean():.1f} % right"
        )
    level = depth(found.grid.points().reshape(-1, 3)).reshape(found.grid.shape)
    for name, part in (("within 3 Å of", level < 3), ("more than 9 Å from", level > 9)):
        print(f"disagreement {name} a boundary: {found.disagreement[part].mean():.3f}")
    draw(atoms, found).savefig(PICTURE, dpi=130)


if __name__ == "__main__":
    main()
