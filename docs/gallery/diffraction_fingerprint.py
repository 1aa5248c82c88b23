"""Diffraction fingerprints of six classes, below with a quarter of the atoms missing.

The intensities along three axes are red, green and blue. Missing atoms dim the peaks and leave them where they are.
"""

import numpy as np
from matplotlib.figure import Figure

from structkit_crystal_source import CrystalPrototypes, PointDefects, StandardSupercell
from structkit_diffraction_fingerprint import DiffractionFingerprint
from structkit_diffraction_fingerprint.picture import coloured

SHOWS = ("diffraction-fingerprint",)  # components

CLASSES = ("fcc", "bcc", "diamond", "hcp", "bct141", "rhombohedral")


def draw() -> Figure:
    """One column a class."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    rng = np.random.default_rng(1)
    fingerprint = DiffractionFingerprint()
    for name, axes in zip(CLASSES, figure.subplots(2, len(CLASSES)).T, strict=True):
        source = CrystalPrototypes(classes=(name,), per_class=1, groups_per_class=1)
        (crystal,) = source.samples(source.tasks()[0], rng)
        cluster = next(StandardSupercell()(crystal))
        damaged = next(PointDefects(vacancies=0.25, displacement=0.02)(cluster, rng))
        for axis, sample in zip(axes, (cluster, damaged), strict=True):
            axis.imshow(coloured(fingerprint(sample.atoms)["image"]), interpolation="nearest")
            axis.set_axis_off()
        axes[0].set_title(name, fontsize=9)
        axes[1].set_title("25 % vacancies", fontsize=9)
    return figure
