"""What an instrument and a sample do to the powder pattern of NaCl: each setting of `instrument` alone, then all.

Grey is the pattern as it was simulated, over 2θ in degrees (copper Kα).
"""

from typing import Any

import numpy as np
from ase.build import bulk
from matplotlib.figure import Figure

from structkit import Measurement
from structkit_powder_spectra import Instrument, PowderXrd

SHOWS = ("powder-xrd", "instrument")  # components

NOTHING: dict[str, Any] = {
    "zero_shift": 0, "displacement": 0, "lattice_strain": 0, "size": None, "microstrain": 0,
    "texture": None, "background": 0, "counts": None,
}  # fmt: skip
EFFECTS: dict[str, dict[str, Any]] = {
    "as simulated": {},
    "zero shift 0.5°": {"zero_shift": 0.5},
    "displacement 5 mm": {"displacement": 5.0},
    "lattice strain 2 %": {"lattice_strain": 0.02},
    "axial strain 1 %": {"axial_strain": 0.01},
    "size 8 nm": {"size": (8.0, 8.0)},
    "microstrain 1 %": {"microstrain": 0.01},
    "texture r = 0.3": {"texture": (0.3, 0.3)},
    "background 50 %": {"background": 0.5},
    "60 counts": {"counts": (60.0, 60.0), "background": 0.2},
    "impurity 50 %": {"impurity": 0.5},
}


def draw() -> Figure:
    """Twelve patterns."""
    powder = PowderXrd(start=20, stop=80)
    salt = Measurement("NaCl", powder(bulk("NaCl", "rocksalt", a=5.64, cubic=True)))
    shown = {name: {**NOTHING, **words} for name, words in EFFECTS.items()}
    shown["all of it"] = {"impurity": 0.3}
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    for axis, (name, words) in zip(figure.subplots(4, 3).ravel(), shown.items(), strict=True):
        child = next(Instrument(**words)(salt, np.random.default_rng(4)))
        for pattern, colour in ((salt, "0.8"), (child, "black")):
            axis.plot(powder.grid.values, pattern.arrays["spectrum"], color=colour, linewidth=0.8)
        axis.set(yticks=[], xlim=(26, 60))
        axis.set_title(name, fontsize=9)
    figure.supxlabel("2θ [degrees]", fontsize=10)
    return figure
