"""Settings of the crystal source and its transforms."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from structkit import Settings

CrystalClass = Literal["sc", "bcc", "fcc", "diamond", "hcp", "bct139", "bct141", "rhombohedral"]
CLASSES: tuple[CrystalClass, ...] = (
    "sc",
    "bcc",
    "fcc",
    "diamond",
    "hcp",
    "bct139",
    "bct141",
    "rhombohedral",
)

FccMetal = Literal["Al", "Ca", "Ni", "Cu", "Sr", "Rh", "Pd", "Ag", "Ir", "Pt", "Au", "Pb"]
HcpMetal = Literal["Be", "Mg", "Sc", "Ti", "Co", "Zn", "Y", "Zr", "Ru", "Re"]
FCC_METALS: tuple[FccMetal, ...] = get_args(FccMetal)
HCP_METALS: tuple[HcpMetal, ...] = get_args(HcpMetal)


class PrototypeSettings(Settings):
    """Which crystals, and how many."""

    classes: tuple[CrystalClass, ...] = Field(CLASSES, min_length=1)
    """crystal classes to make; bct139 and bct141 are body-centred tetragonal of that space group"""
    per_class: int = Field(100, ge=1, le=1_000_000)
    """structures of each class"""
    groups_per_class: int = Field(24, ge=1, le=90)
    """pairs of element and prototype in each class, at least; real elements come first, exchanged ones fill up"""
    strain: float = Field(0.02, ge=0, le=0.1)
    """largest relative change of volume^(1/3) and of c/a, each uniform; it never changes the space group"""
    merge_hexagonal_rhombohedral: bool = False
    """label hcp and rhombohedral crystals alike, as Ziletti 2018 does: 'hexagonal-rhombohedral'"""


class OtherSettings(Settings):
    """Which crystals, and how many."""

    prototypes: tuple[str, ...] = Field(
        ("A8", "A9", "A11", "A12", "A13", "A14", "A15", "A20", "A_b", "A_d", "B1", "B3", "E2_1"),
        min_length=1,
        max_length=300,
    )
    """of AFLOW's library: Strukturbericht symbol, mineral name or AFLOW label; not those of `crystal-prototypes`"""
    groups_per_prototype: int = Field(4, ge=1, le=80)
    """elements that each is made of, the measured one first; compounds are made as measured only"""
    per_group: int = Field(1, ge=1, le=1_000_000)
    """structures of each pair of prototype and element"""
    strain: float = Field(0.02, ge=0, le=0.1)
    """largest relative change of all axes alike, uniform; it never changes the space group"""


class SupercellSettings(Settings):
    """How the standard cluster is built."""

    min_atoms: int = Field(256, ge=1, le=100_000)
    """atoms in the supercell, at least"""
    extent: Literal["cell", "atoms"] = "cell"
    """what is measured to choose the next axis to repeat along: the cell, in one setting and at one origin for every
    crystal; or the atoms, in the cell as it comes, as Ziletti 2018 does (hcp has 280 or 320 then,
    by the origin)"""
    lattice: Literal["found", "given"] = "found"
    """the cell that is repeated: the conventional one that spglib finds, or the one that the structure has; a crystal
    in another cell then gives another cluster"""
    max_atoms: int = Field(2000, ge=1)
    """a structure with more atoms is refused, not searched for symmetry, which takes a time that grows as their
    square (6,912 displaced atoms: half a minute)"""
    symprec: float = Field(0.01, gt=0, le=1)
    """spglib's distance tolerance when the conventional cell is looked for, in Å"""
    angle_tolerance: float = Field(-1.0, ge=-1, le=45)
    """spglib's angle tolerance in degrees; -1: it derives one from symprec"""


class DefectSettings(Settings):
    """How a structure is damaged."""

    vacancies: float = Field(0.0, ge=0, lt=1)
    """fraction of the atoms that is removed, at random"""
    displacement: float = Field(0.0, ge=0, le=5)
    """standard deviation of every atom's displacement along each Cartesian axis, in Å"""
    copies: int = Field(1, ge=1, le=1000)
    """damaged structures made of each one"""


class RotationSettings(Settings):
    """How often a structure is turned."""

    copies: int = Field(1, ge=1, le=1000)
    """turned structures made of each one"""


class StridedSettings(Settings):
    """How large windows are, and how far apart."""

    size: float = Field(5.0, gt=0, le=100)
    """diameter of a sphere or edge of a cube, in mean distances to the six nearest neighbours"""
    stride: float = Field(2.0, gt=0, le=100)
    """from a window to the next, about, in the same unit; windows overlap where it is less than the size"""
    shape: Literal["sphere", "cube"] = "sphere"
    """what is cut out; a sphere is the same whichever way the crystal is turned"""
    least: int = Field(20, ge=1)
    """atoms of a window; emptier ones, as in vacuum, are left out"""


class StackingSettings(Settings):
    """Which close-packed crystals, and how faulty they are."""

    elements: tuple[FccMetal | HcpMetal, ...] = Field((*FCC_METALS, *HCP_METALS), min_length=1)
    """metals, each at its own density; an element is a group"""
    per_element: int = Field(10, ge=1, le=1_000_000)
    """crystals of each element"""
    parent: Literal["element", "fcc", "hcp"] = "element"
    """the stack into which faults are put: that of the element as measured, or one for all"""
    layers: int = Field(12, ge=2, le=1000, multiple_of=2)
    """close-packed layers of a crystal"""
    repeats: int = Field(4, ge=1, le=100)
    """atoms along each side of a layer"""
    faults: int = Field(2, ge=0, le=300)
    """intrinsic faults or twin lamellae in each crystal; each needs three layers"""
    displacement: float = Field(0.0, ge=0, le=0.5)
    """standard deviation of every atom's displacement along each Cartesian axis, in units of the
    nearest-neighbour distance"""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if 3 * self.faults > self.layers:
            needed = 3 * self.faults
            raise ValueError(f"{self.faults} faults need {needed} layers, there are {self.layers}")
        if len(set(self.elements)) < len(self.elements):
            raise ValueError("an element stands twice")
        return self
