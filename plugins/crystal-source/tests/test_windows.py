"""Overlapping cut-outs on a grid, and the map that is made of what is said of them."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from scipy.spatial.transform import Rotation

from structkit import DataError, Sample
from structkit.testing import TransformContract
from structkit_crystal_source import StridedWindows, window_map
from structkit_crystal_source.window_grid import spacing_of, with_images


class TestStridedWindows(TransformContract):
    plugin = "structkit_crystal_source.plugin"
    name = "strided-windows"
    settings = {"least": 1}
    refuses = ("no cell", "lone atom")


def gold(repeats=4):
    return Sample("gold", bulk("Au", cubic=True).repeat(repeats), "fcc", "Au")


def windows_of(sample, **settings):
    cutter = StridedWindows(**settings)
    return cutter.grid(sample.atoms), list(cutter(sample))


def test_spacing_is_the_nearest_distance_in_fcc_whatever_the_cell():
    nearest = 4.08 / 2**0.5
    assert spacing_of(gold().atoms) == pytest.approx(nearest)
    assert spacing_of(bulk("Au")) == pytest.approx(nearest), "one atom with its images"


def test_windows_of_a_periodic_crystal_are_complete_everywhere():
    sample = gold()
    grid, windows = windows_of(sample, size=3.0, stride=1.0, least=1)
    assert grid.shape == (6, 6, 6) and len(windows) == 216, "16.32 Å at strides of 2.88 Å"
    counts = [len(window.atoms) for window in windows]
    volume = 4 / 3 * np.pi * (1.5 * 4.08 / 2**0.5) ** 3
    assert np.mean(counts) == pytest.approx(volume * 4 / 4.08**3, rel=0.05)
    assert all(np.linalg.norm(w.atoms.positions, axis=1).max() <= grid.size / 2 for w in windows)
    first = windows[0]
    assert (first.label, first.group) == ("fcc", "Au") and not first.atoms.pbc.any()
    assert first.meta["place"] == [0, 0, 0] and first.meta["centre"] == pytest.approx([1.36] * 3)


def test_windows_hold_the_atoms_that_are_there():
    sample = gold()
    sample.atoms.positions += np.random.default_rng(0).normal(scale=0.2, size=(256, 3))
    grid, windows = windows_of(sample, size=3.0, stride=1.5, shape="cube")
    window = windows[7]
    gaps = sample.atoms.positions - window.meta["centre"]
    gaps -= 16.32 * np.round(gaps / 16.32)
    expected = gaps[np.abs(gaps).max(axis=1) <= grid.size / 2]
    found = window.atoms.positions
    order = [np.lexsort(places.round(6).T) for places in (expected, found)]
    assert np.allclose(expected[order[0]], found[order[1]])


def test_skewed_cells_and_open_directions_have_windows():
    skewed = bulk("Au").repeat(6)
    turned = skewed.copy()
    matrix = Rotation.from_rotvec([0.3, 0.5, 0.1]).as_matrix()
    turned.set_cell(np.asarray(turned.cell[:]) @ matrix.T)
    turned.positions = turned.positions @ matrix.T
    counts = [
        [len(w.atoms) for w in windows_of(Sample("a", atoms), size=3, stride=1.5, least=1)[1]]
        for atoms in (skewed, turned)
    ]
    assert len(counts[0]) == len(counts[1]) and abs(np.mean(counts[0]) - np.mean(counts[1])) < 1
    ball = gold().atoms
    ball.pbc = False
    ball.positions += 100
    grid, windows = windows_of(Sample("a", ball), size=3, stride=1.5, least=1)
    assert windows and min(len(w.atoms) for w in windows) < max(len(w.atoms) for w in windows)
    assert (grid.places(ball.positions) < grid.shape).all()


def test_empty_windows_are_left_out():
    slab = gold().atoms
    slab.cell[2, 2] = 60.0
    grid, windows = windows_of(Sample("a", slab), size=3, stride=1.5, least=5)
    assert 0 < len(windows) < np.prod(grid.shape)


def test_images_are_those_of_a_larger_cell():
    atoms = bulk("Au")
    positions, originals = with_images(atoms, 8.0)
    large = atoms.repeat(15)
    middle = large.positions[
        np.argmin(np.abs(large.positions - large.positions.mean(axis=0)).sum(axis=1))
    ]
    expected = (np.linalg.norm(large.positions - middle, axis=1) < 8.0).sum()
    assert (
        np.linalg.norm(positions - positions[originals == 0][len(positions) // 2], axis=1) < 4.0
    ).any()
    assert (np.linalg.norm(positions - atoms.positions[0], axis=1) < 8.0).sum() == expected


def test_too_few_atoms_are_refused():
    with pytest.raises(DataError, match="S014"):
        list(StridedWindows()(Sample("a", Atoms("Au2", [[0, 0, 0], [3, 0, 0]]))))


def two_phases():
    """A grid of 8 × 4 × 4 windows; those below x = 4 are of the first class for sure, the others of the second."""
    sample = Sample("gold", gold().atoms.repeat((2, 1, 1)), "fcc", "Au")
    grid, windows = windows_of(sample, size=4.0, stride=1.4)
    places = [window.meta["place"] for window in windows]
    half = grid.shape[0] // 2
    return sample.atoms, grid, places, [[1.0, 0.0] if p[0] < half else [0.0, 1.0] for p in places]


def test_a_map_is_sure_inside_and_unsure_where_windows_disagree():
    atoms, grid, places, said = two_phases()
    found = window_map(grid, places, said, ("a", "b"))
    half = grid.shape[0] // 2
    assert (found.structure()[:half] == 0).all() and (found.structure()[half:] == 1).all()
    assert found.entropy[half // 2].max() < 1e-9 and found.disagreement[half].min() > 0.1
    assert found.disagreement[0].min() > 0.1, "the first plane follows upon the last"
    assert found.windows.min() == found.windows.max() > 1
    told = found.of_atoms(atoms)
    clear = np.abs(atoms.positions[:, 0] - atoms.cell[0, 0] / 2) > 2.0
    assert (told[clear] == (atoms.positions[clear, 0] > atoms.cell[0, 0] / 2)).all()


def test_doubt_of_each_window_is_no_disagreement():
    _, grid, places, _ = two_phases()
    found = window_map(grid, places, [[0.5, 0.5]] * len(places), ("a", "b"))
    assert np.allclose(found.entropy, 1) and np.allclose(found.disagreement, 0)


def test_where_no_window_is_nothing_is_said():
    _, grid, places, said = two_phases()
    left = [number for number, place in enumerate(places) if place[0] == 1]
    found = window_map(
        grid, [places[n] for n in left], [said[n] for n in left], ("a", "b"), reach=0.01
    )
    assert (found.structure()[1] >= 0).all() and (found.structure()[2:] == -1).all()
    with pytest.raises(ValueError, match="1 rows of probabilities for 2 windows"):
        window_map(grid, places[:2], said[:1], ("a", "b"))
