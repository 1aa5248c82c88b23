"""The ready model of lattices on structures whose truth is known, and `structkit recognise`."""

import csv
import io
import json
import re

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read, write
from scipy.spatial.transform import Rotation

from structkit import DataError, Sample, recognise
from structkit.cli import atom_frames
from structkit.components import ReadyModel
from structkit.discovery.loading import discover
from structkit.errors import SpecError
from structkit.ready import check_versions
from structkit_ready_models import Lattices

NAMES = ("fcc", "hcp", "bcc", "diamond", "sc")


def crystal(name="fcc", spread=0.05, repeats=4, seed=1):
    """A lattice with noise, in nearest-neighbour distances."""
    atoms = bulk("Al", name, a=4.0, c=4.0 * (8 / 3) ** 0.5 if name == "hcp" else None)
    atoms = atoms.repeat(repeats if name == "diamond" else repeats + 2)
    nearest = np.sort(atoms.get_all_distances(mic=True)[0])[1]
    noise = np.random.default_rng(seed).normal(scale=spread * nearest, size=atoms.positions.shape)
    atoms.positions += noise
    return atoms


@pytest.mark.parametrize("name", NAMES)
def test_a_lattice_with_noise_is_recognised(name):
    result = recognise(crystal(name))
    assert result.verdict() == name
    assert result.fractions()[name] > 0.99 and result.intervals()[name][1] > 0.99
    assert result.perfect.mean() > 0.95 and len(result.grains) == 1 and (result.grain == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_lattice_is_recognised_although_neighbours_are_equally_near(name):
    result = recognise(crystal(name, 0.0))
    assert result.verdict() == name and result.fractions()[name] > 0.97


@pytest.mark.parametrize("cubic", [False, True])
@pytest.mark.parametrize(
    ("element", "name"), [("Au", "fcc"), ("Fe", "bcc"), ("Si", "diamond"), ("Po", "sc")]
)
def test_a_unit_cell_is_recognised_as_its_crystal(element, name, cubic):
    lattice = {"a": 3.3, "crystalstructure": "sc"} if name == "sc" else {}
    atoms = bulk(element, cubic=cubic, **lattice)
    result = recognise(atoms)
    assert result.verdict() == name and len(result) == len(atoms) == len(result.grain)
    assert result.perfect.all() and [grain["atoms"] for grain in result.grains] == [len(atoms)]


def test_a_small_cell_of_something_else_is_none_of_these():
    assert recognise(bulk("In")).verdict() == "none of these"  # body-centred tetragonal


def test_random_points_are_no_crystal():
    atoms = Atoms("Ar400", np.random.default_rng(1).random((400, 3)) * 20, cell=[20] * 3, pbc=True)
    result = recognise(atoms)
    crystalline = result.structure < result.classes.index("disordered")
    assert crystalline.mean() < 0.01 and not result.perfect.any() and (result.grain == -1).all()


def test_a_vacancy_is_in_the_lattice_and_its_neighbours_are_not_perfect():
    atoms = crystal(spread=0.02, repeats=5)
    near = np.argsort(atoms.get_distances(100, range(len(atoms)), mic=True))[1:13]
    beside = np.zeros(len(atoms), dtype=bool)
    beside[near] = True
    left = np.delete(np.arange(len(atoms)), 100)
    result = recognise(atoms[left])
    assert result.fractions()["fcc"] > 0.99
    assert result.perfect[~beside[left]].mean() > 0.97 and result.perfect[beside[left]].mean() < 0.2


def test_two_grains_have_two_numbers():
    one, two = crystal(spread=0.03, repeats=6), crystal(spread=0.03, repeats=6, seed=2)
    two.positions = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).apply(two.positions)
    two.positions += [200, 0, 0]
    both = one + two
    both.pbc = False
    result = recognise(both)
    fcc = result.structure == 0
    assert len(result.grains) == 2
    first = result.grain[: len(one)][fcc[: len(one)]]
    second = result.grain[len(one) :][fcc[len(one) :]]
    assert set(first) == {0} or set(first) == {1}
    assert set(second) == {1 - first[0]}


def test_the_same_answer_turned_moved_wrapped_relabelled_and_repeated():
    atoms = crystal("bcc", 0.09)
    usual = recognise(atoms)
    turn = Rotation.random(random_state=3).as_matrix()
    turned = atoms.copy()
    turned.set_cell(atoms.cell[:] @ turn.T)
    turned.positions = atoms.positions @ turn.T
    moved = atoms.copy()
    moved.positions += 1000
    moved.wrap()
    order = np.random.default_rng(0).permutation(len(atoms))
    for other, back in (
        (turned, slice(None)),
        (moved, slice(None)),
        (atoms[order], np.argsort(order)),
    ):
        result = recognise(other)
        assert np.array_equal(result.structure[back], usual.structure)
        assert np.abs(result.confidence[back] - usual.confidence).max() < 1e-3
    large = recognise(atoms.repeat((2, 1, 1)))
    assert np.array_equal(large.structure, np.tile(usual.structure, 2))


def test_golden_numbers_hold():
    """What was said when the model was made, of atoms that are kept with it."""
    golden = json.loads((Lattices.folder / "golden.json").read_text())
    assert len(golden) >= 6
    for told in golden:
        atoms = Atoms(positions=told["positions"], cell=told["cell"], pbc=told["periodic"],
                      numbers=[18] * len(told["positions"]))  # fmt: skip
        result = recognise(atoms)
        assert result.structure.tolist() == told["structure"]
        assert result.confidence == pytest.approx(told["confidence"], abs=5e-3)


def test_what_is_refused():
    with pytest.raises(DataError, match="S014"):
        recognise(Atoms("Ar3", np.eye(3)))
    with pytest.raises(
        SpecError, match="P001 no installed plugin provides the ready model 'latices'"
    ):
        recognise(crystal(), model="latices")
    other = ReadyModel(name="old", build="a:B", summary="", versions={"local-environments": 99})
    with pytest.raises(
        SpecError, match="P023 the ready model 'old' was trained with version 99 of local-env"
    ):
        check_versions(discover(), other)


def test_a_plane_a_gas_a_lone_atom_and_reduced_units():
    rng = np.random.default_rng(0)
    square = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0), [0.0]), -1).reshape(-1, 3)
    plane = Atoms(positions=square + rng.normal(size=square.shape) * 0.03, cell=[20, 20, 20],
                  pbc=[True, True, False], numbers=[18] * 400)  # fmt: skip
    assert recognise(plane).fractions()["none of these"] > 0.95
    lone = crystal(repeats=6)
    lone.pbc = False
    lone.append("Al")
    lone.positions[-1] = [-60, -60, -60]
    told = recognise(lone)
    assert told.classes[told.structure[-1]] == "disordered" and told.grain[-1] == -1
    reduced = crystal()
    reduced.set_cell(reduced.cell[:] / 2.55, scale_atoms=True)
    assert recognise(reduced).verdict() == "fcc"


def test_a_list_gives_a_list_and_samples_keep_their_names():
    one, two = recognise([crystal(), Sample("mine", crystal("bcc"))])
    assert (one.verdict(), two.verdict(), two.name) == ("fcc", "bcc", "mine")


def test_files_folders_and_tables(cli, here):
    (here / "in").mkdir()
    write(here / "in/a.extxyz", [crystal(), crystal("bcc")])
    write(here / "in/b.extxyz", crystal("hcp"))
    result = cli("recognise", "in", "--csv", "o.csv", "--extxyz", "o.extxyz", "--report", "o.html")
    assert result.code == 0 and "in/b.extxyz: hcp" in result.out, result
    rows = list(csv.DictReader((here / "o.csv").open()))
    assert [row["verdict"] for row in rows] == ["fcc", "bcc", "hcp"]
    frames = read(here / "o.extxyz", ":")
    assert len(frames) == 3 and {"structure", "confidence", "novelty", "grain"} <= set(
        frames[0].arrays
    )
    page = (here / "o.html").read_text()
    assert "Structure after structure" in page and not re.search(r"(src|href)=.?https?:", page)
    again = cli("recognise", "in", "--workers", "2", "--json")
    assert [one["verdict"] for one in json.loads(again.out)["structures"]] == ["fcc", "bcc", "hcp"]


def test_frames_are_the_same_in_blocks_of_any_size(monkeypatch):
    atoms = crystal()
    atoms.info["note"] = "left out"
    result = recognise(Sample('mine "quoted"', atoms))
    texts = []
    for rows in (7, len(atoms), 10**6):
        monkeypatch.setattr(atom_frames, "ROWS", rows)
        stream = io.StringIO()
        atom_frames.write_frame(stream, atoms, result)
        texts.append(stream.getvalue())
    assert texts[0] == texts[1] == texts[2]
    frame = read(io.StringIO(texts[0]), format="extxyz")
    assert len(frame) == len(atoms) and np.allclose(frame.positions, atoms.positions, atol=1e-7)
    assert np.array_equal(frame.arrays["structure"], result.structure)
    assert frame.info["id"] == 'mine "quoted"' and "note" not in frame.info


def test_a_trajectory_is_recognised_frame_by_frame(cli, here):
    write(here / "t.extxyz", [crystal(seed=seed) for seed in range(3)])
    for workers in ("1", "2"):
        told = cli("recognise", "t.extxyz", "--json", "--workers", workers)
        names = [one["name"] for one in json.loads(told.out)["structures"]]
        assert names == ["t.extxyz#0", "t.extxyz#1", "t.extxyz#2"]


def test_types_without_names_and_bad_files(cli, here):
    atoms = crystal()
    rows = "\n".join(
        f"{i + 1} {1 + i % 2} {x} {y} {z}" for i, (x, y, z) in enumerate(atoms.positions)
    )
    box = np.ptp(atoms.positions, axis=0).max() + 30
    head = f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{len(atoms)}\nITEM: BOX BOUNDS ff ff ff\n"
    head += f"{-box} {box}\n" * 3 + "ITEM: ATOMS id type x y z\n"
    (here / "d.lammpstrj").write_text(head + rows + "\n")
    (here / "few.xyz").write_text("2\n\nAr 0 0 0\nAr 1 0 0\n")
    bad = cli("recognise", "d.lammpstrj", "few.xyz")
    assert bad.code == 3 and "few.xyz: S014" in bad.err, bad
    skipped = cli("recognise", "d.lammpstrj", "few.xyz", "--on-bad", "skip")
    assert skipped.code == 0 and "the model looks at places only" in skipped.out
    assert "skipped: few.xyz: S014" in skipped.out
