"""A polycrystal, recognised atom by atom: a slice through grains of copper.

Left, which lattice every atom belongs to: grains are fcc, boundaries disordered. Right, the grains, told apart by the
orientation of their lattice. Atoms are displaced by 0.1 Å along each axis. Nothing is trained: it is what
`structkit recognise` says.
"""

import numpy as np
from ase import Atoms
from ase.build import bulk
from matplotlib.figure import Figure
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

import structkit

SHOWS = ("environment-network", "local-environments")  # components

EDGE, GRAINS, NEAREST = 90.0, 6, 2.2  # Å; atoms nearer than this are one too many


def polycrystal(rng: np.random.Generator) -> Atoms:
    """Every point of a periodic box belongs to the nearest of some centres, and is filled from its lattice."""
    lattice = bulk("Cu", cubic=True) * (44, 44, 44)
    grid = lattice.positions - lattice.cell.sum(axis=0) / 2
    centres = cKDTree(rng.random((GRAINS, 3)) * EDGE, boxsize=EDGE)
    parts = []
    for number, centre in enumerate(centres.data):
        places = Rotation.random(rng=rng).apply(grid) + centre
        places = places[(np.abs(places - centre) < EDGE / 2).all(axis=1)] % EDGE
        parts.append(places[centres.query(places)[1] == number])
    places = np.concatenate(parts)
    close = cKDTree(places, boxsize=EDGE).query_pairs(NEAREST, output_type="ndarray")
    places = np.delete(places, np.unique(close[:, 1]), axis=0)
    atoms = Atoms(f"Cu{len(places)}", places, cell=[EDGE] * 3, pbc=True)
    atoms.rattle(0.1, rng=rng)
    return atoms


def draw() -> Figure:
    """A slice of 4 Å, coloured by lattice and by grain."""
    atoms = polycrystal(np.random.default_rng(3))
    told = structkit.recognise(atoms)
    slice_ = np.flatnonzero(atoms.positions[:, 2] % EDGE < 4.0)
    x, y = atoms.positions[slice_, :2].T % EDGE
    figure = Figure(figsize=(9, 4.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    for place, colour in zip(
        range(len(told.classes)), ("C0", "C3", "C2", "C4", "C5", "C6", "0.7", "k"), strict=False
    ):
        chosen = told.structure[slice_] == place
        if chosen.any():
            left.scatter(x[chosen], y[chosen], s=9, color=colour, label=told.classes[place])
    left.legend(loc="upper right", fontsize=8, framealpha=0.9)
    grain = told.grain[slice_]
    right.scatter(
        x, y, s=9, c=np.where(grain < 0, np.nan, grain % 10), cmap="tab10", plotnonfinite=False
    )
    for axis, title in (
        (left, f"{len(atoms):,} atoms: which lattice"),
        (right, f"{len(told.grains)} grains"),
    ):
        axis.set(aspect="equal", xlabel="x, Å", title=title, xlim=(0, EDGE), ylim=(0, EDGE))
    left.set_ylabel("y, Å")
    return figure
