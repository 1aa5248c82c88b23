"""What `tidy-spectrum` leaves of a measurement: the background clipped away, then the square root of the rest.

A pattern of NaCl with a background and the noise of counts, above as an instrument gives it.
"""

import numpy as np
from ase.build import bulk
from matplotlib.figure import Figure

from structkit import Measurement
from structkit_powder_spectra import Instrument, PowderXrd, TidySpectrum

SHOWS = ("tidy-spectrum",)  # components


def draw() -> Figure:
    """Three patterns below one another."""
    powder, rng = PowderXrd(start=20, stop=80), np.random.default_rng(3)
    salt = Measurement("NaCl", powder(bulk("NaCl", "rocksalt", a=5.64, cubic=True)))
    measured = next(Instrument(background=0.5, counts=(300, 300))(salt, rng))
    steps = {
        "as counted": measured,
        "background clipped away": next(TidySpectrum(root=False)(measured, rng)),
        "square root": next(TidySpectrum()(measured, rng)),
    }
    figure = Figure(figsize=(8, 4), layout="constrained")
    for axis, (name, pattern) in zip(figure.subplots(3, sharex=True), steps.items(), strict=True):
        axis.plot(powder.grid.values, pattern.arrays["spectrum"], color="black", linewidth=0.8)
        axis.set_title(name, fontsize=9)
    figure.axes[-1].set(xlabel="2θ [degrees]", xlim=(20, 80))
    figure.axes[1].set_ylabel("intensity, the strongest point 1")
    return figure
