"""Users' own simulations: LAMMPS data files, dumps, extended XYZ and trajectories in reduced units."""

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.io import write
from pydantic import ValidationError

from structkit import DataError, Sample
from structkit.engine.prediction import Predictor
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

MAP = {"1": "Ni", "2": "P"}
LJ = {"units": "lj", "type_map": MAP}
DATA = """LAMMPS data file via write_data, version 22 Jul 2025

3 atoms
2 atom types

1.0 11.0 xlo xhi
0.0 12.0 ylo yhi
-0.5 0.5 zlo zhi

Masses

1 1.0
2 1.0

Pair Coeffs # lj/cut

1 1 1
2 0.5 0.88

Atoms # {style}

{rows}

Velocities

1 0 0 0
2 0 0 0
3 0 0 0
"""
ROWS = "3 2 4.0 5.0 0.0 0 0 0\n1 1 1.5 2.0 0.0 0 0 0\n2 1 3.0 3.0 0.0 1 0 0"


def read(name, text, **settings):
    Path(name).write_text(text)
    return [sample.atoms for sample in read_structures(Path(name), ReadSettings(**settings))]


@pytest.mark.parametrize(
    ("type_map", "told"),
    [
        ({"1": "Si", "2": "O"}, None),
        ({"1": "O", "2": "Si"}, "S119 type 1 is read as O (16) and has mass 28.08, that of Si"),
        ({"1": "Si", "2": "F"}, "S119 type 2 is read as F (19) and has mass 15.999, that of O"),
        ({}, "S111 types {1,2} have no species; set type_map: {1: Si, 2: O}"),
    ],
)
def test_masses_are_compared_and_proposed_but_never_taken(type_map, told, here, capsys):
    text = DATA.format(style="atomic", rows=ROWS).replace("1 1.0\n2 1.0", "1 28.08 # Si\n2 15.999")
    try:
        read(f"mass{len(told or '')}.data", text, type_map=type_map)
    except DataError as error:
        assert told is not None and told in str(error)
    else:
        heard = capsys.readouterr().err
        assert (told in heard) if told else "S119" not in heard


def test_neighbours_in_the_periodic_table_are_told_apart_by_mass(here, capsys):
    text = DATA.format(style="atomic", rows=ROWS).replace("1 1.0\n2 1.0", "1 55.845\n2 58.693")
    read("alloy.data", text, type_map={"1": "Ni", "2": "Fe"})
    assert (
        "S119 type 1 is read as Ni (58.69) and has mass 55.845, that of Fe"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("units", ["electron", "nano", "si"])
def test_units_in_other_lengths_are_refused(units, here):
    data = DATA.format(style="atomic", rows=ROWS).replace(
        "22 Jul 2025", f"22 Jul 2025, units = {units}"
    )
    dump = f"ITEM: UNITS\n{units}\nITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\nITEM: ATOMS id type x y z\n1 1 0 0 0\n"
    for name, text in (("run.data", data), ("run.dump", dump)):
        with pytest.raises(DataError, match=f"S115 the file is in units '{units}'"):
            read(name, text, type_map=MAP)


def test_data_file_is_read_in_the_order_of_ids(here):
    (atoms,) = read("run.data", DATA.format(style="atomic", rows=ROWS), **LJ, flat=True)
    assert list(atoms.symbols) == ["Ni", "Ni", "P"] and atoms.info["units"] == "lj"
    assert np.allclose(atoms.positions, [[0.5, 2, 0], [2, 3, 0], [3, 5, 0]])
    assert np.allclose(atoms.cell[:], np.diag([10, 12, 0])) and list(atoms.pbc) == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("style", "extra"), [("charge", "0.5"), ("full", None), ("molecular", None)]
)
def test_styles_put_positions_in_other_columns(here, style, extra):
    layout = {
        "charge": "{id} {type} 0.5 {xyz}",
        "full": "{id} 1 {type} 0.5 {xyz}",
        "molecular": "{id} 1 {type} {xyz}",
    }
    lines = [line.split() for line in ROWS.split("\n")]
    rows = "\n".join(layout[style].format(id=w[0], type=w[1], xyz=" ".join(w[2:5])) for w in lines)
    (atoms,) = read("run.data", DATA.format(style=style, rows=rows), **LJ, flat=True)
    assert np.allclose(atoms.positions[2], [3, 5, 0]) and str(atoms.symbols[2]) == "P"


def test_tilted_box(here):
    text = DATA.format(style="atomic", rows=ROWS).replace(
        "-0.5 0.5 zlo zhi", "0 9 zlo zhi\n2.0 0.0 0.0 xy xz yz"
    )
    (atoms,) = read("run.data", text.replace("5.0 0.0 0 0 0", "5.0 3.0 0 0 0"), **LJ)
    assert np.allclose(atoms.cell[:], [[10, 0, 0], [2, 12, 0], [0, 0, 9]])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda t: t.replace(" # atomic", "").replace("1 1 1.5 2.0 0.0", "1 1 1.5 2.0"),
            "run.data:23: S102 line 23: 7 columns, expected 5 or 8",
        ),
        (lambda t: t.replace("# atomic", "# granular"), "S117 atom style 'granular'"),
        (
            lambda t: t.replace("1 1 1.5 2.0 0.0 0 0 0\n", ""),
            "S100 fewer rows than the 3 atoms announced",
        ),
        (
            lambda t: t.replace("1 1 1.5 2.0 0.0 0 0 0", "1 1 1.5 2.0"),
            "run.data:23: S102 line 23: 4 columns, expected 5 or 8",
        ),
        (lambda t: t.replace("1 1 1.5", "3 1 1.5"), "S113 two atoms have the same id"),
        (lambda t: t.replace("1 1 1.5", "1 7 1.5"), "S111 types {7} have no species"),
        (lambda t: t.replace("1 1 1.5", "1 1 nan"), "S013 x is nan"),
        (lambda t: t.replace("0.0 12.0 ylo yhi\n", ""), "S011 no 'ylo yhi' in the header"),
        (lambda t: t.replace("0.0 12.0", "12.0 0.0"), "S012"),
        (lambda t: t.replace("3 atoms", "99999999999 atoms"), "S072 99999999999 atoms announced"),
        (lambda t: t.replace("3 atoms\n", ""), "S010 no number of atoms in the header"),
        (lambda t: t[: t.index("Atoms #")], "S010 no 'Atoms' section"),
    ],
)
def test_bad_data_file_is_told_with_its_line(here, change, code):
    with pytest.raises(DataError) as caught:
        read("run.data", change(DATA.format(style="atomic", rows=ROWS)), **LJ, flat=True)
    assert code in str(caught.value)


def test_data_file_without_a_type_map_asks_for_one(here):
    with pytest.raises(DataError, match=r"S111 types \{1,2\} have no species; set type_map"):
        read("run.data", DATA.format(style="atomic", rows=ROWS), flat=True)


def test_plane_in_a_periodic_box_is_asked_about(here):
    with pytest.raises(
        DataError, match="S116 all particles lie in one plane, in a box that is periodic across it"
    ):
        read("run.data", DATA.format(style="atomic", rows=ROWS), **LJ)


def test_flat_needs_a_plane(here):
    rows = ROWS.replace("5.0 0.0 0 0 0", "5.0 0.3 0 0 0")
    with pytest.raises(DataError, match="S116 flat: true, but the particles do not lie in a plane"):
        read("run.data", DATA.format(style="atomic", rows=rows), **LJ, flat=True)


def test_reduced_units_need_a_type_map():
    with pytest.raises(ValidationError, match="units: lj needs a type_map"):
        ReadSettings(units="lj")


def test_dump_in_reduced_units(here):
    text = (
        "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 10\n0 10\n-0.5 0.5\n"
        "ITEM: ATOMS id type x y z vx vy vz\n1 1 1 1 0 5 5 0\n2 2 2 2 0 1 1 0\n"
    )
    (atoms,) = read("run.lammpstrj", text, **LJ, flat=True)
    assert np.allclose(atoms.positions, [[1, 1, 0], [2, 2, 0]]) and atoms.info["units"] == "lj"


def test_species_of_extended_xyz_are_mapped(here):
    text = '2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="T T T"\nA 1 1 1\nB 2 2 3\n'
    (atoms,) = read("run.xyz", text, units="lj", type_map={"A": "Ni", "B": "P"})
    assert list(atoms.symbols) == ["Ni", "P"]
    with pytest.raises(
        DataError, match=r"run.xyz:4: S111 species 'B' is not in type_map; known: A"
    ):
        read("run.xyz", text, units="lj", type_map={"A": "Ni"})
    with pytest.raises(DataError, match="S030 unknown element 'A'"):
        read("run.xyz", text)


def test_file_that_says_other_units_is_refused(here):
    text = '1\nLattice="9 0 0 0 9 0 0 0 9" units=lj pbc="T T T"\nNi 1 1 1\n'
    with pytest.raises(
        DataError, match="S115 the file is in units 'lj', and is read in units 'metal'"
    ):
        read("run.xyz", text)
    (atoms,) = read("run.xyz", text, units="lj", type_map={"Ni": "Ni"})
    assert atoms.info["units"] == "lj"


def test_trajectory_of_ase_is_mapped(here):
    frames = [Atoms("HHe", [[0, 0, 0], [1, 1, 1 + i]], cell=[9, 9, 9], pbc=True) for i in range(2)]
    write("run.traj", frames)
    found = [
        s.atoms
        for s in read_structures(
            Path("run.traj"), ReadSettings(units="lj", type_map={"H": "Ni", "He": "P"})
        )
    ]
    assert [list(a.symbols) for a in found] == [["Ni", "P"]] * 2 and np.allclose(
        found[1].positions, frames[1].positions
    )
    with pytest.raises(DataError, match="S111 species 'He' is not in type_map"):
        read_structures(Path("run.traj"), ReadSettings(units="lj", type_map={"H": "Ni"}))


def test_units_are_never_mixed_in_one_model(cli, here):
    for folder, info in (("a", ""), ("b", "units=lj ")):
        for i in range(16):
            text = f'1\nLattice="{3 + i / 10} 0 0 0 3 0 0 0 3" {info}pbc="T T T"\nNi 0 0 0\n'
            Path(folder, "xy"[i % 2]).mkdir(parents=True, exist_ok=True)
            Path(folder, "xy"[i % 2], f"{i}.xyz").write_text(text)
    Path("mixed.yaml").write_text(
        "structkit: 1\nname: mixed\nplugins: [./toy_plugin.py]\nsplit: {valid: 0.2, test: 0.2}\nsteps:\n"
        "  a: {use: files, with: {path: a, label: folder}}\n"
        "  b: {use: files, with: {path: b, label: folder, units: lj, type_map: {Ni: Ni}}}\n"
        "  v: {use: toy-vector, from: [a, b]}\n  m: {use: toy-centroid, from: v}\n"
    )
    result = cli("run", "mixed.yaml")
    assert result.code == 3 and "D013 structures in metal and in lj units" in result.err, result
    text = Path("mixed.yaml").read_text()
    Path("asked.yaml").write_text(
        text.replace("name: mixed", "name: asked").replace("from: v}", "from: v, train_on: [a]}")
    )
    result = cli("run", "asked.yaml")
    assert result.code == 3 and "is in lj units; the model learnt in metal units" in result.err, (
        result
    )


def test_new_structures_are_read_in_the_units_of_the_run(cli, here):
    for i in range(16):
        Path("b", "xy"[i % 2]).mkdir(parents=True, exist_ok=True)
        text = f'1\nLattice="{3 + i / 10} 0 0 0 3 0 0 0 3" units=lj pbc="T T T"\nNi 0 0 0\n'
        Path("b", "xy"[i % 2], f"{i}.xyz").write_text(text)
    Path("lj.yaml").write_text(
        "structkit: 1\nname: lj\nplugins: [./toy_plugin.py]\nsplit: {valid: 0.2, test: 0.2}\nsteps:\n"
        "  b: {use: files, with: {path: b, label: folder, units: lj, type_map: {Ni: Ni}}}\n"
        "  n: {use: toy-noise, from: b, with: {copies: 1}}\n"
        "  v: {use: toy-vector, from: [b, n]}\n  m: {use: toy-centroid, from: v}\n"
    )
    assert cli("run", "lj.yaml").code == 0
    for origin in ("b", "n"):
        assert cli("predict", "runs/lj", "b/x/0.xyz", "--origin", origin).code == 0
    predictor = Predictor(Path("runs/lj"), None, "n")
    with pytest.raises(
        DataError, match="D013 in metal units; the run's structures are in lj units"
    ):
        predictor.prepare([Sample("mine", Atoms("Ni", cell=[3, 3, 3], pbc=True))])
