"""The other views of a configuration: metrics, images, histograms."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from structkit import DataError
from structkit_particle_descriptors import GlassMetrics, PairHistogram, ParticleImage, glass_metrics
from structkit_particle_descriptors.examples import flat
from structkit_particle_descriptors.picture import picture

TOY = [(0, 0), (1, 0), (2.1, 0), (3.3, 0), (10, 0), (11, 0), (12.1, 0)]
IS_B = np.array([c == "B" for c in "ABBAAAA"])


def test_metrics_of_the_toy():
    found = glass_metrics(TOY, IS_B, k=2)
    assert found == (1, 1, 3) and (found.components, found.bb_edges, found.isolated_a) == (1, 1, 3)


def test_metrics_do_not_change_with_the_order_or_the_origin():
    order = np.random.default_rng(0).permutation(7)
    places = np.array(TOY)[order] @ [[0, 1], [-1, 0]] + [5, 7]
    assert glass_metrics(places, IS_B[order]) == (1, 1, 3)


def test_metrics_in_a_periodic_box():
    """A chain of four around the box, 1 apart: every particle touches its two neighbours through the boundary."""
    places = [(0.5, 0), (1.5, 0), (2.5, 0), (3.5, 0)]
    assert glass_metrics(places, [True, False, False, True], k=2, cell=(4, 50)) == (1, 1, 0)
    assert glass_metrics(places, [True, False, False, False], k=2, cell=(4, 50)) == (1, 0, 1)


def test_metrics_as_a_descriptor_are_per_particle():
    atoms = Atoms(["Ni" if not b else "P" for b in IS_B], [(*p, 0) for p in TOY])
    assert np.allclose(GlassMetrics()(atoms)["vector"], np.array([1, 1, 3]) / 7)


def test_image_counts_particles_and_is_periodic():
    atoms = flat()
    image = ParticleImage(size=48)(atoms)["image"]
    assert image.shape == (3, 48, 48) and image.dtype == np.float32
    counts = [(atoms.numbers == 28).sum(), (atoms.numbers == 15).sum(), len(atoms)]
    assert np.allclose(image.sum(axis=(1, 2)), counts, rtol=1e-3)
    moved = atoms.copy()
    moved.positions[:, 0] += 6.0 / 48 * 5  # five pixels
    assert np.allclose(ParticleImage(size=48)(moved)["image"], np.roll(image, 5, axis=2), atol=1e-5)
    drawn = picture({"image": image}, {"width": 6.0, "size": 48})
    assert drawn.pixels.shape == (48, 48, 3) and (drawn.x.low, drawn.x.high) == (-3.0, 3.0)
    assert list(drawn.key) == ["Ni", "P"]


@pytest.mark.parametrize("boxes", [-1, 1, 2])
def test_a_part_of_a_periodic_box_does_not_depend_on_the_images_that_are_written(boxes):
    atoms = flat(40)
    moved = atoms.copy()
    moved.positions[::2, 0] += boxes * atoms.cell[0, 0]
    images = [ParticleImage(width=4.0)(one)["image"] for one in (atoms, moved)]
    assert images[0].sum() > 5 and np.allclose(*images, atol=1e-5)
    with pytest.raises(DataError, match="M020 width 50 is more than the periodic box"):
        ParticleImage(width=50)(atoms)


def test_histogram_refuses_a_species_that_it_would_leave_out():
    with pytest.raises(DataError, match="M020 Cl has no histogram .species: Ni, P.; set species"):
        PairHistogram()(bulk("NaCl", "rocksalt", a=5.64))


def test_image_shows_where_a_particle_is():
    one = Atoms("P", [[1.0, 4.0, 0]], cell=[8, 8, 0], pbc=(True, True, False))
    image = ParticleImage(size=8)(one)["image"]
    assert image[0].max() == 0 and np.unravel_index(image[1].argmax(), (8, 8))[0] in (3, 4)
    assert np.unravel_index(image[1].argmax(), (8, 8))[1] in (0, 1)


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (
            Atoms("Cu", [[0, 0, 0]], cell=[5, 5, 0], pbc=(True, True, False)),
            "M020 Cu has no channel",
        ),
        (Atoms("Ni2", [[0, 0, 0], [1, 1, 1]]), "M020 the particles do not lie in a plane"),
        (
            Atoms("Ni", [[0, 0, 0]], cell=[5, 6, 0], pbc=(True, True, False)),
            "M020 the box is 5 by 6, no square",
        ),
        (
            Atoms(
                "Ni", [[0, 0, 0]], cell=[[5, 0, 0], [2, 5, 0], [0, 0, 0]], pbc=(True, True, False)
            ),
            "M020 the box is sheared",
        ),
    ],
)
def test_image_refuses_what_it_cannot_show(atoms, message):
    with pytest.raises(DataError, match=message):
        ParticleImage()(atoms)


def test_histogram_of_an_ideal_gas_is_one():
    rng = np.random.default_rng(0)
    atoms = Atoms(["Ni", "P"] * 1500, np.column_stack([rng.uniform(0, 50, (3000, 2)), np.zeros(3000)]),
                  cell=[50, 50, 0], pbc=(True, True, False))  # fmt: skip
    found = PairHistogram(reach=5.0, bins=10)(atoms)["vector"].reshape(3, 10)
    assert np.allclose(found[:, 2:], 1, atol=0.06)


def test_histogram_of_a_square_lattice_sits_at_its_distances():
    square = Atoms(
        "Ni16",
        [[i, j, 0] for i in range(4) for j in range(4)],
        cell=[4, 4, 0],
        pbc=(True, True, False),
    )
    found = PairHistogram(reach=2.05, bins=41)(square)["vector"].reshape(3, 41)
    assert np.flatnonzero(found[0]).tolist() == [20, 28, 40] and not found[1:].any()  # 1, √2 and 2
    assert found[0, 20] == pytest.approx(4 / (np.pi * (1.05**2 - 1)), rel=1e-5)
