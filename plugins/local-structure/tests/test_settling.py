"""Verdicts given while atoms are still looked at are those that are given at the end."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from structkit_local_structure import grid, grouping, settling
from structkit_local_structure.blocks import Surroundings
from structkit_local_structure.making.built import DISORDERED, OTHER
from structkit_local_structure.settling import Verdicts

COUNT, CLASSES, COMPANY = 3000, 7, 3
LIMITS = np.linspace(-0.5, 1.0, CLASSES).astype(np.float32)


@pytest.fixture(scope="module")
def told():
    """Atoms at random places, and what networks might say of them."""
    rng = np.random.default_rng(4)
    places = rng.random((COUNT, 3))
    neighbours = cKDTree(places).query(places, k=15)[1][:, 1:].astype(np.int32)
    region = (places * [3, 2, 2]).astype(int) @ [1, 3, 6] % CLASSES  # neighbours mostly agree
    logits = rng.normal(size=(COUNT, CLASSES)) + 3 * np.eye(CLASSES)[region]
    powers = np.exp(logits)
    probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    odds = rng.normal(size=COUNT).astype(np.float32)
    alike = rng.uniform(0.7, 1.0, size=(COUNT, 12)).astype(np.float32)
    return places, neighbours, probabilities, odds, alike


def verdicts(told, chunks):
    """The same, chunk by chunk."""
    _, neighbours, probabilities, odds, alike = told
    result = Verdicts(COUNT, LIMITS, COMPANY)
    for atoms in chunks:
        nothing = np.zeros((len(atoms), 240), np.float32)
        own = np.arange(len(atoms), dtype=np.int32)
        features = nothing[:, :120]
        some = Surroundings(atoms, features, neighbours[atoms], alike[atoms], nothing, own)
        result.take(some, probabilities[atoms], odds[atoms])
    result.settle()
    return result


def at_the_end(told):
    """Class, novelty and grains by arrays of all atoms: what `Verdicts` does without them."""
    _, neighbours, probabilities, odds, alike = told
    near = neighbours[:, :12]
    second, first = np.argsort(probabilities, axis=1)[:, -2:].T
    company = (first[near] == first[:, None]).sum(axis=1) >= COMPANY
    other = (first[near] == second[:, None]).sum(axis=1) >= COMPANY
    fallback = np.where((second < DISORDERED) & other, second, DISORDERED)
    chosen = np.where((first >= DISORDERED) | company, first, fallback)
    mean = (odds + odds[near].sum(axis=1)) / 13
    beyond = (mean + mean[near].sum(axis=1)) / 13 - LIMITS[chosen]
    structure = np.where(beyond > 0, OTHER, chosen)
    linked = (alike > grouping.ALIKE[first][:, None]) & (structure[near] == structure[:, None])
    linked &= (structure < DISORDERED)[:, None]
    one, place = np.nonzero(linked)
    graph = coo_matrix((np.ones(len(one)), (one, near[one, place])), shape=(COUNT, COUNT))
    return structure, 1 / (1 + np.exp(-2 * beyond)), connected_components(graph)[1]


def slabs(places, thickness):
    order = np.argsort(places[:, 0])
    return [order[begin : begin + thickness] for begin in range(0, COUNT, thickness)]


def test_verdicts_are_those_of_arrays_of_all_atoms(told):
    structure, novelty, component = at_the_end(told)
    result = verdicts(told, slabs(told[0], 100))
    assert np.array_equal(result.marks.structure, structure)
    assert 0.2 < (structure == OTHER).mean() < 0.8 and np.allclose(
        result.novelty, novelty, atol=1e-5
    )
    grain = result.marks.parent.copy()
    grouping.grains_of(grain, result.marks.structure)
    sizes = np.bincount(component)
    large = (sizes[component] >= grouping.LEAST) & (structure < DISORDERED)
    assert np.array_equal(grain >= 0, large)
    pairs = np.unique(np.stack([grain[large], component[large]], axis=1), axis=0)
    assert len(pairs) == len(np.unique(component[large])) > 3, "a grain is a component"


@pytest.mark.parametrize("thickness", [1, 37, 800])
@pytest.mark.parametrize("patience", [1, 500])
def test_slabs_of_any_size_give_the_same_to_the_bit(told, thickness, patience, monkeypatch):
    whole = verdicts(told, [np.arange(COUNT)])
    monkeypatch.setattr(settling, "PATIENCE", patience)
    other = verdicts(told, slabs(told[0], thickness))
    for name in ("confidence", "novelty", "possible"):
        assert np.array_equal(getattr(other, name), getattr(whole, name))
    assert np.array_equal(other.marks.structure, whole.marks.structure)
    for each in (whole, other):
        grouping.grains_of(each.marks.parent, each.marks.structure)
    assert np.array_equal(other.marks.parent, whole.marks.parent)


def test_links_are_forgotten(told, monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 100)
    most = 0
    take = grouping.Links.take

    def counted(links, some, classes):
        nonlocal most
        take(links, some, classes)
        most = max(most, links.count)

    monkeypatch.setattr(grouping.Links, "take", counted)
    places = told[0].copy()
    places[:, 0] *= 20  # a needle: slabs have few neighbours outside
    near = cKDTree(places).query(places, k=15)[1][:, 1:].astype(np.int32)
    result = verdicts((places, near, *told[2:]), slabs(places, 50))
    assert most < COUNT / 3 and result._links.count == 0


def test_bins_hold_the_atoms_that_are_in_them():
    rng = np.random.default_rng(0)
    positions = rng.uniform(-30, 30, size=(5000, 3))
    bins = grid.grid_of(positions, np.diag([20.0, 10.0, 5.0]), np.array([True, True, False]))
    assert np.array_equal(np.sort(bins.order), np.arange(5000))
    places = np.minimum((bins.positions @ bins.to_bins).astype(int), bins.shape - 1)
    numbers = (places[:, 0] * bins.shape[1] + places[:, 1]) * bins.shape[2] + places[:, 2]
    own = np.searchsorted(bins.starts, np.arange(5000), side="right") - 1
    assert (numbers == own).mean() > 0.999, "but for rounding at their faces"
    moved = bins.positions[:, :2] - positions[bins.order][:, :2]
    assert np.allclose(moved / [20, 10], np.round(moved / [20, 10]), atol=1e-9)
