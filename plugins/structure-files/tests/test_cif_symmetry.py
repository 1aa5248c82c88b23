"""Symmetry in CIFs: every tag that speaks of it, harmless faults of its operations, rounded special positions."""

import logging
from pathlib import Path

import numpy as np
import pytest

from structkit.errors import DataError
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

CUBE = "".join(f"_cell_length_{x} 5.64\n" for x in "abc") + "".join(
    f"_cell_angle_{x} 90\n" for x in ("alpha", "beta", "gamma")
)
HEXAGONAL = (
    "_cell_length_a 3.21\n_cell_length_b 3.21\n_cell_length_c 5.21\n"
    "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 120\n"
)
SITE = "loop_\n" + "".join(
    f"_atom_site_{x}\n" for x in ("label", "type_symbol", "fract_x", "fract_y", "fract_z")
)
SALT = "Na1 Na 0 0 0\nCl1 Cl .5 .5 .5\n"
FM3M = "_space_group_name_H-M_alt 'F m -3 m'\n"
P63 = "_symmetry_space_group_name_H-M 'P 63/m m c'\n"


@pytest.fixture
def read(here, caplog):
    """The atoms of a CIF, or the error; and what was told."""
    caplog.set_level(logging.WARNING, "structkit")

    def read(head, rows=SALT, cell=CUBE, **settings):
        caplog.clear()
        Path("x.cif").write_text(f"data_x\n{cell}{head}{SITE}{rows}", encoding="utf-8")
        try:
            (sample,) = read_structures(Path("x.cif"), ReadSettings(**settings))
        except DataError as error:
            return str(error), caplog.text
        return sample.atoms, caplog.text

    return read


@pytest.mark.parametrize(
    "head",
    [
        "_space_group_name_H-M_alt 'F m -3 m'\n",
        "_space_group_name_H-M_full 'F 4/m -3 2/m'\n",
        "_space_group_name_H-M_ref 'F m -3 m'\n",
        "_space_group.name_H-M_full 'F 4/m -3 2/m'\n",
        "_space_group_IT_number 225\n",
        "_space_group.IT_number 225\n",
        "_space_group_IT_number 225.\n",
        "_symmetry.Int_Tables_number 225\n",
        "_symmetry.pdbx_full_space_group_name_H-M 'F 4/m -3 2/m'\n",
        "_symmetry.space_group_name_H-M 'F m -3 m'\n",
        "_SYMMETRY_SPACE_GROUP_NAME_H-M 'F M -3 M'\n",
        "_symmetry_space_group_name_HM Fm-3m\n",
        "_space_group_name_H_M_alt Fm-3m\n",
        "_spacegroup_name_H-M 'F m 3 m'\n",
        "_space_group_name_H-M_alt 'F m −3 m'\n",
        "_space_group.name_Hall '-F 4 2 3'\n",
        "_symmetry_cell_setting cubic\n_space_group_name_H-M 'F m -3 m'\n",
        "_space_group_name_H-M_alt 'F m -3 m'\n_space_group_IT_number 225\n",
    ],
)
def test_every_tag_that_names_the_group_is_used(head, read):
    atoms, told = read(head)
    assert not isinstance(atoms, str), atoms
    assert atoms.get_chemical_formula() == "Cl4Na4" and not told


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "_symetry_space_group_name_H-M Fm-3m\n",
            "S064 _symetry_space_group_name_H-M speaks of symmetry",
        ),
        ("_symetry_space_group_name_H-M Fm-3m\n", "did you mean _symmetry_space_group_name_H-M?"),
        ("_space_gruop_name_H-M_alt Fm-3m\n", "did you mean _space_group_name_H-M_alt?"),
        ("_space_group_it_num 225\n", "did you mean _space_group_IT_number?"),
        ("_international_tables_number 225\n", "did you mean _symmetry_Int_Tables_number?"),
        ("_space_group_name_Schoenflies O_h^5\n", "S064 _space_group_name_Schoenflies speaks"),
        ("_symmetry_cell_setting cubic\n", "S064 _symmetry_cell_setting speaks of symmetry"),
        ("_space_group.crystal_system cubic\n", "S064 _space_group.crystal_system speaks"),
        ("_space_group_centring_type F\n", "S064"),
        ("_cod_original_sg_symbol_H-M 'F m -3 m'\n", "S064"),
        ("loop_\n_space_group_symop_generator_xyz\nx,y,z\n-x,-y,-z\n", "S064"),
        (
            FM3M + "_space_group_IT_number 221\n",
            "S061 the file names several space groups (F m -3 m, 221)",
        ),
        (
            "_space_group_name_H-M_alt 'P 1'\n_space_group_IT_number 225\n",
            "S061 the file names several",
        ),
        ("_space_group_IT_number 231\n", "S061 unknown space group '231'"),
    ],
)
def test_symmetry_that_is_not_used_is_an_error(head, expected, read):
    message, _ = read(head)
    assert isinstance(message, str) and expected in message, message


@pytest.mark.parametrize(
    "head",
    [
        "",
        "_symmetry_cell_setting triclinic\n",
        "_space_group_name_H-M_alt 'P 1'\n_space_group_centring_type P\n",
        "_space_group_name_H-M_alt ?\n_space_group_IT_number .\n",
        "_exptl_absorpt_correction_type multi-scan\n_diffrn_symmetry_description 'm m m'\n",
    ],
)
def test_other_words_are_no_symmetry(head, read):
    assert read(head)[0].get_chemical_formula() == "ClNa"


def test_the_code_of_a_setting_tells_the_origin(read):
    diamond = "Si1 Si .125 .125 .125\n"
    for head in (
        "_space_group_name_H-M_alt 'F d -3 m'\n_space_group_IT_coordinate_system_code 2\n",
        "_space_group_name_H-M_alt 'F d -3 m Z'\n",
        "_space_group_name_H-M_alt 'F d -3 m :2'\n",
    ):
        assert len(read(head, diamond)[0]) == 8


def test_dots_of_the_newer_dictionaries_are_read(read):
    cell, site = CUBE.replace("_cell_", "_cell."), SITE.replace("_atom_site_", "_atom_site.")
    Path("y.cif").write_text(f"data_y\n{cell}_space_group.IT_number 225\n{site}{SALT}")
    (sample,) = read_structures(Path("y.cif"), ReadSettings())
    assert sample.atoms.get_chemical_formula() == "Cl4Na4"


@pytest.mark.parametrize(
    ("listed", "count", "told"),
    [
        ("x,y,z\n-x,-y,-z\n-x,-y,-z\n", 2, "S063 1 symmetry operations are listed twice"),
        ("-x,-y,-z\nx,y,z\nX, Y, Z\n", 2, "S063 1 symmetry operations are listed twice"),
        ("-x,-y,-z\n", 2, "S063 the symmetry operations lack x,y,z"),
        ("x,y,z\nx+.33,y+.67,z+.67\nx+0.667,y+0.333,z+0.333\n", 3, ""),
    ],
)
def test_harmless_faults_of_operations(listed, count, told, read):
    words = "".join(f"'{line}'\n" for line in listed.split("\n") if line)
    atoms, heard = read(f"loop_\n_symmetry_equiv_pos_as_xyz\n{words}", "Na1 Na .1 .2 .3\n")
    assert len(atoms) == count
    assert (told in heard) if told else "S063" not in heard


@pytest.mark.parametrize(
    "row",
    [
        "0.33 0.67 0.25",
        "0.33 0.66 0.25",
        "0.3 0.7 .25",
        "0.33(1) 0.67(1) 0.25",
        "-0.33 0.33 0.25",
        "1.33 .67 .25",
        "0.66 .33 .75",
    ],
)
@pytest.mark.parametrize("min_distance", [0.3, 0.01, 0])
def test_rounded_special_positions_are_recognised_and_told_of(row, min_distance, read):
    atoms, told = read(P63, f"Mg1 Mg {row}\n", HEXAGONAL, min_distance=min_distance)
    assert len(atoms) == 2 and "S062 Mg1" in told and "a special position" in told
    fractions = atoms.get_scaled_positions() * 3
    assert np.allclose(fractions[:, :2], np.round(fractions[:, :2]), atol=1e-6)


@pytest.mark.parametrize("row", ["0.3333 0.6667 0.25", "0.333 0.667 0.2500", "0.33333 0.66667 .25"])
def test_positions_rounded_less_are_what_they_were(row, read):
    atoms, told = read(P63, f"Mg1 Mg {row}\n", HEXAGONAL)
    assert len(atoms) == 2 and not told


@pytest.mark.parametrize("min_distance", [0.3, 0.01, 0])
def test_a_site_beside_its_own_image_is_never_several_atoms(min_distance, read):
    message, _ = read(P63, "Mg1 Mg 0.34 0.67 0.25\n", HEXAGONAL, min_distance=min_distance)
    assert "S021 Mg1 0.34 0.67 0.25 is 0.0321 Å from its own image" in message
    assert "write its coordinates with all their digits" in message
    assert "lower min_distance" not in message


def test_a_position_near_a_special_one_stays(read):
    inversion = "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z\n"
    atoms, told = read(inversion, "H1 H 0.063 0 0\nO1 O 0.3 0.3 0.3\n")
    assert atoms.get_chemical_formula() == "H2O2" and "S062" not in told


def test_eighths_are_recognised_too(read):
    for value in ("0.13", "0.12"):
        atoms, told = read(
            "_space_group_name_H-M_alt 'F d -3 m :2'\n", f"Si1 Si {value} {value} {value}\n"
        )
        assert len(atoms) == 8 and "is read as 0.125 0.125 0.125" in told


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("'Na Cl'\n_cell_formula_units_Z 4", ""),
        ("NaCl\n_cell_formula_units_Z 4", ""),
        (
            "'Na Cl'\n_cell_formula_units_Z 1",
            "S056 the sites make Cl4Na4, the file says 1 times Na Cl",
        ),
        ("NaCl2", "S056 the sites make Cl4Na4, the file says NaCl2"),
    ],
)
def test_atoms_are_counted_against_formula_and_units(formula, told, read):
    _, heard = read(f"{FM3M}_chemical_formula_sum {formula}\n")
    assert (told in heard) if told else not heard


def test_a_bad_quote_is_passed_over_where_no_structure_is(read):
    head = "_publ_section_title 'Bob's title\n_chemical_name_common sodium chloride\n" + FM3M
    atoms, told = read(head)
    assert len(atoms) == 8
    assert "x.cif:8: S065 the value of _publ_section_title is no CIF" in told
    assert "x.cif:9: S065 the value of _chemical_name_common" in told
    message, _ = read("_space_group_name_H-M_alt 'F m -3 m\n")
    assert "x.cif:8: S101 not valid CIF" in message


@pytest.mark.parametrize(
    ("rows", "type_map", "formula"),
    [
        ("Wat1 Wat 0 0 0\n", {"Wat": "O"}, "O"),
        ("Wat1 ? 0 0 0\n", {"Wat": "O"}, "O"),
        ("Wat1 ? 0 0 0\n", {"Wat1": "O"}, "O"),
        ("T1 T4+ 0 0 0\n", {"T4+": "Si"}, "Si"),
        ("D1 D 0 0 0\n", None, "H"),
        ("T1 T 0 0 0\n", None, "H"),
    ],
)
def test_names_go_by_the_type_map(rows, type_map, formula, read):
    assert read("", rows, type_map=type_map)[0].get_chemical_formula() == formula
