"""Labelled structures that the trust study asks about, beside those of its pipeline: (label, unit of a split, atoms)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from ase import Atoms
from ase.build import molecule
from ase.data import atomic_numbers
from ase.io import iread

from structkit_md_glass_source import cool

GLASSES = 10
MOLECULES = (
    "C6H6",
    "CH4",
    "C2H6",
    "H2O",
    "NH3",
    "C3H8",
    "SiH4",
    "SO2",
    "CH3OH",
    "C4H4O",
    "HCN",
    "CCl4",
)
LABELS = {
    "sc_221": "sc",
    "fcc_225": "fcc",
    "bcc_229": "bcc",
    "dia_227": "diamond",
    "bct_139": "bct139",
}
LABELS |= {"bct_141": "bct141", "hex_194": "hcp", "rhl_166": "rhombohedral"}
SYSTEMS = {
    2: "triclinic",
    15: "monoclinic",
    74: "orthorhombic",
    142: "tetragonal",
    167: "trigonal",
    194: "hexagonal",
    230: "cubic",
}  # the last space group of each crystal system


def system_of(space_group: int) -> str:
    """The crystal system of a space group, by its number in the International Tables."""
    return next(name for last, name in SYSTEMS.items() if space_group <= last)


def molecules() -> Iterator[tuple[str, str, Atoms]]:
    """Single molecules in a box."""
    for name in MOLECULES:
        atoms = molecule(name)
        atoms.center(vacuum=5.0)
        atoms.pbc = True
        yield "molecule", name, atoms


def liquids(folder: Path) -> Iterator[tuple[str, str, Atoms]]:
    """Frames of liquids, of simulations by others."""
    for atoms in iread(folder / "md_local/dev.extxyz.gz", ":"):
        if atoms.info.get("kind") == "liquid":
            atoms.arrays.pop("structure", None)
            yield (
                "liquid",
                str(atoms.info["group"]),
                Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc),
            )


def glasses() -> Iterator[tuple[str, str, Atoms]]:
    """Liquids and glasses of the Kob-Andersen mixture in three dimensions: a minute or two."""
    for seed in range(1, GLASSES + 1):
        frames = cool(
            seed=seed,
            dimensions=3,
            particles=400,
            cooling_steps=20_000,
            temperatures=[1.0, 0.05],
        )
        for name, atoms in zip(("liquid", "glass"), frames, strict=True):
            yield f"Kob-Andersen {name}", f"seed {seed}", atoms


def measured(folder: Path) -> Iterator[tuple[str, str, Atoms]]:
    """Elemental solids of databases that are true prototypes."""
    with gzip.open(folder / "elemental_prototypes.dev.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row["proto_ok"] in (1, "1") and atomic_numbers[row["element"]] < 97:
                atoms = Atoms(
                    row["species"],
                    cell=row["lattice"],
                    scaled_positions=row["frac"],
                    pbc=True,
                )
                yield LABELS[row["cls"]], row["element"], atoms


def prototypes(folder: Path) -> Iterator[tuple[str, str, Atoms]]:
    """One structure of each of AFLOW's prototypes and minerals, labelled by its crystal system."""
    with gzip.open(folder / "aflow_prototypes_by_group.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row["sg_0.01"] == row["label"]:
                atoms = Atoms(
                    row["species"], cell=row["lattice"], scaled_positions=row["frac"], pbc=True
                )
                yield system_of(row["label"]), row["prototype"] or row["id"], atoms
