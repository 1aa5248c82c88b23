"""What the study of atoms is measured on: molecular dynamics, others' snapshots, and lattices left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import iread
from ase.spacegroup import crystal
from numpy.typing import NDArray

from structkit_local_structure.making.built import CLASSES, DISORDERED, SHELLS, Labelled, noisy
from structkit_local_structure.making.lattices import block, vacant
from structkit_local_structure.making.source import as_atoms
from structkit_neighbours import pairs

NUMBERS = {"fcc": 0, "hcp": 1, "bcc": 2, "diamond": 3, "liquid": DISORDERED, "unknown": -1}
# the lattice of the elements of the first-principles snapshots, whose labels say crystal or liquid
LATTICES = {"Mo": "bcc", "Li": "bcc", "Si": "diamond", "Ge": "diamond", "Cu": "fcc", "Ni": "fcc"}
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Frame:
    """A structure of which the class of atoms is known.

    Args:
        atoms: the structure.
        truth: int64 (atoms,), classes, -1 where nothing is known.
        group: the trajectory.
        kind: what it is of.
    """

    atoms: Atoms
    truth: Ints
    group: str
    kind: str


def dynamics(folder: Path) -> Iterator[Frame]:
    """The molecular dynamics of `md_local`."""
    for atoms in iread(folder / "md_local/dev.extxyz.gz", ":"):
        truth = np.array([NUMBERS[word] for word in atoms.arrays["structure"]])
        yield Frame(atoms, truth, atoms.info["group"], atoms.info["kind"])


def snapshots(folder: Path) -> Iterator[Frame]:
    """Snapshots of pyscal, and of first-principles dynamics (maml), of one class each."""
    for atoms in iread(folder / "pyscal_md_snapshots.extxyz.gz", ":"):
        label = atoms.info["label"]
        if label in NUMBERS:
            name = atoms.info["id"].removeprefix("pyscal:examples/")
            yield Frame(atoms, np.full(len(atoms), NUMBERS[label]), name, f"pyscal {label}")
    for atoms in iread(folder / "maml_solid_liquid.extxyz.gz", ":"):
        state, element = atoms.info["label_struct"], str(atoms.symbols[0])
        label = LATTICES[element] if state == "crystal" else state
        if label in NUMBERS and atoms.info["variant"] == "normal":
            truth = np.full(len(atoms), NUMBERS[label])
            yield Frame(atoms, truth, f"{element} {label}", f"maml {element} {label}")


def synthetic(share: float, spread: float, seed: int) -> Iterator[Frame]:
    """The six lattices with vacancies and noise, from other random numbers than the training's."""
    for lattice in SHELLS:
        for number in range(4):
            rng = np.random.default_rng([seed, lattice, number])
            built = block(lattice, np.full(3, 7.0 * SHELLS[lattice][0] ** 0.5))
            positions = built.sites
            if share:
                built, positions = vacant(built, share, False, rng)
            truth = np.full(len(built.sites), lattice)
            box, periodic = built.cell, built.periodic
            made = Labelled(noisy(positions, spread, rng), box, periodic, truth, 0 * truth)
            yield Frame(as_atoms(made), truth, f"{lattice}-{number}", CLASSES[lattice])


def left_out() -> dict[str, Atoms]:
    """Lattices of which the model was told nothing; all species are alike to it."""
    cubic = [90.0] * 3
    flat = [90.0, 90.0, 120.0]
    return {
        "β-Sn": crystal(["Sn"], [(0, 0, 0)], spacegroup=141, cellpar=[5.83, 5.83, 3.18, *cubic]),
        "A15": crystal(
            ["Cr"] * 2, [(0, 0, 0), (0.25, 0, 0.5)], spacegroup=223, cellpar=[4.6] * 3 + cubic
        ),
        "C15": crystal(
            ["Mg"] * 2, [(0.125,) * 3, (0.5,) * 3], spacegroup=227, setting=2,
            cellpar=[7.0] * 3 + cubic,
        ),
        "β-Mn": crystal(
            ["Mn"] * 2, [(0.0636,) * 3, (0.125, 0.2022, 0.4522)], spacegroup=213,
            cellpar=[6.3] * 3 + cubic,
        ),
        "ω": crystal(
            ["Ti"] * 2, [(0, 0, 0), (1 / 3, 2 / 3, 0.5)], spacegroup=191,
            cellpar=[4.625, 4.625, 2.813, *flat],
        ),
        "perovskite": crystal(
            ["O"] * 3, [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)], spacegroup=221,
            cellpar=[3.9] * 3 + cubic,
        ),
        "simple hexagonal": crystal(
            ["Hg"], [(0, 0, 0)], spacegroup=191, cellpar=[3.0, 3.0, 2.8, *flat]
        ),
    }  # fmt: skip


def trembling(atoms: Atoms, spread: float, seed: int) -> Atoms:
    """A large piece of a crystal with noise, in units of its nearest-neighbour distance."""
    nearest = float(pairs(atoms, 4.5).distances.min())
    repeats = np.maximum(1, np.ceil(8 * nearest / atoms.cell.lengths())).astype(int)
    large = atoms.repeat(repeats)
    rng = np.random.default_rng(seed)
    large.positions = noisy(large.positions, spread * nearest, rng)
    return large
