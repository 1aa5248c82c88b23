"""The fingerprint against the original simulation program, against a plain sum, and against geometry."""

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pydantic import ValidationError
from scipy.spatial.transform import Rotation

from structkit import DataError
from structkit_diffraction_fingerprint import DiffractionFingerprint, mean_neighbour_distance
from structkit_diffraction_fingerprint.form_factors import form_factor
from structkit_diffraction_fingerprint.geometry import detector, rotation
from structkit_diffraction_fingerprint.settings import FingerprintSettings

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "diffraction.npz"
needs_reference = pytest.mark.skipif(
    not REFERENCE.exists(), reason="../shared is not here: no reference numbers"
)


def reference_names():
    return list(np.load(REFERENCE)["names"]) if REFERENCE.exists() else ["absent"]


@needs_reference
@pytest.mark.parametrize("name", reference_names())
def test_agrees_with_the_original_program(name):
    data = np.load(REFERENCE)
    atoms = Atoms(
        data[f"{name}/numbers"], data[f"{name}/positions"], cell=data[f"{name}/cell"], pbc=True
    )
    image = DiffractionFingerprint()(atoms)["image"]
    assert image.dtype == np.float32 and image.shape == (3, 64, 64)
    assert np.abs(image - data[f"{name}/image"]).max() < 2e-5
    assert mean_neighbour_distance(atoms) == pytest.approx(
        float(data[f"{name}/scale_factor"]), abs=1e-10
    )


@needs_reference
def test_keeps_the_pixels_of_the_original_mask():
    assert np.array_equal(detector(FingerprintSettings()).keep, np.load(REFERENCE)["mask_keep"])


def plain_sum(atoms, settings):
    """The equations of the paper, term by term, in double precision."""
    found = detector(settings)
    positions = atoms.positions / mean_neighbour_distance(atoms)
    length = np.linalg.norm(found.vectors, axis=1)
    image = np.zeros((3, settings.size, settings.size))
    for axis in range(3):
        for sign in (-1, 1):
            h = found.vectors @ rotation(axis, sign * settings.angle).T
            total = np.zeros(len(h), complex)
            for number, position in zip(atoms.numbers, positions, strict=True):
                total += form_factor(int(number) + 2, length) * np.exp(-2j * np.pi * h @ position)
            image[axis][found.keep] += np.abs(total) ** 2 * found.solid_angle
    return image / image.max()


@pytest.mark.parametrize("angle", [45.0, 20.0])
def test_agrees_with_the_plain_sum(angle):
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    atoms.positions += np.random.default_rng(0).normal(scale=0.1, size=(8, 3))
    settings = FingerprintSettings(size=32, angle=angle)
    image = DiffractionFingerprint(size=32, angle=angle)(atoms)["image"]
    assert np.abs(image - plain_sum(atoms, settings)).max() < 1e-5


def test_batch_has_one_image_a_structure():
    structures = [bulk("Cu", cubic=True), bulk("Fe", cubic=True).repeat(2)]
    images = DiffractionFingerprint().batch(structures)["image"]
    assert images.shape == (2, 3, 64, 64) and images.dtype == np.float32
    assert images.max() == 1.0 and images.min() >= 0.0


def test_scale_of_the_crystal_does_not_matter():
    small, large = bulk("Cu", a=3.6, cubic=True).repeat(3), bulk("Cu", a=5.1, cubic=True).repeat(3)
    fingerprint = DiffractionFingerprint()
    assert np.abs(fingerprint(small)["image"] - fingerprint(large)["image"]).max() < 1e-5


def test_orientation_of_the_crystal_matters():
    """The recipe's known limit: nothing here promises invariance under rotation."""
    upright = bulk("Cu", cubic=True).repeat(4)
    turned = upright.copy()
    turned.rotate(25, (1, 1, 0), rotate_cell=True)
    fingerprint = DiffractionFingerprint()
    assert np.abs(fingerprint(upright)["image"] - fingerprint(turned)["image"]).max() > 0.2


def test_ring_is_open_and_scales_with_size():
    image = DiffractionFingerprint(size=128)(bulk("Cu", cubic=True).repeat(3))["image"]
    axis = np.arange(128) - 63.5
    radius = np.hypot(*np.meshgrid(axis, axis))
    assert (image[:, (radius <= 20) | (radius >= 60)] == 0).all()
    assert (image[:, (radius > 20) & (radius < 60)] > 0).any()


@pytest.mark.parametrize("seed", range(6))
def test_neighbour_distance_agrees_with_all_images(seed):
    """Against the smallest of all pairs with all images, in skewed cells with partial periodicity."""
    rng = np.random.default_rng(seed)
    cell = np.diag(rng.uniform(2, 6, 3)) + np.triu(rng.uniform(-1.5, 1.5, (3, 3)), 1)
    pbc = [True, bool(seed % 2), bool(seed % 3)]
    atoms = Atoms("Cu4", scaled_positions=rng.random((4, 3)), cell=cell, pbc=pbc)
    steps = [range(-3, 4) if periodic else (0,) for periodic in pbc]
    images = np.array(np.meshgrid(*steps)).reshape(3, -1).T @ cell
    gaps = atoms.positions[None, :, None] + images[None, None] - atoms.positions[:, None, None]
    distance = np.linalg.norm(gaps, axis=-1)
    distance[distance < 1e-9] = np.inf
    assert mean_neighbour_distance(atoms) == pytest.approx(
        distance.min(axis=(1, 2)).mean(), abs=1e-10
    )


def test_form_factor_at_zero_is_the_number_of_electrons():
    for number in (1, 6, 14, 29, 79):
        assert form_factor(number, np.zeros(1))[0] == pytest.approx(number, rel=0.01)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_rotation_is_the_usual_one(axis):
    assert np.allclose(
        rotation(axis, 33), Rotation.from_euler("xyz"[axis], 33, degrees=True).as_matrix()
    )


@pytest.mark.parametrize(
    ("atoms", "code"),
    [
        (Atoms("Cu"), "S014"),
        (Atoms("Cu2", [[0, 0, 0], [0, 0, 0]], cell=[4, 4, 4], pbc=True), "S021"),
        (Atoms([110, 110], [[0, 0, 0], [0, 0, 2]]), "S031"),
    ],
)
def test_refuses_what_has_no_fingerprint(atoms, code):
    with pytest.raises(DataError, match=code):
        DiffractionFingerprint()(atoms)


@pytest.mark.parametrize(
    "wrong", [{"size": 4}, {"wavelength": 0}, {"inner_radius": 40}, {"colour": "red"}]
)
def test_refuses_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        DiffractionFingerprint(**wrong)
