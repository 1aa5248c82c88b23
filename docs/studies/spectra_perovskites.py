"""Crystals of the seven classes of halide perovskites, from the literature, with halogens and cations exchanged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms
from ase.spacegroup import crystal

Named = tuple[str, str, Atoms]  # label, group, crystal
HALOGENS = {"Cl": 1.81, "Br": 1.96, "I": 2.20}  # Å, radii (Shannon)
# a cation that scatters as methylammonium (18 electrons) and formamidinium (24) do, and the alkalis
CATIONS = ("K", "Ti", "Rb", "Cs")


def perovskites() -> Iterator[Named]:
    """Every crystal with its class (as autoXRD names it) and its family."""
    yield from _cubic()
    yield from _tetragonal()
    yield from _elpasolites()
    yield from _layered()
    yield from _dimers()


def _cubic() -> Iterator[Named]:
    """Pm-3m: ABX3, with constants from measured ones (MAPbI3 6.28, MAPbBr3 5.93, MAPbCl3 5.67 Å)."""
    for halogen, a in (("Cl", 5.67), ("Br", 5.93), ("I", 6.31)):
        for metal in ("Pb", "Sn"):
            for cation in CATIONS:
                sites = [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)]
                atoms = crystal(
                    [cation, metal, halogen], sites, spacegroup=221, cellpar=[a, a, a, 90, 90, 90]
                )
                yield "pm-3m", f"{cation}{metal}{halogen}3", atoms


def _tetragonal() -> Iterator[Named]:
    """I4/mcm: octahedra turned about c, as MAPbI3 at room temperature (a 8.87, c 12.67 Å; x 0.21)."""
    for halogen, a, c in (("Br", 8.33, 11.85), ("I", 8.87, 12.67)):
        for metal in ("Pb", "Sn"):
            for cation in CATIONS:
                sites = [(0, 0.5, 0.25), (0, 0, 0), (0, 0, 0.25), (0.211, 0.711, 0)]
                atoms = crystal(
                    [cation, metal, halogen, halogen], sites, spacegroup=140, cellpar=[a, a, c, 90, 90, 90]
                )  # fmt: skip
                yield "I4Imcm", f"{cation}{metal}{halogen}3 tetragonal", atoms


def _elpasolites() -> Iterator[Named]:
    """Fm-3m: A2BB'X6, as Cs2AgBiBr6 (11.27 Å; Slavney et al., J. Am. Chem. Soc. 138, 2138 (2016))."""
    for halogen, a in (("Cl", 10.78), ("Br", 11.27), ("I", 12.0)):
        for one, other in (("Ag", "Bi"), ("Ag", "Sb"), ("Ag", "In")):
            sites = [(0.25, 0.25, 0.25), (0.5, 0.5, 0.5), (0, 0, 0), (0.2513, 0, 0)]
            atoms = crystal(
                ["Cs", one, other, halogen], sites, spacegroup=225, cellpar=[a, a, a, 90, 90, 90]
            )
            yield "Fm-3m", f"Cs2{one}{other}{halogen}6", atoms


def _layered() -> Iterator[Named]:
    """P-3m1: A3B2X9 in layers, as Cs3Bi2Br9 (7.972, 9.867 Å; Lazarini, Acta Cryst. B 33, 2961 (1977)).

    The monoclinic classes are layers too. Their positions are not at hand, so they are given as
    distorted layers: the orthohexagonal cell of two layers with β = 90.4° and displaced atoms.
    """
    for halogen, a, c in (("Br", 7.97, 9.87), ("I", 8.42, 10.39)):
        for metal in ("Bi", "Sb"):
            for cation in ("K", "Rb", "Cs"):
                atoms = _layers(cation, metal, halogen, a * _shrink(cation), c * _shrink(cation))
                name = f"{cation}3{metal}2{halogen}9"
                yield "P3m1", name, atoms
                if metal == "Bi" and cation == "Rb":
                    label = "Pc" if halogen == "I" else "P21a"
                    yield label, f"{name} distorted", _distorted(atoms)


def _shrink(cation: str) -> float:
    return {"K": 0.975, "Rb": 0.985, "Cs": 1.0}[cation]


def _layers(cation: str, metal: str, halogen: str, a: float, c: float) -> Atoms:
    sites = [
        (0, 0, 0),
        (1 / 3, 2 / 3, 0.6758),
        (1 / 3, 2 / 3, 0.1849),
        (0.5, 0, 0),
        (0.1654, -0.1654, 0.3346),
    ]
    symbols = [cation, cation, metal, halogen, halogen]
    return crystal(symbols, sites, spacegroup=164, cellpar=[a, a, c, 90, 90, 120])


def _distorted(layers: Atoms) -> Atoms:
    from ase.build import make_supercell

    cell = make_supercell(layers, [[1, 2, 0], [1, 0, 0], [0, 0, -2]])
    lengths = cell.cell.lengths()
    cell.set_cell([*lengths, 90, 90.4, 90], scale_atoms=True)
    cell.positions += np.random.default_rng(7).normal(scale=0.12, size=cell.positions.shape)
    return cell


def _dimers() -> Iterator[Named]:
    """P63/mmc: A3B2X9 of two octahedra that share a face, as Cs3Bi2I9 (8.412, 21.182 Å; Arakcheeva et al. (1999))."""
    for metal, a, c in (("Bi", 8.412, 21.18), ("Sb", 8.349, 20.93)):
        for cation in CATIONS:
            sites = [(0, 0, 0.25), (1 / 3, 2 / 3, 0.575), (1 / 3, 2 / 3, 0.1545), (0.507, 0.014, 0.25),
                     (0.1650, 0.3300, 0.0815)]  # fmt: skip
            atoms = crystal(
                [cation, cation, metal, "I", "I"], sites, spacegroup=194, cellpar=[a, a, c, 90, 90, 120]
            )  # fmt: skip
            yield "P61mmc", f"{cation}3{metal}2I9", atoms
