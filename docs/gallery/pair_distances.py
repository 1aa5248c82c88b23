"""G(r) of a crystal: as it is, as a measurement of limited q has it, and when its atoms are displaced.

Copper for X-rays. The range of q makes ripples between the peaks that no distance stands behind.
"""

import numpy as np
from ase.build import bulk
from matplotlib.figure import Figure

from structkit_powder_spectra import PairDistribution

SHOWS = ("pair-distribution",)  # components


def draw() -> Figure:
    """Three curves, one above the other."""
    copper = bulk("Cu", cubic=True).repeat(6)
    shaken = copper.copy()
    shaken.rattle(0.2, seed=1)
    measured = PairDistribution(method="debye", q_stop=16.0)
    curves = {
        "distances themselves": PairDistribution()(copper),
        "from S(q) up to 16 1/Å": measured(copper),
        "atoms displaced by 0.2 Å": PairDistribution()(shaken),
    }
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axis = figure.add_subplot(
        xlabel="r [Å]", ylabel="G(r) [1/Å²], each shifted by 12", xlim=(0.5, 10)
    )
    for number, (name, arrays) in enumerate(curves.items()):
        start, stop, *_ = arrays["axis"]
        r = np.linspace(start, stop, len(arrays["spectrum"]))
        axis.plot(r, arrays["spectrum"] - 12 * number, label=name, linewidth=1)
    axis.set_ylim(-30, 46)
    axis.legend(loc="upper right", fontsize=8)
    return figure
