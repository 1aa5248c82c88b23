"""Pieces of three crystals as an electron microscope sees them: simulated, and at four doses.

Doses are in electrons per Å². Defects are marked in the simulation: missing and exchanged atoms.
The bars are 5 Å long.
"""

import numpy as np
from matplotlib.figure import Figure

from structkit import Measurement
from structkit_stem_images import MarkedDefects, Microscope, StemImage, ThinCrystals
from structkit_stem_images.picture import ringed

SHOWS = ("thin-crystals", "marked-defects", "stem-image", "microscope")  # components

SAMPLING = 0.2  # edge of a pixel, in Å
BAR = 5.0  # Å


def draw() -> Figure:
    """One line a crystal."""
    rng = np.random.default_rng(2)
    source = ThinCrystals(count=1)
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    for axes, task in zip(figure.subplots(3, 5), source.tasks(), strict=True):
        (piece,) = source.samples(task, rng)
        arrays = StemImage(sampling=SAMPLING)(next(MarkedDefects()(piece, rng)).atoms)
        shown = {f"{piece.label}, simulated": arrays}
        for power in (3, 4, 5, 6):
            noisy = next(Microscope(dose=10.0**power)(Measurement("image", arrays), rng))
            shown[f"1e{power} e/Å²"] = dict(noisy.arrays)
        for axis, (title, one) in zip(axes, shown.items(), strict=True):
            axis.imshow(ringed(one), interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.set_title(title, fontsize=9)
        pixels = arrays["image"].shape[1]
        axes[0].plot([5, 5 + BAR / SAMPLING], [pixels - 8] * 2, color="white", linewidth=3)
    return figure
