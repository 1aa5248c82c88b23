"""Diffraction that does not see how a crystal lies: powder patterns, and patterns of growing reach as an image.

The lines of bcc and fcc stand at other ratios of q whatever the element and its turn; what disorder leaves is seen in the
lowest rows of the image, where only near neighbours count.
"""

import numpy as np
from ase import Atoms
from ase.build import bulk
from matplotlib.figure import Figure

from structkit_diffraction_fingerprint import PowderImage, PowderPattern

SHOWS = ("powder-pattern", "powder-image")  # components


def crystals() -> dict[str, Atoms]:
    """Two lattices, and one whose atoms have nearly left it."""
    damaged = bulk("Cu", cubic=True).repeat(5)
    damaged.rattle(0.35, seed=1)
    return {
        "fcc": bulk("Cu", cubic=True).repeat(5),
        "bcc": bulk("Fe", cubic=True).repeat(6),
        "fcc, displaced by 0.35 Å": damaged,
    }


def draw() -> Figure:
    """A column for each: the pattern above, the image below."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(2, 3, height_ratios=[1, 1.4])
    describe, image = PowderPattern(), PowderImage(size=48)
    q = np.linspace(describe.settings.smallest, describe.settings.largest, describe.settings.points)
    near, far = image.settings.shortest, image.settings.reach
    sides = (image.settings.smallest, image.settings.largest, near, far)
    for column, (name, crystal) in enumerate(crystals().items()):
        axes[0, column].plot(q, describe(crystal)["vector"], color="black", linewidth=0.9)
        axes[0, column].set(title=name, xlim=(q[0], q[-1]), yticks=[])
        pixels = image(crystal)["image"][0]
        axes[1, column].imshow(
            pixels, origin="lower", extent=sides, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1
        )
        axes[1, column].set(xlabel="q [1/neighbour distance]", ylabel="reach [neighbour distances]")
    return figure
