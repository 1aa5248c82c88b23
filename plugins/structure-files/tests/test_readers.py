"""Every row of the tables of bad structure files: the code, the place, and no traceback."""

import bz2
import csv
import gzip
import io
import lzma
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write

from structkit.errors import DataError
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

SHARED = Path(__file__).parents[4] / "shared"

CELL = "_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
LOOP = "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
OCC = LOOP + "_atom_site_occupancy\n"
SYMOP = "loop_\n_symmetry_equiv_pos_as_xyz\n"


def cif(rows="Na1 Na 0 0 0\n", cell=CELL, head="", loop=LOOP):
    return f"data_x\n{cell}{head}{loop}{rows}"


def xyz(
    rows="Cu 0 0 0\nCu 1.8 1.8 0\n",
    count=2,
    comment='Lattice="3.6 0 0 0 3.6 0 0 0 3.6" Properties=species:S:1:pos:R:3 pbc="T T T"',
):
    return f"{count}\n{comment}\n{rows}"


def dump(
    rows="1 1 0 0 0\n2 2 1.8 1.8 0\n",
    items="id type x y z",
    count=2,
    box="ITEM: BOX BOUNDS pp pp pp\n0 3.6\n0 3.6\n0 3.6\n",
):
    return f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{count}\n{box}ITEM: ATOMS {items}\n{rows}"


def poscar(scale="1.0", symbols="Cu", counts="1", rows="0 0 0\n", mode="Direct"):
    return f"t\n{scale}\n3 0 0\n0 3 0\n0 0 3\n{symbols}\n{counts}\n{mode}\n{rows}"


def archive(kind):
    stream = io.BytesIO()
    with kind(stream, "w") as packed:
        packed.writestr("../../evil.cif", cif())
    return stream.getvalue()


REFUSED = {
    "empty.cif": ("", "S001 empty file: empty.cif (0 bytes)"),
    "binary.cif": (b"data_x\n_cell\0\x01\x02", "S002 not a text CIF (NUL byte at offset 12)"),
    "random.cif": (bytes(range(1, 9)) * 40, "S002"),
    "html.cif": ("<!DOCTYPE html>\n<html><body>404</body></html>", "S003 looks like HTML"),
    "noatoms.cif": (f"data_x\n{CELL}", "S010 no atom sites in block data_x"),
    "nocell.cif": (cif(cell=""), "S011 no unit cell: _cell_length_a is missing"),
    "zero.cif": (cif(cell=CELL.replace("_a 4", "_a 0")), "S012 cell volume 0 Å³"),
    "angle.cif": (cif(cell=CELL.replace("gamma 90", "gamma 0")), "S012 cell volume 0 Å³"),
    "inf.cif": (cif("Na1 Na inf 0 0\n"), "S013"),
    "question.cif": (cif("Na1 Na ? 0 0\n"), "S013 unknown coordinate '?' of Na1"),
    "twice.cif": (cif("Na1 Na 0 0 0\nNa2 Na 0 0 0\n"), "S021 Na1 and Na2 coincide"),
    "near.cif": (cif("Na1 Na 0 0 0\nNa2 Na 0.05 0 0\n"), "S021 Na1 and Na2 coincide (0.2 Å apart, min_distance 0.3)"),
    "xx.cif": (cif("Xx1 Xx 0 0 0\n"), "S030 unknown element 'Xx' at site 1; did you mean 'Xe'?"),
    "partial.cif": (cif("Na1 Na 0 0 0 0.5\nK1 K 0 0 0 0.5\n", loop=OCC), "S040 disordered site 1 (Na 0.5, K 0.5); choose disorder: reject/sample/major"),
    "vacancy.cif": (cif("Na1 Na 0 0 0 0.8\n", loop=OCC), "S040 disordered site 1 (Na 0.8)"),
    "over.cif": (cif("Na1 Na 0 0 0 1.7\n", loop=OCC), "S041 occupancy 1.7 > 1 at Na1"),
    "sum.cif": (cif("Na1 Na 0 0 0 0.9\nK1 K 0 0 0 0.4\n", loop=OCC), "S041 occupancy 1.3 > 1 at Na1 and K1"),
    "code.cif": (cif(head=SYMOP + "'x,y,z'\n'x,y,__import__(\"os\").system(\"touch canary\")'\n"), "S060 malformed symmetry operation"),
    "nogroup.cif": (cif(head=SYMOP + "x,y,z\n-y,x,z\n"), "S060 the symmetry operations form no group"),
    "noname.cif": (cif(head="_symmetry_space_group_name_H-M 'Q 99'\n"), "S061 unknown space group 'Q 99'"),
    "long.cif": (cif() + "#" * 3_000_000, "S070 line 15 has 3000000 chars (limit 10000)"),
    "syntax.cif": ("data_x\n_cell_length_a 'open\n", "S101 not valid CIF"),
    "comma.cif": (cif("Na1 Na 0,5 0 0\n"), "S104"),
    "count.xyz": (xyz(count=3), "count.xyz:1: S100 3 atoms announced, 2 rows follow"),
    "huge.xyz": (xyz(count=99999999999), "S072 99999999999 atoms announced"),
    "negative.xyz": (xyz(count=-1), "S010 -1 atoms"),
    "none.xyz": (xyz("", count=0), "S010 0 atoms"),
    "word.xyz": (xyz(count="two"), "S103 number of atoms 'two' is no whole number"),
    "nan.xyz": (xyz("Cu nan 0 0\nCu 1 1 0\n"), "nan.xyz:3: S013 pos is nan"),
    "short.xyz": (xyz("Cu 0 0 0\nCu 1.8 1.8\n"), "S102 line 4: 3 columns, Properties needs 4"),
    "wide.xyz": (xyz("Cu 0 0 0 1\nCu 1.8 1.8 0 1\n"), "S102 line 3: 5 columns, Properties needs 4"),
    "lattice.xyz": (xyz(comment='Lattice="0 0 0 0 0 0 0 0 0" pbc="T T T"'), "S012"),
    "nine.xyz": (xyz(comment='Lattice="3 0 0 3"'), "S106 Lattice has 4 numbers"),
    "six.xyz": (xyz(comment='Lattice="3 3 3 90 90 90"'), "six.xyz:2: S106 Lattice has 6 numbers"),
    "pbc.xyz": (xyz(comment='Lattice="3 0 0 0 3 0 0 0 3" pbc="yes"'), "S107 pbc 'yes' is unknown"),
    "comma.xyz": (xyz("Cu 0,5 0 0\nCu 1 1 1\n"), "S104 pos '0,5' has a decimal comma"),
    "element.xyz": (xyz("Qq 0 0 0\nCu 1 1 1\n"), "S030 unknown element 'Qq'"),
    "properties.xyz": (xyz(comment="Properties=species:S:1:pos:R"), "S105"),
    "positions.dump": (dump("1 1\n2 2\n", "id type"), "S110 columns id type hold no x y z"),
    "notype.dump": (dump("1 0 0 0\n2 1.8 1.8 0\n", "id x y z"), "S102"),
    "columns.dump": (dump("1 1 0 0\n2 2 1.8 1.8\n"), "S102 line 10: 4 columns, ITEM: ATOMS names 5"),
    "types.dump": (dump(), "S111 types {1,2} have no species; set type_map: {1: Si, 2: O}"),
    "nobox.dump": (dump(box=""), "S011 no 'ITEM: BOX BOUNDS'"),
    "rows.dump": (dump(count=3), "S100 the file ends where one of 3 atoms should be"),
    "scale.poscar": (poscar(scale="0"), "S012 scale factor 0"),
    "species.poscar": (poscar(symbols="Cu", counts="1 2"), "S120 line 6: 1 symbol, line 7: 2 counts"),
    "rows.poscar": (poscar(counts="3"), "S100 3 atoms announced, 1 rows of coordinates follow"),
    "vasp4.poscar": (poscar(symbols="1", counts="Direct"), "S111 the file names no species"),
    "mode.poscar": (poscar(mode="Fractal"), "S121 coordinate mode"),
    "odd.poscar": (poscar(rows="0 0 zero\n"), "odd.poscar:9: S103"),
    "far.xyz": ("2\n\nNa 0 0 0\nCl 1e12 0 0\n", "S013 a position has a component of 1e+12 Å"),
    "vast.xyz": (xyz(comment='Lattice="1e200 0 0 0 1e200 0 0 0 1e200" Properties=species:S:1:pos:R:3 pbc="T T T"'), "S013"),
    "digits.xyz": (xyz("11 0 0 0\n17 1 1 1\n"), "S030 unknown element '11'"),
    "arabic.xyz": (xyz(count="٢"), "S103 number of atoms"),
    "underscore.cif": (cif("Na1 Na 0_5 0 0\n"), "S103"),
    "shifted.cif": (cif("Na1 Na 0 0 0\nNa2 Na 1 0 0\n"), "S021 Na1 and Na2 coincide"),
    "singular.cif": (cif(head=SYMOP + "x,y,z\nx,x,x\n"), "S060 symmetry operation x,x,x is singular"),
    "magnetic.cif": (cif(head="_space_group_magn.transform_BNS_Pp_abc 'a,b,[d for d in ().__class__.__mro__]'\n"), "S060 malformed transformation"),
    "cartesian.cif": (f"data_x\n{CELL}loop_\n_atom_site_label\n_atom_site_Cartn_x\nNa1 0\n", "give fractional coordinates"),
    "decimal.xyz": (xyz(comment='Lattice="3,6 0 0 0 3,6 0 0 0 3,6"'), "S104 Lattice '3,6' has a decimal comma"),
    "twice.dump": (dump("1 1 0 0 0\n1 2 1.8 1.8 0\n"), "S113 two atoms have the same id"),
    "column.dump": (dump("1 1 0 0 0\n2 2 1 1 0\n", "id type x x y"), "S102 column 'x' twice"),
    "idless.dump": (dump("1.5 1 0 0 0\n2 2 1 1 0\n"), "S103 atom id '1.5' is no whole number"),
    "boundary.dump": (dump(box="ITEM: BOX BOUNDS ff pp\n0 3.6\n0 3.6\n0 3.6\n"), "S101 box of an unknown form"),
    "tilt.dump": (dump(box="ITEM: BOX BOUNDS xy xz yz pp pp pp\n0 3 1\n0 3\n0 3\n"), "S102 box bounds and the title"),
    "boxes.dump": (dump(box="ITEM: BOX BOUNDS pp pp pp\n0 3\n0 3\n0 3\n" * 2), "S101 'ITEM: BOX BOUNDS pp pp pp' twice"),
    "more.poscar": (poscar(rows="0 0 0\n.5 .5 .5\n"), "S100 more rows of coordinates than the 1 atoms announced"),
    "scales.poscar": (poscar(scale="1 2"), "S100 the scale factor: 2 numbers, expected 1 or 3"),
    "unknown.zzz": ("some text\nof no format\n", "S004 unknown file format"),
    "symmetry.mcif": (cif(head="loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n-x,-y,-z,+1\n"), "S060 '_space_group_symop_magn_operation.xyz': magnetic and modulated"),
    "modulated.cif": (cif(head="_cell_modulation_dimension 1\n"), "S060 '_cell_modulation_dimension'"),
    "contradiction.cif": (cif(head="loop_\n_space_group_symop_operation_xyz\nx,y,z\n" + SYMOP + "x,y,z\n-x,-y,-z\n"), "S060 two lists of symmetry operations contradict"),
    "origin.cif": (cif("Si1 Si 0.125 0.125 0.125\n", head="_symmetry_space_group_name_H-M 'F d -3 m'\n"), "S061 space group 'F d -3 m' has two origins, and no operations are listed; list the operations, or write 'F d -3 m :2'"),
    "metric.cif": (cif(cell=CELL.replace("_b 4", "_b 6"), head=SYMOP + "x,y,z\ny,x,z\n"), "S060 symmetry operation y,x,z does not fit the cell"),
    "mixed.cif": (cif("M1 Na/K 0 0 0\n"), "S030 type symbol 'Na/K' at site 1 is not one element"),
    "formula.cif": (cif("M1 H2O 0 0 0\n"), "S030 type symbol 'H2O' at site 1"),
    "lengths.cif": (cif("Na1 Na 2.7 27 2.7\n"), "S013 coordinate 27 of Na1 is no fraction"),
    "needle.cif": (cif(cell=CELL.replace("_a 4", "_a 90000").replace("gamma 90", "gamma 0.01")), "S012 the cell is"),
    "vast.cif": (cif(cell=CELL.replace("_a 4", "_a 1e200")), "S013 a cell length of 1e+200 Å"),
    "minus.cif": (cif(cell=CELL.replace("gamma 90", "gamma -90")), "S012 cell angles"),
    "lower.xyz": (xyz(comment='lattice="4 0 0 0 4 0 0 0 4"'), "S106 'lattice' is no key of a cell; write Lattice="),
    "cell.xyz": (xyz(comment='cell="4 0 0 0 4 0 0 0 4"'), "S106 'cell' is no key of a cell"),
    "lattices.xyz": (xyz(comment='Lattice="4 0 0 0 4 0 0 0 4" Lattice="5 0 0 0 5 0 0 0 5"'), "S106 Lattice is given twice"),
    "upper.xyz": (xyz(comment='Lattice="4 0 0 0 4 0 0 0 4" PBC="F F F"'), "S105 'PBC' is no key; write pbc="),
    "elements.xyz": (xyz("Na 8 0 0 0\nCl 9 1 1 1\n", comment="Properties=species:S:1:Z:I:1:pos:R:3"), "elements.xyz:3: S105 the columns name two elements (species 11 and Z 8)"),
    "real.xyz": (xyz("11.7 0 0 0\n17.2 1 1 1\n", comment="Properties=Z:R:1:pos:R:3"), "S105 column Z:R:1; write Z:I:1"),
    "half.xyz": (xyz("Na 0 0 0 .5\nCl 1 1 1 1\n", comment="Properties=species:S:1:pos:R:3:occupancy:R:1"), "S040 occupancy .5: disordered"),
    "info.xyz": (xyz("Na 0 0 0\nNa 0 0 0.01\n", comment='_names="x"'), "S021 Na1 and Na2 coincide"),
    "three.xyz": (xyz(comment='units="1 2 3"'), "S115"),
    "many.xyz": (xyz("Na 0 0 0\n" * 20_000, count=20_000, comment='Lattice="9 0 0 0 9 0 0 0 9"'), "S021 Na1 and Na2 coincide"),
    "needle.xyz": (xyz(comment='Lattice="99999 0 0 0 0.31 0 0 0 0.31"'), "S012 the cell is 0.31 Å thin and 1e+05 Å long"),
    "sheared.xyz": (xyz(comment='Lattice="4 0 0 99999 4 0 99999 99999 4"'), "S012 the cell is"),
    "flat.poscar": ("x\n1\n99999 0 0\n0 99999 0\n0 0 .31\nNa\n2\nDirect\n0 0 0\n.5 .5 .5\n", "S012 the cell is 0.31 Å thin"),
    "label.poscar": (poscar(symbols="Na", rows="0 0 0 Cl\n"), "S120 atom 1 is Na by its place and Cl by its label"),
    "comment.poscar": (poscar(mode="# hello"), "S121 coordinate mode"),
    "dirac.poscar": (poscar(mode="Dirac"), "S121 coordinate mode"),
    "surplus.poscar": (poscar(rows="0 0 0\nCl .5 0 0\n"), "S100 more rows of coordinates"),
    "units.dump": ("ITEM: UNITS\nlj\n" + dump("1 Si 0 0 0\n2 O 1.8 1.8 0\n", "id element x y z"), "S115 the file is in units 'lj'"),
    "run.dmp": (dump(), "S111 types {1,2} have no species"),
    "traj.out": (dump(), "S111 types {1,2} have no species"),
    "frames.lammpsdump.1": (dump(), "S111 types {1,2} have no species"),
    "packed.cif.bz2": (bz2.compress(cif("Na1 Na 0 0 0 0.5\nK1 K 0 0 0 0.5\n", loop=OCC).encode()), "S040"),
    "packed.cif.xz": (lzma.compress(cif("Na1 Na 0 0 0 0.5\nK1 K 0 0 0 0.5\n", loop=OCC).encode()), "S040"),
    "packed.dump.bz2": (bz2.compress(dump().encode()), "S111"),
    "bomb.gen.xz": (lzma.compress(b"0" * 10_000_000), "S004 a compressed file of a format that is read by ase"),
    "bomb.xyz.xz": (lzma.compress(b"0" * 300_000_000, preset=0), "S005 file larger than"),
    "evil.zip": (archive(zipfile.ZipFile), "S004 unknown file format"),
    "evil.tar.gz": (gzip.compress(b"../../evil\0" * 50), "S004 a compressed file"),
    "half.pdb": ("CRYST1   10.000   10.000   10.000  90.00  90.00  90.00 P 1           1\nATOM      1  C  AALA A   1       0.000   0.000   0.000  0.50  0.00           C\nEND\n", "S004 format 'proteindatabank' is not read"),
}  # fmt: skip


def read(name, content, **settings):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_structures(Path(name), ReadSettings(**settings))


@pytest.mark.parametrize("name", REFUSED)
def test_bad_structure_file_is_refused(name, here):
    content, expected = REFUSED[name]
    start = time.process_time()
    with pytest.raises(DataError) as caught:
        read(name, content)
    assert expected in str(caught.value), str(caught.value)
    assert caught.value.exit_code == 3 and all(
        problem.where.startswith(name) for problem in caught.value.problems
    )
    assert time.process_time() - start < 3
    assert not Path("canary").exists()


def test_exit_code_and_place_on_the_command_line(cli, here):
    (here / "bad").mkdir()
    for name in ("xx.cif", "types.dump", "nan.xyz"):
        (here / "bad" / name).write_text(REFUSED[name][0])
    (here / "p.yaml").write_text(
        "structkit: 1\nname: p\nsteps:\n  f: {use: files, with: {path: bad, label: none}}\n"
    )
    for verb in ("run", "validate"):
        result = cli(verb, "p.yaml")
        assert result.code == 3 and "Traceback" not in result.err
        assert all(code in result.err for code in ("S030", "S111", "bad/nan.xyz:3: S013")), (
            "all bad files at once"
        )


@pytest.mark.parametrize(("choice", "counts"), [("major", {0, 1, 2}), ("sample", {0, 1, 2})])
def test_disorder_is_decided_only_when_asked(choice, counts, here):
    content = cif("Na1 Na 0 0 0 0.6\nK1 K 0 0 0 0.4\nCl1 Cl 0.5 0.5 0.5 0.3\n", loop=OCC)
    (sample,) = read("d.cif", content, disorder=choice)
    symbols = list(sample.atoms.symbols)
    assert len(symbols) in counts and set(symbols) <= {"Na", "K", "Cl"}
    if choice == "major":
        assert symbols == ["Na"], (
            "sodium is likelier than potassium, a vacancy likelier than chlorine"
        )


def test_dot_as_occupancy_is_one(here):
    (sample,) = read("o.cif", cif("Na1 Na 0 0 0 .\nCl1 Cl 0.5 0.5 0.5 .\n", loop=OCC))
    assert sorted(sample.atoms.symbols) == ["Cl", "Na"]


def test_wrong_space_group_is_a_warning(here, capsys):
    head = (
        "_symmetry_space_group_name_H-M 'F m -3 m'\n_symmetry_Int_Tables_number 225\n"
        + SYMOP
        + "x,y,z\n"
    )
    (sample,) = read("g.cif", cif(head=head))
    assert len(sample.atoms) == 1
    assert (
        "S051 declared F m -3 m (225), found Pm-3m (221) (symprec 0.01)" in capsys.readouterr().err
    )


def test_a_space_group_with_its_screw_in_brackets_is_compared_too(here, capsys):
    read("s.cif", cif(head="_symmetry_space_group_name_H-M 'P 2(1)/c'\n" + SYMOP + "x,y,z\n"))
    assert "S051 declared P 2(1)/c (14), found" in capsys.readouterr().err


def test_all_blocks_are_read_and_named(here):
    both = cif() + cif("K1 K 0 0 0\n").replace("data_x", "data_y")
    assert [(s.id, str(s.atoms.symbols)) for s in read("two.cif", both)] == [
        ("two.cif#0", "Na"),
        ("two.cif#1", "K"),
    ]
    assert [str(s.atoms.symbols) for s in read("two.cif", both, frames="last")] == ["K"]


def test_symmetry_is_applied_as_ase_and_the_file_say(here):
    for name, atoms in {
        "Cu": bulk("Cu", cubic=True),
        "Si": bulk("Si", cubic=True),
        "Mg": bulk("Mg"),
    }.items():
        write(f"{name}.cif", atoms)
        (sample,) = read_structures(Path(f"{name}.cif"), ReadSettings())
        assert np.allclose(
            np.sort(sample.atoms.get_all_distances(mic=True)),
            np.sort(atoms.get_all_distances(mic=True)),
            atol=1e-4,
        )
    content = cif(
        "C1 C 0.125 0.125 0.125\n",
        CELL.replace(" 4\n", " 3.57\n"),
        "_symmetry_space_group_name_H-M 'F d -3 m :2'\n",
    )
    (diamond,) = read("c.cif", content)
    assert len(diamond.atoms) == 8


@pytest.mark.parametrize(
    ("label", "type_symbol", "element"),
    [
        ("SI1", "SI", "Si"),
        ("O1", "O2-", "O"),
        ("D1", "D", "H"),
        ("Ca1", "?", "Ca"),
        ("OW2", "?", "O"),
    ],
)
def test_elements_are_understood(label, type_symbol, element, here):
    (sample,) = read("e.cif", cif(f"{label} {type_symbol} 0 0 0\n"))
    assert str(sample.atoms.symbols) == element


def test_windows_punctuation_is_text(here):
    Path("w.cif").write_bytes(b"# Smith \x96 Jones\x92 work\n" + cif().encode())
    assert len(read_structures(Path("w.cif"), ReadSettings())) == 1


def test_same_structure_from_windows_and_unix_lines(here):
    for name, content in {
        "a.xyz": xyz(),
        "a.cif": cif(),
        "a.poscar": poscar(),
        "a.xyz2": xyz(),
    }.items():
        if name.endswith("2"):
            continue
        (unix,) = read(name, content)
        (windows,) = read(name, content.replace("\n", "\r\n"))
        assert unix.atoms == windows.atoms


def test_one_atom_primitive_cell_is_accepted(here):
    (one,) = read("p.cif", cif())
    assert len(one.atoms) == 1


def test_type_map_gives_species_and_order_of_ids(here):
    (sample,) = read("d.dump", dump("2 2 1.8 1.8 0\n1 1 0 0 0\n"), type_map={"1": "Si", "2": "O"})
    assert list(sample.atoms.symbols) == ["Si", "O"] and sample.atoms.pbc.all()
    (scaled,) = read(
        "s.dump",
        dump("1 1 0 0 0\n2 2 .5 .5 0\n", "id type xs ys zs"),
        type_map={"1": "Si", "2": "O"},
    )
    assert np.allclose(scaled.atoms.positions[1], [1.8, 1.8, 0])


def test_tilted_box_is_that_of_the_lammps_manual(here):
    box = "ITEM: BOX BOUNDS xy xz yz pp pp pp\n0 5 1\n0 4 0\n0 3 0\n"
    (sample,) = read("t.dump", dump("1 1 0 0 0\n", count=1, box=box), type_map={"1": "Cu"})
    assert np.allclose(sample.atoms.cell[:], [[4, 0, 0], [1, 4, 0], [0, 0, 3]])


def test_changing_number_of_atoms_is_asked_about(here):
    frames = dump("1 1 0 0 0\n2 1 1.8 1.8 0\n") + dump("1 1 0 0 0\n", count=1)
    with pytest.raises(
        DataError, match="S112 frame 1 has 1 atom, frame 0 had 2; allow_variable: true"
    ):
        read("v.dump", frames, type_map={"1": "Cu"})
    assert len(read("v.dump", frames, type_map={"1": "Cu"}, allow_variable=True)) == 2


def test_too_many_atoms_are_refused_before_work(here):
    with pytest.raises(DataError, match="S071 2 atoms > max_atoms 1"):
        read("a.xyz", xyz(), max_atoms=1)


def test_selective_dynamics_cartesian_and_negative_scale(here):
    text = poscar(scale="-64.0", mode="Selective dynamics\nCartesian", rows="1.5 1.5 1.5 T T F\n")
    (sample,) = read("s.poscar", text)
    assert sample.atoms.get_volume() == pytest.approx(64) and np.allclose(
        sample.atoms.positions, 2.0
    )


def test_unreadable_things_are_named_and_never_opened(here):
    os.mkfifo("pipe.cif")
    Path("gone.cif").symlink_to("nowhere")
    for name, reason in {
        "pipe.cif": "not a regular file",
        "gone.cif": "dangling symbolic link",
        "no.cif": "no such file",
        "/dev/zero": "not a regular file",
    }.items():
        with pytest.raises(DataError, match=f"D030 cannot read .*{reason}"):
            read_structures(Path(name), ReadSettings())


def test_name_with_an_at_sign_is_that_file(here):
    write("run@300K.gen", bulk("NaCl", "rocksalt", a=5.6))
    write("run", bulk("Au"), format="gen")
    (found,) = read_structures(Path("run@300K.gen"), ReadSettings())
    assert set(found.atoms.symbols) == {"Na", "Cl"}


def test_setting_of_a_rhombohedral_group_is_that_of_the_cell(here):
    cell = CELL.replace(" 4\n", " 4.75\n").replace(" 90\n", " 57.2\n")
    (found,) = read(
        "bi.cif", cif("Bi1 Bi .234 .234 .234\n", cell, "_symmetry_space_group_name_H-M 'R -3 m'\n")
    )
    assert len(found.atoms) == 2


def test_gzip_is_read_and_a_broken_one_refused(here):
    Path("a.cif.gz").write_bytes(gzip.compress(cif().encode()))
    assert len(read_structures(Path("a.cif.gz"), ReadSettings())) == 1
    Path("b.cif.gz").write_bytes(gzip.compress(cif().encode())[:-9])
    with pytest.raises(DataError, match="D030"):
        read_structures(Path("b.cif.gz"), ReadSettings())


def expected_files():
    path = SHARED / "data" / "bad_files" / "EXPECTED.csv"
    return list(csv.DictReader(path.open())) if path.exists() else []


@pytest.mark.skipif(
    not expected_files(), reason="../shared is not here: no odd files of other projects"
)
def test_odd_files_of_other_projects(capsys):
    wrong = []
    for row in expected_files():
        start = time.process_time()
        try:
            samples = read_structures(SHARED / "data" / "bad_files" / row["file"], ReadSettings())
            outcome = "read" if samples and not capsys.readouterr().err else "warned"
        except DataError as error:
            # a disordered crystal, or one without atoms, is refused with the reason, also where it could be read
            outcome = (
                "read" if any(p.code in ("S040", "S010") for p in error.problems) else "refused"
            )
            outcome = "refused" if row["kind"] == "must_refuse_or_warn" else outcome
        allowed = ("read", "warned") if row["kind"] == "must_read" else ("refused", "warned")
        if outcome not in allowed or time.process_time() - start > 2:
            wrong.append((row["file"], outcome, row["should"]))
    assert not wrong


def test_cif_of_a_thousand_sites_is_read_at_once(here):
    rows = "".join(
        f"Cu{i} Cu {i % 10 / 10} {i // 10 % 10 / 10} {i // 100 / 10}\n" for i in range(1000)
    )
    start = time.process_time()
    (sample,) = read("many.cif", cif(rows, CELL.replace(" 4\n", " 25\n")))
    assert len(sample.atoms) == 1000 and time.process_time() - start < 2
    with pytest.raises(DataError, match="S071 1000 atoms > max_atoms 999"):
        read("many.cif", cif(rows, CELL.replace(" 4\n", " 25\n")), max_atoms=999)
