"""The powder pattern against the Debye equation, and the robust length scale."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pydantic import ValidationError

from structkit_diffraction_fingerprint import (
    DiffractionFingerprint,
    PowderImage,
    PowderPattern,
    mean_neighbour_distance,
    typical_neighbour_distance,
)


def test_agrees_with_the_debye_equation_of_a_cluster():
    rng = np.random.default_rng(2)
    atoms = Atoms("Cu12", rng.uniform(0, 5, (12, 3)))
    pattern = PowderPattern(reach=20.0, points=50)(atoms)["vector"]
    distances = atoms.get_all_distances()[np.triu_indices(12, 1)] / typical_neighbour_distance(
        atoms
    )
    distances = distances[distances < 20]
    q = np.linspace(4, 24, 50)
    window = np.sinc(distances / 20)
    direct = (window[:, None] * np.sinc(np.outer(distances, q) / np.pi)).sum(axis=0)
    # the histogram has bins of 0.0025
    assert np.abs(pattern - direct / np.linalg.norm(direct)).max() < 0.006


def test_element_and_scale_do_not_matter():
    copper, gold = bulk("Cu").repeat(4), bulk("Au", a=5.0).repeat(4)
    assert np.allclose(
        PowderPattern()(copper)["vector"], PowderPattern()(gold)["vector"], atol=1e-3
    )


def test_crystals_differ_and_vacancies_hardly_matter():
    fcc, hcp = bulk("Cu", cubic=True).repeat(4), bulk("Mg").repeat((5, 5, 4))
    holes = fcc[np.sort(np.random.default_rng(0).permutation(256)[64:])]
    pattern = PowderPattern()
    same = pattern(fcc)["vector"] @ pattern(holes)["vector"]
    other = pattern(fcc)["vector"] @ pattern(hcp)["vector"]
    assert same > 0.97 > 0.95 > other


@pytest.mark.parametrize("element", ["Cu", "Fe", "Si", "Po"])
def test_typical_distance_does_not_shrink_with_displacements(element):
    atoms = bulk(element, cubic=True).repeat(4 if element != "Si" else 3)
    perfect = mean_neighbour_distance(atoms)
    assert typical_neighbour_distance(atoms) == pytest.approx(perfect, rel=0.003)
    atoms.positions += np.random.default_rng(1).normal(scale=0.06, size=atoms.positions.shape)
    assert mean_neighbour_distance(atoms) < 0.975 * perfect
    assert typical_neighbour_distance(atoms) == pytest.approx(perfect, rel=0.006)


def test_refuses_wrong_settings():
    with pytest.raises(ValidationError, match="is not below largest"):
        PowderPattern(smallest=9.0, largest=3.0)


def test_last_row_of_the_image_is_the_pattern():
    atoms = bulk("Si", cubic=True).repeat(3)
    image = PowderImage(size=40)(atoms)["image"]
    row, pattern = image[0, -1], PowderPattern(points=40)(atoms)["vector"]
    assert image.shape == (1, 40, 40) and np.abs(image).max() == 1.0
    assert np.allclose(row / np.linalg.norm(row), pattern, atol=1e-4)


def test_first_rows_see_the_first_shell_only():
    """Diamond and silicon carbide's lattice share it; fcc has three times the neighbours at the same distance."""
    image = PowderImage(size=32, shortest=1.2)
    first = [image(bulk(e, cubic=True).repeat(3))["image"][0, 0] for e in ("Cu", "Si")]
    shapes = [row / np.linalg.norm(row) for row in first]
    assert shapes[0] @ shapes[1] > 0.9


@pytest.mark.parametrize(
    "descriptor", [DiffractionFingerprint(size=16), PowderPattern(), PowderImage(size=16)]
)
def test_a_structure_without_a_cell_is_told_of(descriptor, caplog):
    crystal = bulk("Cu", cubic=True).repeat(2)
    descriptor(crystal)
    assert "S067" not in caplog.text
    crystal.pbc = (True, True, False)
    descriptor(crystal)
    assert "S067 structures without a cell periodic in three directions" in caplog.text
