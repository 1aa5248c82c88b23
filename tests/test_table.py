"""Tables: what is written comes back, ragged or not, and nothing odd gets in."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from structkit import Row, Sample, Table
from structkit.data.block import load_part, save_part
from structkit.data.items.structure import RAGGED, to_row, to_sample
from structkit.data.merging import stored, write_table
from structkit.data.writing import TableWriter
from structkit.store.files import inventory


def write(folder, rows, ragged=()):
    with TableWriter(folder, ragged) as writer:
        for row, arrays in rows:
            writer.append(row, arrays)
    return Table.open(folder, "origin")


def some(count, start=0):
    rng = np.random.default_rng(start)
    return [
        (
            Row(f"r{start + i}", "ab"[i % 2], f"g{i}", meta={"k": i}),
            {"image": rng.random((2, 3)), "edges": rng.random((i, 2))},
        )
        for i in range(count)
    ]


def test_fixed_and_ragged_arrays_come_back(tmp_path):
    rows = some(4)
    table = write(tmp_path / "t", rows, ["edges"])
    assert [row.id for row in table.rows] == ["r0", "r1", "r2", "r3"]
    assert table.rows[2].meta == {"k": 2} and {row.origin for row in table.rows} == {"origin"}
    for index, (_, arrays) in enumerate(rows):
        for name, value in arrays.items():
            assert np.array_equal(table.item(name, index), value)
    assert table.stack("image").shape == (4, 2, 3)
    assert np.load(tmp_path / "t" / "image.npy").shape == (4, 2, 3), (
        "a plain npy file that anybody can read"
    )


def test_select_and_chain_do_not_mix_rows(tmp_path):
    first, second = (
        write(tmp_path / "a", some(3), ["edges"]),
        write(tmp_path / "b", some(2, 10), ["edges"]),
    )
    both = Table.chain([first, second]).select([4, 0, 3])
    assert [row.id for row in both.rows] == ["r11", "r0", "r10"]
    assert np.array_equal(both.item("image", 0), some(2, 10)[1][1]["image"])
    assert np.array_equal(both.select([2]).item("edges", 0), some(2, 10)[0][1]["edges"])


def test_merged_shards_are_the_table_written_at_once(tmp_path):
    whole = write(tmp_path / "whole", some(5), ["edges"])
    parts = []
    for index, cut in enumerate((slice(0, 2), slice(2, 2), slice(2, 5))):
        (part,) = stored(write(tmp_path / f"s{index}", some(5)[cut], ["edges"]))
        save_part(tmp_path / f"{index}", part)
        parts.append(load_part(tmp_path / f"{index}"))
    assert write_table(parts, tmp_path / "merged") == 5
    assert inventory(tmp_path / "merged") == inventory(tmp_path / "whole")
    assert len(whole) == 5


def test_what_does_not_fit_into_memory_waits_on_the_disk(tmp_path):
    with TableWriter(tmp_path / "small", ["edges"], largest=60) as writer:
        for row, arrays in some(5):
            writer.append(row, arrays)
    assert writer.full >= 2, "blocks were written on the way"
    write(tmp_path / "whole", some(5), ["edges"])
    assert inventory(tmp_path / "small") == inventory(tmp_path / "whole")


def test_empty_table_is_a_table(tmp_path):
    table = write(tmp_path / "t", [])
    assert len(table) == 0 and table.arrays == () and len(Table.chain([])) == 0
    assert Table.chain([table, write(tmp_path / "u", some(1), ["edges"])]).arrays == (
        "edges",
        "image",
    )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"image": np.zeros((3, 2)), "edges": np.zeros((1, 2))},
            "the rows before have float64\\[2, 3\\]",
        ),
        ({"image": np.zeros((2, 3), "f4"), "edges": np.zeros((1, 2))}, "is float32"),
        ({"image": np.zeros((2, 3))}, "arrays \\['image'\\] where the rows before have"),
        ({"image": np.zeros((2, 3)), "edges": np.zeros((1, 5))}, "'edges' is float64\\[5\\]"),
    ],
)
def test_row_that_does_not_fit_is_refused(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "t", [*some(2), (Row("x"), arrays)], ["edges"])


@pytest.mark.parametrize("name", ["../up", "Name", "", "a b", "x" * 70])
def test_array_name_never_becomes_a_path(tmp_path, name):
    with pytest.raises(ValueError, match="array name"):
        write(tmp_path / "t", [(Row("x"), {name: np.zeros(1)})])


def test_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match="numbers and booleans are allowed"):
        write(tmp_path / "t", [(Row("x"), {"a": np.array([{}])})])


def test_table_in_memory_checks_lengths():
    with pytest.raises(ValueError, match="2 items for 1 rows"):
        Table.of([Row("a")], x=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="'a' has no label"):
        _ = Table.of([Row("a")], x=np.zeros((1, 3))).labels


def test_structure_comes_back_with_everything_that_is_its_own(tmp_path):
    atoms = bulk("NaCl", "rocksalt", a=5.64)
    atoms.pbc = [True, True, False]
    atoms.info.update(temperature=300.0, name="x", skipped=object())
    atoms.set_array("types", np.array([1, 2]))
    atoms.set_array("forces", np.arange(6.0).reshape(2, 3))
    flat = Atoms("Ar3", [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    samples = [Sample("a", atoms, "l", "g", {"m": 1}), Sample("b", flat)]
    with TableWriter(tmp_path / "t", RAGGED) as writer:
        for sample in samples:
            writer.append(*to_row(sample))
    first, second = (to_sample(Table.open(tmp_path / "t"), i) for i in range(2))
    assert first.atoms == atoms and second.atoms == flat
    assert first.atoms.info == {"temperature": 300.0, "name": "x"}
    assert first.atoms.arrays["types"].dtype.kind == "i"
    assert np.array_equal(first.atoms.arrays["forces"], atoms.arrays["forces"])
    assert (first.label, first.group, dict(first.meta), second.group) == ("l", "g", {"m": 1}, "b")


def test_a_table_on_disk_is_opened_again_by_the_process_that_it_is_sent_to(tmp_path):
    from multiprocessing.reduction import ForkingPickler

    write(tmp_path / "t", some(300), ["edges"])
    table = Table.open(tmp_path / "t").select(np.arange(7, 200))
    table.stack("image")  # open now
    sent = ForkingPickler.dumps(table)
    assert len(sent) < 5_000
    again = ForkingPickler.loads(sent)
    assert [row.id for row in again.rows] == [row.id for row in table.rows]
    assert np.array_equal(again.stack("image"), table.stack("image"))
