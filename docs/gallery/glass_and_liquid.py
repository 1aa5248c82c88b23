"""A glass and a liquid of the same energy: can you tell which is which?

Inherent structures (nearest minima of the energy) from one trajectory of the two-dimensional Kob-Andersen mixture.
"""

import numpy as np
from matplotlib.figure import Figure

from structkit_md_glass_source import MdGlass, particle_figure

SHOWS = ("md-glass", "quench")  # components


def draw() -> Figure:
    """Both beside one another, with their energies."""
    source = MdGlass(particles=600, pair="equal-energy", trajectories=1, frames="quenched")
    samples = list(source.samples(source.tasks()[0], np.random.default_rng(1)))
    energies = [sample.atoms.info["inherent_energy"] for sample in samples]
    names = [f"{s.label}, {e:.4f} ε per particle" for s, e in zip(samples, energies, strict=True)]
    return particle_figure({n: s.atoms for n, s in zip(names, samples, strict=True)})
