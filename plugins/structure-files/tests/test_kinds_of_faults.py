"""Other members of each kind of fault that real files have, as small inputs: what is read, refused and told of."""

import logging
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write

from structkit.errors import DataError
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

LATTICE = 'Lattice="5.6 0 0 0 5.6 0 0 0 5.6"'
SALT = "2\n{comment}\nNa 0 0 0{first}\nCl 2.8 0 0{second}\n"
POSCAR = "{title}\n{scale}\n3 0 0\n0 3 0\n0 0 3\n{species}{counts}\n{mode}\n0 0 0{first}\n.5 .5 .5{second}\n"
DUMP = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS{box}\n0 10\n0 10\n0 10\nITEM: ATOMS {columns}\n{rows}"
DATA = "title{title}\n\n2 atoms\n2 atom types\n{box}\n{labels}Atoms{style}\n\n{rows}"
BOX = "0 10 xlo xhi\n0 10 ylo yhi\n0 10 zlo zhi\n"
VECTORS = "10 0 0 avec\n0 10 0 bvec\n0 0 10 cvec\n0 0 0 abc origin\n"
LABELS = "Atom Type Labels\n\n1 Cu\n2 W\n\n"


def xyz(comment=LATTICE, first="", second=""):
    return SALT.format(comment=comment, first=first, second=second)


def poscar(
    scale="1.0", species="Na Cl\n", counts="1 1", mode="Direct", first="", second="", title="t"
):
    return POSCAR.format(
        title=title,
        scale=scale,
        species=species,
        counts=counts,
        mode=mode,
        first=first,
        second=second,
    )


def dump(columns="id element x y z", rows="1 Cu 1 1 1\n2 Cu 3 3 3\n", box=" pp pp pp"):
    return DUMP.format(columns=columns, rows=rows, box=box)


def data(title="", box=BOX, labels="", style=" # atomic", rows="1 1 1 1 1\n2 2 3 3 3\n"):
    return DATA.format(title=title, box=box, labels=labels, style=style, rows=rows)


@pytest.fixture
def read(here, caplog):
    """The formula of the last structure of a file, or the error; and what was told."""

    def read(name, text, **settings):
        caplog.clear()
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            samples = read_structures(Path(name), ReadSettings(**settings))
        except DataError as error:
            return str(error), caplog.text
        return samples[-1].atoms, caplog.text

    caplog.set_level(logging.WARNING, "structkit")
    return read


TO_READ = {
    "quote in a title": ("a.xyz", xyz(f"{LATTICE} title='Bob's'"), {}, "NaCl", ""),
    "quote before the cell": ("a.xyz", xyz(f'title="open {LATTICE}'), {}, "NaCl", "S124"),
    "quote without a cell": ("a.xyz", xyz("it's"), {}, "NaCl", ""),
    "long comment": ("a.xyz", xyz(f"{LATTICE} note={'x' * 50_000}"), {}, "NaCl", ""),
    "stars for forces": ("a.xyz", xyz(f"{LATTICE} Properties=species:S:1:pos:R:3:forces:R:1", " ***", " 1"), {}, "NaCl", ""),
    "NaN in a column of one's own": ("a.xyz", xyz(f"{LATTICE} Properties=species:S:1:pos:R:3:mine:R:1", " nan", " 1"), {}, "NaCl", "S123 column mine is left out"),
    "rows of different length": ("a.xyz", xyz("plain", " 1 2", ""), {}, "NaCl", ""),
    "empty lines between frames": ("a.xyz", xyz() + "\n\n" + xyz(), {}, "NaCl", ""),
    "tritium": ("a.xyz", xyz().replace("Na", "T"), {}, "HCl", ""),
    "small letters": ("a.xyz", xyz().replace("Na", "na"), {}, "NaCl", "S032 'na' is read as Na"),
    "units in words": ("a.xyz", xyz(f"{LATTICE} units=Angstrom"), {}, "NaCl", ""),
    "left-handed": ("a.xyz", xyz('Lattice="5.6 0 0 0 -5.6 0 0 0 5.6"'), {}, "NaCl", "S066"),
    "unwrapped": ("a.xyz", xyz().replace("2.8 0 0", "2.8 0 56"), {}, "NaCl", "S068"),
    "three scales": ("a.vasp", poscar("1 1 2"), {}, "NaCl", ""),
    "words after the scale": ("a.vasp", poscar("1.0 scale factor"), {}, "NaCl", ""),
    "comments everywhere": ("a.vasp", poscar("1 # s", "Na Cl # here\n", "1 1 ! n", "Direct ! d", " T T T Na", " # In"), {}, "NaCl", ""),
    "capitals": ("a.vasp", poscar(species="NA CL\n"), {}, "NaCl", "S032"),
    "potentials": ("a.vasp", poscar(species="Na_pv Cl/abc\n"), {}, "NaCl", ""),
    "VASP 4": ("POSCAR", poscar(species=""), {"type_map": {"1": "Na", "2": "Cl"}}, "NaCl", ""),
    "type map of a POSCAR": ("a.vasp", poscar(species="Wat Cl\n"), {"type_map": {"Wat": "O"}}, "OCl", ""),
    "tilts without words": ("a.dump", dump(box="").replace("0 10", "0 10 0"), {}, "Cu2", "S108"),
    "tilts without boundaries": ("a.dump", dump(box=" xy xz yz").replace("0 10", "0 10 0"), {}, "Cu2", "S108"),
    "labels alone": ("a.dump", dump("id typelabel x y z"), {"type_map": {"Cu": "Cu"}}, "Cu2", ""),
    "map of labels": ("a.dump", dump("id type typelabel x y z", "1 1 A 1 1 1\n2 2 W 3 3 3\n"), {"type_map": {"A": "Cu", "W": "O"}}, "CuO", ""),
    "map of types beside elements": ("a.dump", dump("id type element x y z", "1 1 Cu 1 1 1\n2 2 O 3 3 3\n"), {"type_map": {"1": "Cu", "2": "O"}}, "CuO", ""),
    "words nobody uses": ("a.dump", dump("id element x y z v m", "1 D 1 1 1 nan A\n2 O 3 3 3 - B\n"), {}, "HO", ""),
    "data by vectors": ("a.data", data(box=VECTORS), {"type_map": {"1": "Cu", "2": "O"}}, "CuO", ""),
    "data with labels": ("a.data", data(labels=LABELS, rows="1 Cu 1 1 1\n2 W 3 3 3\n"), {"type_map": {"1": "Cu", "2": "O"}}, "CuO", ""),
    "data by labels": ("a.data", data(labels=LABELS), {"type_map": {"Cu": "Cu", "W": "O"}}, "CuO", ""),
    "style of the settings": ("a.data", data(style="", rows="1 1 .5 1 1 1\n2 2 .5 3 3 3\n"), {"atom_style": "charge", "type_map": {"1": "Cu", "2": "O"}}, "CuO", ""),
}  # fmt: skip

TO_REFUSE = {
    "columns that disagree": ("a.xyz", xyz(f"{LATTICE} Properties=species:S:1:pos:R:3:Z:I:1", " 11", " 18"), {}, "a.xyz:4: S105 the columns name two elements"),
    "two scales": ("a.vasp", poscar("1 2"), {}, "S100 the scale factor: 2 numbers, expected 1 or 3"),
    "negative scale of three": ("a.vasp", poscar("1 1 -1"), {}, "S012 a scale factor is not above 0"),
    "VASP 4 without a map": ("POSCAR", poscar(species="", title="Na Cl"), {}, "S111 the file names no species (VASP 4 format); add a line of element symbols above the counts (VASP 5), or set type_map: {1: Na, 2: Cl}"),
    "labels against a map": ("POSCAR", poscar(species="", second=" Br"), {"type_map": {"1": "Na", "2": "Cl"}}, "S120 atom 2 is Cl by its place and Br by its label"),
    "labels are no elements": ("a.dump", dump("id typelabel x y z", "1 W 1 1 1\n2 W 3 3 3\n"), {}, "S111 types {W} have no species"),
    "map against elements": ("a.dump", dump("id type element x y z", "1 1 Cu 1 1 1\n2 2 O 3 3 3\n"), {"type_map": {"1": "Cu", "2": "Zr"}}, "S111 type_map says Zr, the column element O"),
    "labels of a data file": ("a.data", data(labels=LABELS), {}, "S111 types {1,2} have no species"),
    "style that cannot be told": ("a.data", data(style="", rows="1 1 .5 1 1 1\n2 2 .5 3 3 3\n"), {"type_map": {"1": "Cu", "2": "O"}}, "S117 no atom style, rows of 6 words: columns cannot be told apart; set atom_style"),
    "two styles": ("a.data", data(style=" # full"), {"atom_style": "atomic", "type_map": {"1": "Cu"}}, "S117 the file is of atom style 'full', and is read as 'atomic'"),
    "units of a later frame": ("a.dump", dump() + "ITEM: UNITS\nlj\n" + dump(), {}, "S115 the file is in units 'lj', and is read in units 'metal'; set units: lj"),
    "real as lj": ("a.dump", "ITEM: UNITS\nreal\n" + dump() * 2, {"units": "lj", "frames": "last", "type_map": {"Cu": "Cu"}}, "S115 the file is in units 'real', and is read in units 'lj'; set units: metal"),
    "lj title": ("a.data", data(", units = lj"), {"type_map": {"1": "Cu", "2": "O"}}, "S115 the file is in units 'lj'"),
    "nm in words": ("a.xyz", xyz(f"{LATTICE} units=nm"), {}, "S115 the file is in units 'nm', and is read in units 'metal'; convert its lengths to Å"),
    "lengths in nm": ("a.xyz", xyz("nm").replace("2.8", "0.28"), {}, "S021 Na1 and Cl2 coincide (0.28 Å apart, min_distance 0.3); remove one, or lower min_distance; or are its lengths in nm, bohr or reduced units"),
    "XYZ called CIF": ("a.cif", xyz(), {}, "S007 this is extended XYZ, and its name says CIF; rename it to a.xyz"),
    "POSCAR called CIF": ("a.cif", poscar(), {}, "S007 this is POSCAR, and its name says CIF"),
    "POSCAR called XYZ": ("a.xyz", poscar(), {}, "S007 this is POSCAR"),
    "dump called XYZ": ("a.xyz", dump(), {}, "S007 this is a LAMMPS dump"),
    "data called dump": ("a.dump", data(), {}, "S007 this is a LAMMPS data file"),
    "CIF called text": ("a.txt", "data_x\n_cell_length_a 4\n", {}, "S004 unknown file format txt; it looks like CIF: rename it to a.cif"),
    "cell in brackets and quotes": ("a.xyz", xyz('Lattice="[5 0 0] [0 5 0] [0 0 5]"'), {}, "S106 Lattice is no nine numbers in quotes"),
    "cell without quotes": ("a.xyz", xyz("Lattice=5.6 0 0 0 5.6 0 0 0 5.6"), {}, "S106 Lattice is no nine numbers in quotes"),
    "UTF-16": ("a.xyz", xyz().encode("utf-16"), {}, "S006 text in UTF-16; save it as UTF-8"),
    "UTF-16 without a mark": ("a.vasp", poscar().encode("utf-16-le"), {}, "S006 text in UTF-16"),
    "UTF-32": ("a.vasp", poscar().encode("utf-32"), {}, "S006 text in UTF-32"),
    "names that are no elements": ("a.xyz", xyz().replace("Na", "Wat"), {}, "S030 unknown element 'Wat'; did you mean 'W'? or set type_map: {Wat: ...}"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TO_READ)
def test_what_the_world_writes_is_read(kind, read):
    name, text, settings, formula, told = TO_READ[kind]
    atoms, heard = read(name, text, **settings)
    assert not isinstance(atoms, str), atoms
    assert str(atoms.symbols) == formula
    assert (told in heard) if told else not heard


@pytest.mark.parametrize("kind", TO_REFUSE)
def test_what_cannot_be_known_is_refused_with_the_cause(kind, read):
    name, text, settings, expected = TO_REFUSE[kind]
    message, _ = read(name, text, **settings)
    assert isinstance(message, str) and expected in message, message


def test_three_scales_are_those_of_the_components(read):
    atoms, _ = read(
        "a.vasp", poscar("1 1 2", mode="Cartesian", second=" # c").replace(".5 .5 .5", "1 1 1")
    )
    assert np.allclose(atoms.cell.lengths(), [3, 3, 6]) and np.allclose(
        atoms.positions[1], [1, 1, 2]
    )


def test_a_left_handed_cell_is_the_same_crystal(read):
    crystal = bulk("NaCl", "rocksalt", a=5.64)
    left = crystal.copy()
    left.set_cell(crystal.cell[:][[1, 0, 2]])
    write("left.vasp", left)
    atoms, _ = read("left.vasp", Path("left.vasp").read_text())
    assert np.linalg.det(atoms.cell[:]) > 0 > np.linalg.det(left.cell[:])
    assert np.allclose(atoms.get_all_distances(mic=True), crystal.get_all_distances(mic=True))


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("id element xu yu zu", "1 Cu 11 1 1\n2 Cu -7 3 33\n"),
        ("id element xsu ysu zsu", "1 Cu 1.1 .1 .1\n2 Cu -.7 .3 3.3\n"),
        ("id element xs ys zs", "1 Cu .1 .1 .1\n2 Cu .3 .3 .3\n"),
    ],
)
def test_unwrapped_coordinates_are_the_same_structure(columns, rows, read):
    wrapped, _ = read("a.dump", dump())
    atoms, _ = read("b.dump", dump(columns, rows))
    assert np.allclose(atoms.positions, wrapped.positions)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            xyz("bohr", "").replace("2.8", "5.3"),
            "the nearest atoms are 5.3 Å apart; are its lengths in nm, bohr or reduced units",
        ),
        (
            xyz("reduced", "").replace("2.8", "1.1"),
            "the nearest atoms are 1.1 Å apart; are its lengths in nm, bohr or reduced units",
        ),
        (xyz("pm", "").replace("2.8", "280"), "no two atoms are nearer than 48 Å"),
        (xyz(), ""),
        (xyz().replace("Na", "H").replace("Cl", "H").replace("2.8", "0.74"), ""),
        (xyz("argon").replace("Na", "Ar").replace("Cl", "Ar").replace("2.8", "4.5"), ""),
    ],
)
def test_lengths_of_other_units_are_told_of(text, told, read):
    _, heard = read("a.xyz", text)
    assert (f"S122 {told}" in heard) if told else not heard


def test_lengths_in_angstrom_read_in_sigma_are_told_of(read):
    text = xyz('Lattice="9 0 0 0 9 0 0 0 9"').replace("2.8 0 0", "2.0 1.5 .5")
    _, heard = read("a.xyz", text, units="lj", type_map={"Na": "Ni", "Cl": "P"})
    assert "S122 the nearest particles are 2.55 σ apart; are its lengths in Å or nm?" in heard


@pytest.mark.parametrize("cut", range(5, 160, 7))
def test_a_dump_cut_anywhere_is_read_up_to_there(cut, read):
    whole = dump()
    text = whole + whole[:cut]
    (first, _), (dropped, heard) = (
        read("a.dump", text, **settings)
        for settings in ({"frames": "first"}, {"on_truncated": "drop_last"})
    )
    assert len(first) == len(dropped) == 2
    assert "S109 frame 1 is cut short, and left out" in heard or cut >= len(whole) - 2


def test_a_trajectory_of_vasp_may_be_cut(read):
    write("XDATCAR", [bulk("NaCl", "rocksalt", a=5.64)] * 2)
    text = Path("XDATCAR").read_text()
    whole, _ = read("XDATCAR", text)
    assert str(whole.symbols) == "NaCl"
    message, _ = read("XDATCAR", text[:-40])
    assert "frame 1 is cut short" in message and "on_truncated: drop_last leaves it out" in message
    assert len(read("XDATCAR", text[:-40], frames="first")[0]) == 2
    assert "S109" in read("XDATCAR", text[:-40], on_truncated="drop_last")[1]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.gro", "gromacs"),
        ("a.g96", "gromos"),
        ("a.pdb", "proteindatabank"),
        ("a.res", "res"),
        ("a.cell", "castep-cell"),
        ("a.cube", "cube"),
    ],
)
def test_formats_that_lose_something_are_read_on_request_only(name, form, read):
    write(name, bulk("NaCl", "rocksalt", a=5.64, cubic=True), format=form)
    text = Path(name).read_bytes()
    message, _ = read(name, text)
    assert f"S004 format '{form}' is not read: " in message
    assert "; convert it to CIF, POSCAR or extended XYZ; or set trust_reader: true" in message
    atoms, heard = read(name, text, trust_reader=True)
    assert len(atoms) == 8 and f"S008 read by the '{form}' reader of ase as you ask" in heard


def test_names_of_gromacs_go_by_the_type_map(read):
    row = "    1SOL  {name:>5}    1{x:8.3f}   0.100   0.100\n"
    text = (
        "t\n    2\n"
        + row.format(name="OW", x=0.1)
        + row.format(name="W", x=0.4)
        + "   1.8 1.8 1.8\n"
    )
    settings = {"trust_reader": True, "type_map": {"OW": "O", "W": "Ne"}}
    assert str(read("a.gro", text, **settings)[0].symbols) == "ONe"
    settings["type_map"] = {"W": "Ne"}
    assert "S030 unknown element 'OW'" in read("a.gro", text, **settings)[0]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.traj", "traj"),
        ("a.json", "json"),
        ("a.gen", "gen"),
        ("a.xsf", "xsf"),
        ("geometry.in", "aims"),
    ],
)
def test_formats_of_the_table_come_through_whole(name, form, read):
    crystal = bulk("NaCl", "rocksalt", a=5.64)
    write(name, crystal, format=form)
    atoms, heard = read(name, Path(name).read_bytes())
    assert not heard and atoms.pbc.all() and np.allclose(atoms.cell[:], crystal.cell[:], atol=1e-4)
    assert list(atoms.symbols) == ["Na", "Cl"]
    assert np.allclose(atoms.positions, crystal.positions, atol=1e-4)
