"""The formats that ase reads for us, and what we know of each of its readers.

A reader is trusted where names are elements or numbers, and where symmetry, occupancies, the box
and its units come through. `docs/formats.md` is made of this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """What a reader does with what a file says.

    Args:
        about: the program, and its usual files.
        names: where elements come from.
        symmetry, occupancy, units, box, missing: what becomes of each.
        trusted: whether it is read without being asked for.
    """

    about: str
    names: str
    symmetry: str = "all atoms are listed"
    occupancy: str = "none in the format"
    units: str = "Å"
    box: str = "read"
    missing: str = "refused"
    trusted: bool = True


# Formats that are read line by line here, each with what is checked.
READ_HERE = {
    "CIF": Format(
        ".cif, .mcif",
        "type symbols, else labels where they can be one element only; type_map",
        symmetry="operations, checked to be a group, or any name, number or Hall symbol of the group; "
        "rounded special positions are recognised",
        occupancy="disorder: reject, sample or major",
        box="lengths and angles",
        missing="unknown coordinates and occupancies are refused",
    ),
    "XYZ, plain and extended": Format(
        ".xyz, .extxyz",
        "element symbols or atomic numbers, which must agree; type_map",
        occupancy="other than 1 refused",
        units="Å, or as units says",
        box="Lattice and pbc, or none",
        missing="in positions refused; another column is left out",
    ),
    "POSCAR, CONTCAR": Format(
        ".vasp, .poscar",
        "element symbols, also of potentials; VASP 4 by type_map",
        box="one scale, a volume, or three scales",
        missing="refused; words after the numbers are comments",
    ),
    "XDATCAR": Format(
        "a name with XDATCAR in it",
        "element symbols of the head; VASP 4 by type_map",
        box="as of POSCAR, also where it changes",
        missing="refused",
    ),
    "LAMMPS dump": Format(
        ".lammpstrj, .dump",
        "type_map for types and labels; the column element",
        units="metal, real or lj, as units says; ITEM: UNITS is compared",
        box="orthogonal, tilted, or by vectors; without boundary words periodic, with a warning",
        missing="in used columns refused",
    ),
    "LAMMPS data": Format(
        ".data, .lmp",
        "type_map for types and labels; masses are compared",
        units="metal, real or lj, as units says; the title is compared",
        box="orthogonal, tilted, or by vectors",
        missing="refused",
    ),
}

GUESSED = "elements are guessed from the letters of names: NA becomes N, a bead W tungsten"
LOST = "left out without a word"

FORMATS = {
    "traj": Format("ase trajectory, .traj", "atomic numbers"),
    "json": Format("ase database as text, .json", "atomic numbers"),
    "gen": Format("DFTB+, .gen", "element symbols"),
    "xsf": Format("XCrySDen, .xsf", "atomic numbers or element symbols", box="read, or none"),
    "vasp-xml": Format("VASP, vasprun.xml", "element symbols of the potentials"),
    "vasp-out": Format("VASP, OUTCAR", "element symbols of the potentials"),
    "aims": Format("FHI-aims, geometry.in", "element symbols", box="read, or none"),
    "gromacs": Format("GROMACS, .gro", GUESSED, units="nm, converted", box="read", trusted=False),
    "gromos": Format("GROMOS, .g96", GUESSED, units="nm, converted", trusted=False),
    "dlp4": Format("DL_POLY, CONFIG", GUESSED, trusted=False),
    "dlp-history": Format("DL_POLY, HISTORY", GUESSED, trusted=False),
    "proteindatabank": Format(
        "Protein Data Bank, .pdb",
        "the column of elements, else guessed from names",
        symmetry="symmetry operations are not applied",
        occupancy="occupancies other than 1 are refused",
        trusted=False,
    ),
    "res": Format(
        "SHELX, .res, .ins",
        "element symbols of SFAC",
        symmetry=f"LATT and SYMM are {LOST}",
        occupancy=f"sof is {LOST}",
        trusted=False,
    ),
    "espresso-in": Format("Quantum ESPRESSO input", GUESSED, units="converted", trusted=False),
    "espresso-out": Format("Quantum ESPRESSO output", GUESSED, units="converted", trusted=False),
    "castep-cell": Format(
        "CASTEP, .cell", "symbols, labels cut off", occupancy=f"MIXTURE is {LOST}", trusted=False
    ),
    "crystal": Format(
        "CRYSTAL, fort.34", "atomic numbers", symmetry=f"operations are {LOST}", trusted=False
    ),
    "struct": Format("WIEN2k, .struct", GUESSED, symmetry="partly applied", trusted=False),
    "cfg": Format("AtomEye, .cfg", "masses and symbols", units="a scale of its own", trusted=False),
    "cube": Format(
        "Gaussian cube",
        "atomic numbers",
        units="bohr, converted",
        box="that of the grid, periodic or not",
        trusted=False,
    ),
    "mustem": Format(
        "muSTEM, .xtl", "atomic numbers", occupancy=f"occupancies are {LOST}", trusted=False
    ),
    "prismatic": Format(
        "Prismatic", "atomic numbers", occupancy=f"occupancies are {LOST}", trusted=False
    ),
    "xsd": Format(
        "Materials Studio, .xsd",
        "symbols",
        symmetry="nobody knows what becomes of it",
        trusted=False,
    ),
    "netcdftrajectory": Format("AMBER NetCDF", "none in most files", trusted=False),
    "lammps-dump-binary": Format("LAMMPS binary dump", "types become elements", trusted=False),
}
# Read by no setting: they unpickle, or are no file, or make up elements where there are none.
REFUSED = ("bundletrajectory", "db", "sqlite3", "postgresql", "mysql", "dynamic-traj")
TYPES_ONLY = ("lammps-dump-binary",)
# Formats that we read ourselves, by the ending that says so.
OURS = ("cif", "extxyz", "xyz", "vasp", "vasp-xdatcar", "lammps-data", "lammps-dump-text")
UNKNOWN = Format("", "not known", symmetry="not known", trusted=False)


def why_not(kind: str) -> str:
    """Why a format is not read without being asked for."""
    known = FORMATS.get(kind)
    if known is None:
        return "nobody has checked what its reader does with names, symmetry and units"
    doubts = [known.names] if known.names == GUESSED else []
    if known.symmetry != Format.symmetry:
        doubts.append(known.symmetry)
    if known.occupancy != Format.occupancy:
        doubts.append(known.occupancy)
    return ", ".join(doubts) or f"names: {known.names}; box: {known.box}; units: {known.units}"
