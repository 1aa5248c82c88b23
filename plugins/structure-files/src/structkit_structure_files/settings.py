"""Settings of the source `files`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings


class ReadSettings(Settings):
    """How one structure file is read."""

    frames: Literal["all", "first", "last"] = "all"
    """which frames of a trajectory, or blocks of a CIF, are read"""
    on_truncated: Literal["error", "drop_last"] = "error"
    """a last frame that is cut short, as of a program that still writes: refuse it, or leave it out and say so"""
    disorder: Literal["reject", "sample", "major"] = "reject"
    """partly occupied sites and disorder groups: refuse, draw for each image of a site, or take the most probable"""
    type_map: dict[str, str] | None = None
    """element of every LAMMPS atom type, or of every count of a VASP-4 POSCAR, such as {1: Si, 2: O}; for all other
    files, of names of species"""
    atom_style: Literal["atomic", "charge", "bond", "angle", "molecular", "full"] | None = None
    """columns of a LAMMPS data file that does not say its atom style"""
    max_frames: int = Field(100_000, ge=1)
    """a file with more frames, or blocks of a CIF, is refused before any work, unless its first alone is read"""
    trust_reader: bool = False
    """read formats whose reader may guess elements, or lose symmetry or occupancies (docs/formats.md); each is told of"""
    units: Literal["metal", "lj"] = "metal"
    """of lengths: Å, or a Lennard-Jones diameter σ; lj needs a type_map, and the two are never mixed"""
    flat: bool = False
    """whether the files are of a two-dimensional simulation, whose box has no third direction"""
    allow_variable: bool = False
    """whether the number of atoms may change between the frames of a LAMMPS dump"""
    min_distance: float = Field(0.3, ge=0)
    """atoms nearer than this coincide, in Å (with units: lj, in σ)"""
    max_atoms: int = Field(200_000, ge=1)
    """a structure with more atoms is refused before any work"""

    @field_validator("type_map")
    @classmethod
    def _elements(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        from ase.data import atomic_numbers

        if bad := [symbol for symbol in (value or {}).values() if symbol not in atomic_numbers]:
            raise ValueError(f"'{bad[0]}' is no element symbol")
        return value

    @model_validator(mode="after")
    def _species_are_named(self) -> ReadSettings:
        if self.units == "lj" and self.type_map is None:
            raise ValueError(
                "units: lj needs a type_map that says which species is which, such as {1: Ni, 2: P}"
            )
        return self


class FilesSettings(ReadSettings):
    """Which files, and where their labels and groups come from."""

    path: str | None = None
    """a folder (read recursively), a file, or a glob such as data/**/*.cif; relative to the working directory"""
    manifest: str | None = None
    """a CSV or JSONL file with the columns path, label and, if wanted, group; paths are relative to it"""
    label: Literal["folder", "manifest", "spacegroup", "random", "none"]
    """where labels come from: the name of the file's folder, the manifest, the space group spglib finds, or nowhere;
    `random` gives copies one of two labels by chance: whatever predicts those better than chance has found a leak"""
    group: Literal["auto", "file", "folder", "formula"] = "auto"
    """what a split never parts, where the manifest does not say: a file, a folder, a reduced formula; `auto`: the
    coarsest of these, of formula and volume, and of file names without their number that leaves three in each class"""
    targets: dict[str, str] = Field(default_factory=dict)
    """numbers to be predicted that the files record, with their units, such as {energy: eV}"""
    symprec: float = Field(0.01, gt=0, le=1)
    """spglib's distance tolerance for label: spacegroup, in Å"""
    angle_tolerance: float = Field(-1.0, ge=-1, le=45)
    """spglib's angle tolerance in degrees; -1: it derives one from symprec"""
    on_bad: Literal["refuse", "skip"] = "refuse"
    """a file that cannot be read: stop and list all such files, or leave it out and say so"""
    strict_labels: bool = False
    """refuse labels that look alike (case, spaces, invisible characters, another script), instead of warning"""


def draws(settings: Settings) -> bool:
    """Whether reading draws random numbers: it does for partly occupied sites that are sampled."""
    return isinstance(settings, ReadSettings) and settings.disorder == "sample"
