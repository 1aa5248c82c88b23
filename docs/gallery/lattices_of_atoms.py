"""What tells lattices apart: the sorted cosines between bonds, and the invariants of surroundings, with heat and without.

Lines are perfect crystals, bands hold nine of ten atoms of crystals whose atoms are displaced by a twentieth of the
nearest-neighbour distance along each axis. Bonds alone overlap; averages over neighbours hardly do.
"""

import numpy as np
from ase import Atoms
from ase.build import bulk
from matplotlib.figure import Figure

from structkit_local_structure import BondCosines, LocalEnvironments

SHOWS = ("bond-cosines", "local-environments")  # components

TWELVE = slice(8, 16)  # |q_l|, l = 1 … 8, of twelve neighbours
AVERAGED = slice(56, 64)  # the same of A2, their mean over neighbours of neighbours


def crystals() -> dict[str, Atoms]:
    """Three lattices with nearest neighbours at the distance 1."""
    fcc = bulk("Cu", "fcc", a=np.sqrt(2), cubic=True).repeat(5)
    hcp = bulk("Mg", "hcp", a=1.0, c=np.sqrt(8 / 3), orthorhombic=True).repeat((7, 4, 4))
    bcc = bulk("Fe", "bcc", a=2 / np.sqrt(3), cubic=True).repeat(6)
    return {"fcc": fcc, "hcp": hcp, "bcc": bcc}


def draw() -> Figure:
    """Cosines, then invariants of twelve neighbours, then their averages."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots(1, 3)
    angles, surroundings = BondCosines(), LocalEnvironments()
    for number, (name, crystal) in enumerate(crystals().items()):
        shaken = crystal.copy()
        shaken.rattle(0.05, seed=number)
        rows = [angles(one)["atoms"] for one in (crystal, shaken)]
        deep = [surroundings(one)["atoms"] for one in (crystal, shaken)]
        shown = [rows, [one[:, TWELVE] for one in deep], [one[:, AVERAGED] for one in deep]]
        for axis, (perfect, warm) in zip(axes, shown, strict=True):
            places = np.arange(1, perfect.shape[1] + 1)
            low, high = np.quantile(warm, [0.05, 0.95], axis=0)
            axis.fill_between(places, low, high, color=f"C{number}", alpha=0.3, linewidth=0)
            axis.plot(places, perfect[0], color=f"C{number}", label=name)
    axes[0].set(
        xlabel="place in ascending order", ylabel="cosine", title="bonds to twelve neighbours"
    )
    axes[1].set(xlabel="l", ylabel="|q|", title="invariants of twelve neighbours")
    axes[2].set(xlabel="l", ylabel="|q|", title="averaged twice")
    axes[0].legend()
    return figure
