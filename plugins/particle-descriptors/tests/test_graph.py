"""Graphs against structures whose neighbours are known, and what must not change them."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111

from structkit import DataError
from structkit_particle_descriptors import NeighbourGraph
from structkit_particle_descriptors.examples import flat
from structkit_particle_descriptors.neighbours import nearest, voronoi, within

LATTICES = [
    (bulk("Cu"), 12),
    (bulk("Fe"), 8),
    (bulk("Si"), 4),
    (bulk("Mg", c=3.21 * (8 / 3) ** 0.5), 12),
]


@pytest.mark.parametrize(("atoms", "neighbours"), LATTICES, ids=["fcc", "bcc", "diamond", "hcp"])
@pytest.mark.parametrize("k", [1, "all"])
def test_nearest_of_crystals_with_ties(atoms, neighbours, k):
    """In a crystal all nearest are equally near: asking for one gives all of them, in any cell."""
    for cell in (atoms, atoms.repeat(2)):
        found = nearest(cell, neighbours if k == "all" else 1)
        assert (np.bincount(found.receivers, minlength=len(cell)) == neighbours).all()


@pytest.mark.parametrize(
    ("atoms", "facets"), [(bulk("Cu"), 12), (bulk("Fe"), 14), (bulk("Po", "sc", a=3.35), 6)]
)
def test_voronoi_of_crystals_ignores_facets_of_size_zero(atoms, facets):
    for cell in (atoms, atoms.repeat(2)):
        found = voronoi(cell, 0.05)
        assert (np.bincount(found.receivers, minlength=len(cell)) == facets).all()


def test_voronoi_of_a_square_lattice():
    square = Atoms(
        "H9",
        [[i, j, 0] for i in range(3) for j in range(3)],
        cell=[3, 3, 0],
        pbc=(True, True, False),
    )
    found = voronoi(square, 0.05)
    assert (np.bincount(found.receivers) == 4).all() and np.allclose(found.distances, 1)


def test_voronoi_of_an_open_triangle():
    triangle = Atoms("H3", [[0, 0, 0], [1, 0, 0], [0.4, 0.9, 0]])
    assert len(voronoi(triangle, 0.05)) == 6


@pytest.mark.parametrize(
    "atoms", [fcc111("Cu", (2, 2, 3), vacuum=5), flat(30)], ids=["slab", "strip"]
)
def test_voronoi_of_what_is_periodic_in_some_directions_is_refused(atoms):
    atoms.pbc = (True, True, False) if np.ptp(atoms.positions[:, 2]) else (True, False, False)
    with pytest.raises(
        DataError,
        match="M022 periodic in . of . directions: the Voronoi cells at the surface are open",
    ):
        voronoi(atoms, 0.05)


def test_voronoi_of_a_line_is_refused():
    with pytest.raises(DataError, match="M022"):
        voronoi(Atoms("H5", [[i, 0, 0] for i in range(5)]), 0.05)


def test_every_edge_has_its_reverse():
    for atoms in (
        bulk("Cu"),
        bulk("Mg"),
        flat(),
        flat(periodic=False),
        bulk("NaCl", "rocksalt", a=5.64),
    ):
        for edges in (nearest(atoms, 5), within(atoms, 3.0), voronoi(atoms, 0.05)):
            back = edges.reverse()
            assert np.array_equal(back[back], np.arange(len(edges)))
            assert np.array_equal(edges.senders[back], edges.receivers)
            assert np.array_equal(edges.shifts[back], -edges.shifts)
            assert np.allclose(edges.distances[back], edges.distances)


@pytest.mark.parametrize(
    "settings", [{"k": 6}, {"neighbours": "cutoff", "cutoff": 1.4}, {"neighbours": "voronoi"}]
)
def test_graph_does_not_change_with_how_it_is_laid_down(settings):
    atoms = flat()
    first = NeighbourGraph(**settings)(atoms)
    moved = atoms.copy()
    moved.positions[:, :2] += [1.7, -2.2]
    wrapped = moved.copy()
    wrapped.wrap()
    mirrored = atoms.copy()
    mirrored.positions[:, 0] *= -1
    other_image = atoms.copy()
    other_image.positions[3, 0] += 6.0
    order = np.random.default_rng(0).permutation(len(atoms))

    def described(structure, names=None):
        found = NeighbourGraph(**settings)(structure)
        names = np.arange(len(structure)) if names is None else names
        triples = zip(
            names[found["senders"]], names[found["receivers"]], found["distances"], strict=True
        )
        return sorted((int(s), int(r), round(float(d), 4)) for s, r, d in triples)

    expected = described(atoms)
    assert len(expected) == len(first["distances"]) > 100
    for name, structure in (
        ("moved", moved),
        ("wrapped", wrapped),
        ("mirrored", mirrored),
        ("image", other_image),
    ):
        assert described(structure) == expected, name
    assert described(atoms[order], order) == expected


def test_open_graphs_of_few_particles():
    one = NeighbourGraph()(Atoms("Ni", [[0, 0, 0]]))
    assert (
        one["distances"].shape == (0,)
        and one["numbers"].tolist() == [28]
        and one["reverse"].shape == (0,)
    )
    two = NeighbourGraph(k=6)(Atoms("NiP", [[0, 0, 0], [1, 0, 0]]))
    assert two["senders"].tolist() == [1, 0] and two["reverse"].tolist() == [1, 0]


def test_scale_and_species_can_be_taken_away():
    copper, gold = (
        NeighbourGraph(scale="mean", species=False, k=12)(bulk(name)) for name in ("Cu", "Au")
    )
    assert all(np.allclose(copper[name], gold[name]) for name in copper) and copper[
        "numbers"
    ].tolist() == [0]


def test_angles_of_a_square_lattice():
    square = Atoms(
        "H9",
        [[i, j, 0] for i in range(3) for j in range(3)],
        cell=[3, 3, 0],
        pbc=(True, True, False),
    )
    assert np.allclose(NeighbourGraph(k=4, angles=True)(square)["angles"], 0, atol=1e-6)
