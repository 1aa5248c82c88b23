"""Trajectories larger than the memory: read frame by frame, block by block, with the same refusals."""

import gzip
import tracemalloc

import numpy as np
import pytest
from ase.build import bulk

from structkit import DataError
from structkit_structure_files import reading, textfile, xyz_rows
from structkit_structure_files.lammps import rows
from structkit_structure_files.reading import read_places, read_structures, structures_of
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import Lines

PERIODIC = ReadSettings(type_map={"1": "Al", "2": "Ni"}, allow_variable=True)
MESSY = "caf\u00e9 \u20ac"  # of two and three bytes


def dump(frames=2, atoms=25, columns="id type x y z", row="{id} {type} {x} {y} {z}"):
    rng = np.random.default_rng(0)
    text = ""
    for number in range(frames):
        text += f"ITEM: TIMESTEP\n{number}\nITEM: NUMBER OF ATOMS\n{atoms}\n"
        text += "ITEM: BOX BOUNDS pp pp ff\n" + "0 90\n" * 3 + f"ITEM: ATOMS {columns}\n"
        for one in rng.permutation(atoms):
            x, y, z = rng.uniform(0, 90, 3).round(6)
            text += row.format(id=one + 1, type=1 + one % 2, x=x, y=y, z=z) + "\n"
    return text


def xyz(frames=2, atoms=25, comment='Lattice="90 0 0 0 90 0 0 0 90" energy=-1.5 note="a b"'):
    rng = np.random.default_rng(0)
    text = ""
    for _ in range(frames):
        text += f"{atoms}\n{comment}\n"
        for one in range(atoms):
            x, y, z = rng.uniform(0, 90, 3).round(6)
            text += f"{'Al' if one % 2 else 'Ni'} {x} {y} {z}\n"
    return text


SOUND = {
    "a.dump": dump(),
    "odd.dump": dump(columns="id element type x y z q", row="{id} Al 1 {x} {y} {z} nan"),
    "scaled.dump": dump(columns="type xs ys zs", row="{type} {x}e-2 .{id} 1E-{type}"),
    "a.xyz": xyz(),
    "plain.xyz": "\n\n" + xyz(comment=MESSY) + "\n \n" + xyz(1, 30, "") + "\n\n",
    "forces.xyz": "2\nProperties=species:S:1:pos:R:3:q:R:1\nAl 0 0 0 1.5\nAl 0 0 3 nan\n" * 2,
    "crlf.dump": dump().replace("\n", "\r\n"),
    "cr.xyz": xyz().replace("\n", "\r"),
}
DUMP, XYZ = dump().split("\n"), xyz().split("\n")


def spoilt(lines, number, word, by):
    """Lines of which one has another word in the place of its last."""
    changed = list(lines)
    kept = changed[number - 1].split()[:word]
    changed[number - 1] = " ".join([*kept, *by])
    return "\n".join(changed)


BAD = {
    "late.dump": (spoilt(DUMP, 60, -1, ["1,5"]), "late.dump:60: S104"),
    "nan.dump": (spoilt(DUMP, 61, -1, ["nan"]), "nan.dump:61: S013"),
    "digits.dump": (spoilt(DUMP, 62, -1, ["1_0"]), "digits.dump:62: S103"),
    "script.dump": (spoilt(DUMP, 62, -1, ["\u0661"]), "script.dump:62: S103"),
    "columns.dump": (spoilt(DUMP, 57, -1, []), "columns.dump:57: S102 line 57: 4 columns"),
    "more.dump": (spoilt(DUMP, 57, 5, ["1"]), "more.dump:57: S102 line 57: 6 columns"),
    "id.dump": (spoilt(DUMP, 50, 0, ["1.5", "1", "0", "0", "0"]), "id.dump:50: S103 atom id"),
    "huge.dump": (spoilt(DUMP, 50, 0, ["9" * 19, "1", "0", "0", "0"]), "huge.dump:50: S103"),
    "fewer.dump": ("\n".join(DUMP[:20] + DUMP[34:]), "fewer.dump:21: S100 fewer rows"),
    "ends.dump": ("\n".join(DUMP[:-9]) + "\n\n", "S100 frame 1 is cut short: the file ends"),
    "twice.dump": (spoilt(DUMP, 50, 0, DUMP[50].split()), "S113 two atoms have the same id"),
    "type.dump": (spoilt(DUMP, 50, 1, ["7", "1", "2", "3"]), "S111 types {7}"),
    "late.xyz": (spoilt(XYZ, 40, -1, ["1,5"]), "late.xyz:40: S104"),
    "inf.xyz": (spoilt(XYZ, 41, -1, ["inf"]), "inf.xyz:41: S013"),
    "columns.xyz": (spoilt(XYZ, 50, -1, []), "columns.xyz:50: S102 line 50: 3 columns"),
    "element.xyz": (spoilt(XYZ, 51, 0, ["Xx", "1", "2", "3"]), "element.xyz:51: S030"),
    "ends.xyz": ("\n".join(XYZ[:-9]), "ends.xyz:28: S100 frame 1 is cut short: 25 atoms announced"),
    "cell.xyz": (spoilt(XYZ, 29, 0, ['Lattice="1', '2"']), "cell.xyz:29: S106"),
    "nul.xyz": (xyz(40) + "\0", f"S002 not a text XYZ (NUL byte at offset {len(xyz(40))})"),
    "long.dump": (dump() + "\n" + "x" * 10_001, f"S070 line {len(DUMP) + 1} has 10001 chars"),
}


@pytest.fixture(params=[1, 7, 1 << 20])
def blocks(request, monkeypatch):
    """Blocks of so many bytes, and of as many rows."""
    monkeypatch.setattr(textfile, "BLOCK", request.param)
    monkeypatch.setattr(rows, "ROWS", request.param)
    monkeypatch.setattr(xyz_rows, "ROWS", request.param)


@pytest.mark.parametrize("name", SOUND)
def test_blocks_of_any_size_give_the_same(name, here, blocks):
    (here / name).write_bytes(SOUND[name].encode())
    (here / f"{name}.gz").write_bytes(gzip.compress(SOUND[name].encode()))
    plain, packed = (
        list(structures_of(here / n, PERIODIC, name="a")) for n in (name, f"{name}.gz")
    )
    assert len(plain) == len(packed) >= 2
    assert [sample.atoms for sample in plain] == [sample.atoms for sample in packed]
    one = plain[-1].atoms
    lines = SOUND[name].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows_ = [line.split() for line in lines if line.strip()][-len(one) :]
    if name.endswith("a.dump"):
        rows_.sort(key=lambda words: int(words[0]))
        assert one.positions.tolist() == [[float(w) for w in row[2:]] for row in rows_]
        assert one.get_chemical_symbols() == [["Al", "Ni"][int(row[1]) - 1] for row in rows_]
    if name.endswith("a.xyz"):
        assert one.positions.tolist() == [[float(w) for w in row[1:]] for row in rows_]
        assert one.get_chemical_symbols() == [row[0] for row in rows_]
        assert one.info == {"energy": -1.5, "note": "a b"} and one.pbc.all()


@pytest.mark.parametrize("name", BAD)
def test_blocks_of_any_size_refuse_the_same_at_the_same_line(name, here, blocks):
    text, expected = BAD[name]
    (here / name).write_text(text)
    with pytest.raises(DataError) as caught:
        read_structures(here / name, PERIODIC)
    assert expected in str(caught.value)


def test_a_file_larger_than_the_limit_is_read_for_its_places_alone(here, monkeypatch):
    (here / "a.xyz").write_text(xyz(300))
    (here / "a.cif").write_text("data_x\n" * 10_000)
    for module in ("text", "textfile", "finding", "reading"):
        monkeypatch.setattr(f"structkit_structure_files.{module}.MAX_BYTES", 50_000)
    monkeypatch.setattr(structures_of, "__defaults__", (*structures_of.__defaults__[:-1], 50_000))
    assert len(list(read_places(here / "a.xyz"))) == 300
    for read, path in ((read_places, "a.cif"), (lambda p: read_structures(p, PERIODIC), "a.xyz")):
        with pytest.raises(DataError, match="S005 file larger than"):
            list(read(here / path))


@pytest.mark.parametrize("name", ["a.dump", "a.xyz", "a.xyz.gz"])
def test_memory_does_not_grow_with_the_file(name, here, monkeypatch):
    monkeypatch.setattr(textfile, "BLOCK", 10_000)
    monkeypatch.setattr(reading, "SNIFFED", 1000)
    make = dump if "dump" in name else xyz
    most = []
    for frames in (3, 30):
        data = make(frames, 2000).encode()
        (here / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        tracemalloc.start()
        for _ in read_places(here / name):
            pass
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(data) > 1.2e6 and most[1] < 1.1 * most[0] + 50_000


def test_what_is_written_meanwhile_is_not_read(here):
    path = here / "a.dump"
    path.write_text(dump(3))
    samples = structures_of(path, PERIODIC)
    next(samples)
    with path.open("a") as stream:
        stream.write(dump(2))
    assert len(list(samples)) == 2


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (MESSY.encode(), "utf-8-sig"),
        (b"\xef\xbb\xbf2\n", "utf-8-sig"),
        ("caf\u00e9 \u20ac".encode("cp1252"), "cp1252"),
        (b" " * 5000 + "caf\u00e9\x81".encode("latin-1"), "latin-1"),
        (b"cut \xe2\x82", "cp1252"),
    ],
)
def test_the_encoding_is_that_of_all_bytes(data, encoding, here, blocks):
    (here / "a.txt").write_bytes(data)
    file = textfile.looked_at(here / "a.txt")
    assert (file.encoding, file.size) == (encoding, len(data))
    assert file.text() == data.decode(encoding)


def test_words_are_counted_across_blocks(here, blocks):
    (here / "a.txt").write_text("ITEM: ATOMS\nITEM: ITEM: ATOMS x\n" * 9)
    assert textfile.looked_at(here / "a.txt").count(b"ITEM: ATOMS") == 18


def test_lines_are_put_back_and_counted(here):
    lines = Lines(iter(["a", "", " ", "b", "c", "", "  "]), here / "f")
    assert lines.more() and lines.peek() == "a" and lines.next == 0
    block = lines.block(4)
    assert block == ["a", "", "", "b"] and lines.where == f"{here / 'f'}:4" and not lines.ended()
    lines.back(block[2:])
    assert [lines.take("x"), lines.take("x"), lines.take("x")] == ["", "b", "c"] and lines.ended()
    with pytest.raises(DataError, match="S100 the file ends where x should be"):
        lines.take("x")


def test_structures_of_many_atoms_are_checked_by_a_slab(here, monkeypatch, capsys):
    from structkit_structure_files import nearest

    monkeypatch.setattr(nearest, "SLAB", 1500)
    atoms = bulk("Al", cubic=True).repeat(12)
    nearest.warn_of_lengths(atoms, "sound", PERIODIC)
    assert "S122" not in capsys.readouterr().err
    atoms.positions *= 0.1
    nearest.warn_of_lengths(atoms, "nm", PERIODIC)
    assert "S122 the nearest atoms are 0.28" in capsys.readouterr().err
