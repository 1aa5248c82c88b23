"""Small files that announce much: refused by counting, in seconds and without filling the memory."""

import bz2
import gzip
import lzma
import os
import random
import time

import pytest

from structkit import DataError
from structkit_structure_files.reading import read_structures, structures_of
from structkit_structure_files.settings import ReadSettings

SOON = 10.0  # seconds of the processor; each took far longer, or did not end
HEAD = """\
data_x
_cell_length_a 60
_cell_length_b 60
_cell_length_c 60
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
"""
BLOCK = "data_{0}\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nH 0 0 0\n"
DUMP = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\nITEM: ATOMS id type x y z\n1 1 0 0 0\n"
XDATCAR = "t\n1\n5 0 0\n0 5 0\n0 0 5\nH\n1\n"
SITES = {
    "general": (20_000, lambda draw: (draw(), draw(), draw())),
    "on an axis": (20_000, lambda draw: (draw(), 0, 0)),
    "on a diagonal": (5_000, lambda draw: (draw(),) * 3),
    "in one place": (3_000, lambda draw: (0.11, 0.23, 0.37)),
    "in a corner": (4_000, lambda draw: (0.1 + draw() / 1000, 0.2 + draw() / 1000, 0.3)),
    "at the origin": (10_000, lambda draw: (0, 0, 0)),
    "very many": (60_000, lambda draw: (draw(), draw(), draw())),
}
FRAMES = {
    "m.xyz.gz": lambda n: "1\n\nH 0 0 0\n" * n,
    "m.xyz.bz2": lambda n: "1\n\nH 0 0 0\n" * n,
    "m.xyz.xz": lambda n: "1\n\nH 0 0 0\n" * n,
    "m.extxyz": lambda n: "1\n\nH 0 0 0\n" * n,
    "m.lammpstrj.gz": lambda n: DUMP * n,
    "XDATCAR.gz": lambda n: XDATCAR + "Direct configuration= 1\n0 0 0\n" * n,
    "m.cif.gz": lambda n: "".join(BLOCK.format(number) for number in range(n)),
}
OPEN = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@pytest.fixture
def refused(tmp_path):
    def read(name, text, **settings):
        path = tmp_path / name
        with OPEN.get(path.suffix, open)(path, "wt") as stream:
            stream.write(text)
        began = time.process_time()
        with pytest.raises(DataError) as caught:
            read_structures(path, ReadSettings(**settings))
        assert time.process_time() - began < SOON
        return str(caught.value)

    return read


@pytest.mark.parametrize("kind", SITES)
def test_sites_are_counted_before_symmetry_is_worked_out(kind, refused):
    count, place = SITES[kind]
    draw = random.Random(0).random  # noqa: S311
    rows = [
        f"C{i} C {x:.7f} {y:.7f} {z:.7f}"
        for i, (x, y, z) in enumerate(place(draw) for _ in range(count))
    ]
    assert any(code in refused("a.cif", HEAD + "\n".join(rows)) for code in ("S071", "S021"))


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_counted_before_they_are_read(name, refused):
    message = refused(name, FRAMES[name](150_000))
    assert "S072" in message and "max_frames 100000" in message


@pytest.mark.parametrize("frames", ["all", "last"])
@pytest.mark.parametrize("name", FRAMES)
def test_max_frames_is_a_setting(name, frames, refused):
    message = refused(name, FRAMES[name](4), max_frames=3, frames=frames, type_map={"1": "H"})
    assert "S072 4 frames or more > max_frames 3" in message


def test_first_of_many_frames_is_read(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_text(FRAMES["m.extxyz"](5))
    settings = ReadSettings(max_frames=3, frames="first")
    assert [sample.id for sample in read_structures(path, settings)] == [str(path)]


def test_frames_are_read_one_at_a_time(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_text(FRAMES["m.extxyz"](3) + "1\n\nXx 0 0 0\n")
    samples = structures_of(path, ReadSettings())
    assert next(samples).id == f"{path}#0"
    assert next(samples).id == f"{path}#1"
    with pytest.raises(DataError):
        list(samples)


@pytest.mark.parametrize("spread", [0.0, 1e-4, 0.05, 0.25])
def test_atoms_in_one_place_are_found_without_all_their_pairs(spread, refused):
    draw = random.Random(0).random  # noqa: S311
    rows = "\n".join(
        f"H {spread * draw():.9f} {spread * draw():.9f} {spread * draw():.9f}"
        for _ in range(50_000)
    )
    text = f'50000\nLattice="90 0 0 0 90 0 0 0 90" Properties=species:S:1:pos:R:3\n{rows}\n'
    assert "S021" in refused("a.xyz", text)


@pytest.mark.parametrize("name", ["a.cif", "a.xyz", "POSCAR", "a.lammpstrj", "a.pdb", "XDATCAR"])
def test_pipes_are_not_waited_for(name, tmp_path):
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="D030"):
        read_structures(tmp_path / name, ReadSettings())


@pytest.mark.parametrize("repeated", ["{", "{[", 'Lattice="5', "Lattice={", "pbc={", "cell= "])
def test_a_comment_of_a_million_characters_takes_one_pass(repeated, refused):
    """A pattern that begins anew at each of a million brackets takes a million times a million steps."""
    comment = "Lattice=" + repeated * (900_000 // len(repeated))
    refused("a.xyz", f"1\n{comment}\nSi 0 0 0\n")


def test_a_million_empty_lines_take_one_pass(refused):
    refused("a.cif", "data_x\n" + "\n" * 900_000)


def test_a_line_of_blanks_between_frames_takes_one_pass(refused):
    refused("XDATCAR", f"{XDATCAR}Direct configuration={' ' * 900_000}x\n0 0 0\n")


def test_a_periodicity_of_no_words_is_a_sentence(refused):
    assert "S107" in refused("a.xyz", '1\nLattice="5 0 0 0 5 0 0 0 5" pbc=""\nSi 0 0 0\n')


def test_thousands_of_sites_in_one_place_are_counted_without_their_pairs(refused):
    head = HEAD.replace("'F m -3 m'", "'P 1'")
    message = refused("a.cif", head + "C1 C 0.1 0.1 0.1\n" * 6_000)
    assert "S021" in message and "list every site once" in message
