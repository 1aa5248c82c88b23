"""Stacking faults: atoms of copper in layers, each in the colour of the lattice that it is stacked in.

Seen along the layers. A fault turns two layers of fcc into hcp; the truth of each atom stands in the array `lattice`.
"""

import numpy as np
from matplotlib.figure import Figure

from structkit_crystal_source import StackingFaults

SHOWS = ("stacking-faults",)  # components


def draw() -> Figure:
    """One crystal, its layers upright."""
    source = StackingFaults(elements=["Cu"])
    atoms = next(iter(source.samples(source.tasks()[0], np.random.default_rng(3)))).atoms
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axis = figure.add_subplot(xlabel="along the stack [Å]", ylabel="x [Å]", aspect="equal")
    for number, (name, colour) in enumerate((("fcc", "C0"), ("hcp", "C3")), start=1):
        chosen = atoms.positions[atoms.arrays["lattice"] == number]
        axis.scatter(chosen[:, 2], chosen[:, 0], s=26, color=colour, label=name, linewidths=0)
    axis.legend(loc="upper right", framealpha=1)
    return figure
