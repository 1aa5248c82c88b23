"""Crystals of six classes, as they are and with a quarter of the atoms missing.

Measured crystals of the elements, repeated to at least 256 atoms in one orientation.
"""

import numpy as np
from ase.visualize.plot import plot_atoms
from matplotlib.figure import Figure

from structkit_crystal_source import CrystalPrototypes, PointDefects, StandardSupercell

SHOWS = ("crystal-prototypes", "standard-supercell", "point-defects")  # components

CLASSES = ("fcc", "bcc", "diamond", "hcp", "bct141", "rhombohedral")


def draw() -> Figure:
    """One column a class."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    rng = np.random.default_rng(1)
    for name, axes in zip(CLASSES, figure.subplots(2, len(CLASSES)).T, strict=True):
        source = CrystalPrototypes(classes=(name,), per_class=1, groups_per_class=1)
        (crystal,) = source.samples(source.tasks()[0], rng)
        cluster = next(StandardSupercell()(crystal))
        damaged = next(PointDefects(vacancies=0.25, displacement=0.02)(cluster, rng))
        for axis, sample in zip(axes, (cluster, damaged), strict=True):
            plot_atoms(sample.atoms, axis, rotation="-80x,15y,3z", show_unit_cell=0)
            axis.set_axis_off()
        axes[0].set_title(f"{crystal.group}, {name}", fontsize=9)
    return figure
