"""CIF beyond one full site in each place: disorder, labels without types, settings, and what a file says of itself."""

import numpy as np
import pytest

from structkit.errors import DataError
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

CELL = "".join(f"_cell_length_{x} 4\n" for x in "abc") + "".join(
    f"_cell_angle_{x} 90\n" for x in ("alpha", "beta", "gamma")
)
SITE = "loop_\n" + "".join(
    f"_atom_site_{x}\n" for x in ("label", "type_symbol", "fract_x", "fract_y", "fract_z")
)
OCCUPANCY = SITE + "_atom_site_occupancy\n"
GROUPS = OCCUPANCY + "_atom_site_disorder_assembly\n_atom_site_disorder_group\n"
INVERSION = "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z\n"
SPLIT = "O1 O 0.42 0.5 0.5 0.5\nO2 O 0.58 0.5 0.5 0.5\nCa1 Ca 0 0 0 1\n"  # 0.64 Å apart
WATER = "O1 O 0.2 0.2 0.2 0.7 A 1\nH1 H 0.4 0.2 0.2 0.7 A 1\nO2 O 0.2 0.2 0.6 0.3 A 2\nCa1 Ca 0.7 0.7 0.7 1 . .\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(rows, loop=SITE, head="", cell=CELL, seed=0, **settings):
        path = tmp_path / "x.cif"
        path.write_text(f"data_x\n{cell}{head}{loop}{rows}", encoding="utf-8")
        (sample,) = read_structures(path, ReadSettings(**settings), np.random.default_rng(seed))
        return sample.atoms

    return read


def refused(read, *args, **settings):
    with pytest.raises(DataError) as caught:
        read(*args, **settings)
    return str(caught.value)


def test_of_two_split_positions_one_is_taken(read):
    assert str(read(SPLIT, OCCUPANCY, disorder="major").symbols) == "OCa"
    drawn = {
        float(read(SPLIT, OCCUPANCY, disorder="sample", seed=seed).positions[0, 0])
        for seed in range(20)
    }
    assert np.allclose(sorted(drawn), [1.68, 2.32]), "each in turn, never both, never none"
    assert "S040 disordered site 1 (O 0.5, O 0.5)" in refused(read, SPLIT, OCCUPANCY)


def test_a_disorder_group_is_taken_as_a_whole(read):
    assert str(read(WATER, GROUPS, disorder="major").symbols) == "OHCa"
    drawn = {str(read(WATER, GROUPS, disorder="sample", seed=seed).symbols) for seed in range(20)}
    assert drawn == {"OHCa", "OCa"}
    assert "S040 disordered site 1 (O 0.7, O 0.3)" in refused(read, WATER, GROUPS)


@pytest.mark.parametrize("choice", ["reject", "sample", "major"])
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            WATER.replace(" 0.7 A", " 1 A").replace(" 0.3 A", " 1 A"),
            "S040 disorder groups 1, 2 have occupancies of 2",
        ),
        (
            WATER.replace("0.2 0.7 A 1\nO2", "0.2 0.4 A 1\nO2"),
            "S040 occupancies of disorder group 1 differ: 0.4 to 0.7",
        ),
        (
            WATER.replace("A 1", "A -1"),
            "S040 disorder group -1: O1 is disordered about a symmetry element",
        ),
        (
            "O1 O 0.4 0.5 0.5 0.6\nO2 O 0.5 0.5 0.5 0.6\n",
            "S040 O1 and O2 are too near to be there together, and fill 1.2",
        ),
        (
            "O1 O 0.1 0 0 1\nO2 O 0.2 0 0 0.7\n",
            "S040 O1 and O2 are too near to be there together, and fill 1.7",
        ),
        (
            "O1 O 0.4 0.5 0.5 0.5 A 1\nO2 O 0.5 0.5 0.5 0.5 . .\n",
            "S040 O1 (disorder group 1) and O2 (none) exclude each",
        ),
        ("O1 O 0.4 0.5 0.5 ?\n", "S040 unknown occupancy '?' of O1"),
        ("O1 O 0.5 0.5 0.5 0.6\nN1 N 0.5 0.5 0.5 0.6\n", "S041 occupancy 1.2 > 1 at O1 and N1"),
    ],
    ids=[
        "no occupancies",
        "unequal",
        "negative",
        "crowded",
        "beside a full one",
        "half grouped",
        "unknown",
        "more than full",
    ],
)
def test_disorder_that_is_told_by_halves_is_refused_whatever_the_choice(
    rows, expected, choice, read
):
    assert expected in refused(read, rows, GROUPS if " A " in rows else OCCUPANCY, disorder=choice)


def test_every_image_is_drawn_on_its_own(read):
    salt = "K1 K 0 0 0 0.5\nNa1 Na 0 0 0 0.5\nCl1 Cl 0.5 0.5 0.5 1\n"
    name, cell = "_symmetry_space_group_name_H-M 'F m -3 m'\n", CELL.replace(" 4", " 6")
    drawn = [
        read(salt, OCCUPANCY, name, cell, seed, disorder="sample").symbols for seed in range(40)
    ]
    assert {str(symbols.formula) for symbols in drawn} > {"KNa3Cl4", "K2Na2Cl4", "K3NaCl4"}
    share = sum(list(symbols).count("K") for symbols in drawn) / (40 * 4)
    assert abs(share - 0.5) < 0.15
    assert str(read(salt, OCCUPANCY, name, cell, disorder="major").symbols) == "K4Cl4"


def test_without_assemblies_places_are_told_apart_by_their_shares(read):
    rows = "C1 C 0 0 0 0.6 . 1\nC2 C 0.15 0 0 0.4 . 2\nO1 O 0.5 0.5 0.5 0.7 . 1\nO2 O 0.65 0.5 0.5 0.3 . 2\n"
    drawn = [
        read(rows, GROUPS, disorder="sample", seed=seed).positions[:, 0].round(1)
        for seed in range(40)
    ]
    both = {tuple(positions.tolist()) for positions in drawn}
    assert both == {(0.0, 2.0), (0.0, 2.6), (0.6, 2.0), (0.6, 2.6)}, (
        "two places, independent of each other"
    )
    assert np.allclose(read(rows, GROUPS, disorder="major").positions[:, 0], [0, 2])


def test_half_occupied_images_are_not_left_out(read):
    rows = "O1 O 0.2 0.2 0.2 0.5\nO1B O 0.8 0.8 0.8 0.5\nCa1 Ca 0.5 0 0 1\n"
    assert "S040 O1 and an image of O1B share a place" in refused(
        read, rows, OCCUPANCY, INVERSION, disorder="major"
    )


@pytest.mark.parametrize("seed", range(8))
def test_alternatives_that_meet_through_an_operation_are_not_drawn_apart(seed, read):
    rows = "K1 K 0.1 0.2 0.3 0.7\nNa1 Na 0.9 0.8 0.7 0.3\nCl1 Cl 0.5 0.5 0 1\n"
    message = refused(read, rows, OCCUPANCY, INVERSION, disorder="sample", seed=seed)
    assert "S040 K1 and an image of Na1 share a place; list both at one position" in message


@pytest.mark.parametrize("shares", [(0.555, 0.445), (0.61, 0.38), (0.33, 0.66)])
def test_rounding_does_not_part_the_alternatives_of_a_place(shares, read):
    rows = "C1 C 0 0 0 {} . 1\nC2 C 0.15 0 0 {} . 2\nO1 O 0.5 0.5 0.5 0.8 . 1\nO2 O 0.65 0.5 0.5 0.2 . 2\n"
    drawn = {
        str(read(rows.format(*shares), GROUPS, disorder="sample", seed=seed).symbols)
        for seed in range(30)
    }
    assert drawn == {"CO"}, "one of each place, never both and never none"


def test_a_group_whose_place_nobody_names_is_not_drawn(read):
    rows = "C1 C 0 0 0 0.6 . 1\nC2 C 0.15 0 0 0.3 . 2\nO1 O 0.5 0.5 0.5 0.8 . 1\nO2 O 0.65 0.5 0.5 0.2 . 2\n"
    message = refused(read, rows, GROUPS, disorder="sample")
    assert (
        "S040 nothing tells which disorder groups C1 (0.6) shares its place with; name the places"
        in message
    )
    assert str(read(rows, GROUPS, disorder="major").symbols) == "CO"


def test_axes_may_be_described_in_words(read):
    head = "_atom_sites_Cartn_transform_axes 'a parallel to x; b in the plane of y and z'\n"
    assert str(read("Na1 Na 0 0 0\n", head=head).symbols) == "Na"


def test_images_of_full_sites_are_left_out_and_told_of(read, capsys):
    atoms = read("O1 O 0.2 0.2 0.2\nO1B O 0.8 0.8 0.8\n", head=INVERSION)
    assert (
        len(atoms) == 2
        and "S054 1 sites are symmetry images of others: left out" in capsys.readouterr().err
    )


def test_dummies_and_missing_angles_are_told_of(read, capsys):
    loop = SITE + "_atom_site_calc_flag\n"
    atoms = read(
        "Na1 Na 0 0 0 .\nX1 ? 0.5 0.5 0.5 dum\n", loop, cell=CELL[: CELL.index("_cell_angle")]
    )
    told = capsys.readouterr().err
    assert (
        str(atoms.symbols) == "Na"
        and "S053 1 dummy sites left out" in told
        and "S052 no cell angles: 90°" in told
    )


def test_images_that_exclude_each_other_are_refused(read):
    rows = "O1 O 0.07 0.5 0.5 0.5\nCa1 Ca 0.5 0 0 1\n"  # its image by the inversion is 0.56 Å away
    assert "S040 O1 and an image of O1 are too near" in refused(
        read, rows, OCCUPANCY, INVERSION, disorder="major"
    )
    assert (
        str(read(rows.replace("0.07", "0.3"), OCCUPANCY, INVERSION, disorder="major").symbols)
        == "O2Ca"
    )


@pytest.mark.parametrize(
    ("label", "formula", "found"),
    [
        (
            "HO1",
            "",
            "S030 the label 'HO1' of site 1 may be H or Ho; add a column _atom_site_type_symbol",
        ),
        ("SI1", "", "S030 the label 'SI1' of site 1 may be S or Si"),
        ("HO1", "'C2 H6 O'", "H"),
        ("HO1", "'Ho2 O3'", "Ho"),
        ("SI1", "'Si O2'", "Si"),
        ("Ho1", "", "Ho"),
        ("OW2", "", "O"),
        ("T1", "'Si O2'", "S030 unknown element 'T1'"),
        ("Ca1", "'C2 H5 N O2'", "S030 the label 'Ca1' of site 1 is Ca, not in the formula"),
    ],
)
def test_a_label_that_may_be_two_elements_is_asked_about(label, formula, found, read):
    head = f"_chemical_formula_sum {formula}\n" if formula else ""
    if found.startswith("S030"):
        assert found in refused(read, f"{label} ? 0 0 0\n", head=head)
    else:
        assert str(read(f"{label} ? 0 0 0\n", head=head).symbols) == found


def test_hall_symbol_tells_the_origin(read):
    name = "_symmetry_space_group_name_H-M 'F d -3 m'\n"
    assert "S061" in refused(read, "Si1 Si 0 0 0\n", head=name)
    for hall, x in (("F 4d 2 3 -1d", 0), ("-F 4vw 2vw 3", 0.125)):
        head = f"{name}_symmetry_space_group_name_Hall '{hall}'\n"
        assert len(read(f"Si1 Si {x} {x} {x}\n", head=head, cell=CELL.replace(" 4", " 5.43"))) == 8
    assert "S061 unknown Hall symbol 'P q'" in refused(
        read, "Si1 Si 0 0 0\n", head="_space_group_name_Hall 'P q'\n"
    )


def test_operations_are_those_of_a_long_cell_too(read):
    long = CELL.replace("_c 4", "_c 40").replace("_b 4", "_b 4.5")
    swapped = "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\ny,x,-z\n"
    assert "S060 symmetry operation y,x,-z does not fit the cell" in refused(
        read, "Na1 Na 0.1 0.2 0.3\n", head=swapped, cell=long
    )


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "_symmetry_space_group_name_H-M 'P b n m S'\n_symmetry_Int_Tables_number 62\n",
            "S061 unknown space group 'P b n m S'",
        ),
        ("_symmetry_space_group_name_H-M 'P2(1)/m'\n", "S051 declared P2(1)/m (11), found P4/mmm"),
        ("_symmetry_Int_Tables_number 225\n", None),
        (
            "_symmetry_Int_Tables_number 62\n",
            "S059 space group 62 and no operations: taken in its standard setting, P n m a",
        ),
    ],
)
def test_a_group_without_operations_is_never_guessed_in_silence(head, expected, read, capsys):
    if expected and expected.startswith("S061"):
        assert expected in refused(read, "Na1 Na 0 0 0\n", head=head)
    else:
        read("Na1 Na 0 0 0\n", head=head)
        told = capsys.readouterr().err
        assert (expected in told) if expected else not told


def test_a_block_with_cartesian_coordinates_is_told_of(tmp_path, capsys):
    path = tmp_path / "two.cif"
    cartesian = SITE.replace("fract", "Cartn")
    path.write_text(f"data_x\n{CELL}{SITE}Na1 Na 0 0 0\ndata_y\n{CELL}{cartesian}Na1 Na 0 0 0\n")
    assert len(read_structures(path, ReadSettings())) == 1
    assert "S058 block data_y has Cartesian coordinates only: left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("head", "loop", "rows", "warning"),
    [
        (
            "_cell_volume 64.0(2)\n_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 1\n",
            SITE,
            "",
            None,
        ),
        ("_cell_volume 70\n", SITE, "", "S055 the cell has 64 Å³, the file says 70"),
        (
            "_chemical_formula_sum 'Na Cl H2'\n",
            SITE,
            "",
            "S056 the sites make ClNa, the file says Na Cl H2",
        ),
        (
            "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4\n",
            SITE,
            "",
            "S056 the sites make ClNa, the file says 4 times Na Cl",
        ),
        ("", SITE + "_atom_site_symmetry_multiplicity\n", " 1", None),
        (
            "",
            SITE + "_atom_site_symmetry_multiplicity\n",
            " 4",
            "S057 Na1 has 1 images in the cell, the file says 4",
        ),
        (
            INVERSION,
            SITE + "_atom_site_symmetry_multiplicity\n",
            " 2",
            None,
        ),  # as the order of the site symmetry
    ],
)
def test_what_the_file_says_of_itself_is_compared(head, loop, rows, warning, read, capsys):
    read(f"Na1 Na 0 0 0{rows}\nCl1 Cl 0.5 0.5 0.5{rows}\n", loop, head)
    told = capsys.readouterr().err
    assert (warning in told) if warning else not told
