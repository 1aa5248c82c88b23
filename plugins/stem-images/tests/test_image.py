"""`stem-image`: what physics says of one atom, of two, of a crystal, of what is missing in it."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, mx2
from pydantic import ValidationError

from structkit import DataError, Sample
from structkit_stem_images import MarkedDefects, StemImage, ThinCrystals
from structkit_stem_images.crystals import unit_cell
from structkit_stem_images.scattering import cross_sections, wavelength
from structkit_stem_images.settings import CRYSTALS, StemSettings

SHARP = {"tails": 0.0, "probe": 0.4, "pixels": 64, "sampling": 0.1}


def image_of(atoms, **settings):
    return StemImage(**{**SHARP, **settings})(atoms)["image"][0].astype(float)


def centre(image):
    down, across = np.indices(image.shape)
    return np.array([(across * image).sum(), (down * image).sum()]) / image.sum()


def test_wavelengths_are_those_of_the_tables():
    for voltage, known in ((80, 0.04176), (100, 0.03701), (200, 0.02508), (300, 0.01969)):
        assert wavelength(voltage) == pytest.approx(known, abs=1e-5)


def test_all_that_an_atom_scatters_is_in_its_image():
    for tails in (0.0, 0.3):
        image = image_of(Atoms("Mo", [[0, 0, 0]]), tails=tails, tail_probe=0.5)
        area = cross_sections(np.array([42]), 1.7, 80, (60, 200))[0]
        assert image.sum() * 0.1**2 == pytest.approx(area, rel=1e-4)


def test_the_profile_is_that_of_the_probe():
    image = image_of(Atoms("Mo", [[0, 0, 0]]), pixels=65)
    away = 0.1 * (np.arange(65) - 32)
    assert np.allclose(image[32] / image[32, 32], np.exp(-(away**2) / (2 * 0.4**2)), atol=1e-5)


def test_brightness_goes_with_a_power_of_the_atomic_number():
    for power in (1.6, 2.0):
        carbon, gold = (image_of(Atoms(one, [[0, 0, 0]]), power=power).sum() for one in ("C", "Au"))
        assert gold / carbon == pytest.approx((79 / 6) ** power, rel=1e-4)


def test_a_higher_voltage_or_a_smaller_ring_scatters_less():
    plain, fast, ring = (
        cross_sections(np.array([6]), 2.0, voltage, detector)[0]
        for voltage, detector in ((80, (60, 200)), (300, (60, 200)), (80, (80, 200)))
    )
    assert fast < plain and ring < plain


def test_atoms_add_up():
    one, two = Atoms("C", [[0.3, 0.1, 0]]), Atoms("O", [[-0.8, 0.5, 3.0]])
    both = image_of(one + two + Atoms("He", [[-0.3, -0.1, 0]]) + Atoms("He", [[0.8, -0.5, -3.0]]))
    rest = image_of(Atoms("He2", [[-0.3, -0.1, 0], [0.8, -0.5, -3.0]]) + one)
    alone = image_of(Atoms("O", [[0, 0, 0]]))
    assert (both - rest).sum() == pytest.approx(alone.sum(), rel=1e-4)


def test_places_are_exact_to_a_hundredth_of_a_pixel():
    pair = Atoms("Au2", [[0.05, -0.63, 0], [-0.05, 0.63, 0]])
    arrays = StemImage(**{**SHARP, "probe": 0.15})(pair)
    half = arrays["image"][0].astype(float)[32:]
    down, across = np.indices(half.shape)
    seen = np.array([(across * half).sum(), ((down + 32) * half).sum()]) / half.sum()
    assert np.abs(seen - arrays["sites"][1, :2]).max() < 0.01
    expected = np.array([-0.05, 0.63]) / 0.1 + 31.5
    assert np.abs(arrays["sites"][1, :2] - expected).max() < 1e-4


def test_a_tilt_moves_atoms_by_their_depth():
    pair = Atoms("Au2", [[0, 0, 5.0], [0, 0, -5.0]])
    tilted = StemImage(**{**SHARP, "probe": 0.15, "tilt": (8.0, 0.0)})(pair)
    image = tilted["image"][0].astype(float)
    right = image[:, 32:]
    down, across = np.indices(right.shape)
    middle = ((across + 32) * right).sum() / right.sum()
    assert (middle - 31.5) * 0.1 == pytest.approx(5 * np.tan(np.radians(8)), abs=0.005)
    assert len(tilted["sites"]) == 1  # still one column, in the middle
    assert np.allclose(tilted["sites"][0, :2], 31.5)


def test_thickness_multiplies_and_repeats():
    gold = bulk("Au", cubic=True)
    thin, thick = (image_of(gold, thickness=t).sum() for t in (4.08, 40.8))
    assert thick / thin == pytest.approx(10, rel=1e-5)
    slab = mx2("MoS2", vacuum=8.0)
    assert image_of(slab, thickness=10).sum() == pytest.approx(image_of(slab, thickness=30).sum())


@pytest.mark.parametrize("view", [(0, 0, 1), (1, 1, 0), (1, 2, 3)])
def test_a_supercell_looks_the_same(view):
    cell = bulk("NaCl", "rocksalt", a=5.64)
    plain, large = (image_of(one, view=view, pixels=48) for one in (cell, cell.repeat(2)))
    assert np.abs(plain - large).max() < 1e-5 * plain.max()


def test_columns_of_a_known_crystal():
    arrays = StemImage(pixels=96, sampling=0.2)(unit_cell("SrTiO3"))
    heavy, light = (arrays["sites"][arrays["sites"][:, 3] == z] for z in (38, 22))
    assert len(heavy) == 25 and len(light) in (16, 25) and set(arrays["sites"][:, 2]) == {1}
    steps = np.diff(np.unique(np.round(heavy[:, 0], 3))) * 0.2
    assert np.allclose(steps, 3.905, atol=1e-3)
    oxygen = StemImage(pixels=96, sampling=0.2, faint=0.01)(unit_cell("SrTiO3"))["sites"]
    assert (oxygen[:, 3] == 8).any()  # there, but too faint to be marked


def test_marks_are_discs_about_the_sites():
    arrays = StemImage(pixels=64, marks=("defects", "species"))(mx2("MoS2", vacuum=5.0))
    down, across = np.indices((64, 64))
    nearest = np.min(
        [np.hypot(across - site[0], down - site[1]) for site in arrays["sites"]], axis=0
    )
    assert (arrays["defects"][nearest < 2.4] == 1).all()
    assert (arrays["defects"][nearest > 6] == 0).all()
    assert set(np.unique(arrays["species"])) == {0, 16, 42}


def test_defects_are_seen_where_they_were_made():
    piece = next(iter(_pieces("MoS2")))
    child = next(MarkedDefects(vacancies=0.1, substitutions=0.1)(piece, np.random.default_rng(3)))
    before, after = (StemImage()(one.atoms) for one in (piece, child))
    assert {1, 2, 3} == set(after["sites"][:, 2].astype(int))
    change = (after["image"] - before["image"])[0]
    for across, down, kind, _ in after["sites"]:
        row, column = round(float(down)), round(float(across))
        if 3 < row < 124 and 3 < column < 124:
            here = np.abs(change[row - 1 : row + 2, column - 1 : column + 2]).max()
            assert (kind == 1) or here > 0.01 * before["image"].max()
    assert len(after["sites"]) == pytest.approx(len(before["sites"]), abs=3)


def test_species_that_are_meant_and_those_that_are_not():
    piece = next(iter(_pieces("SrTiO3")))
    words = {"vacancies": 0.0, "substitutions": 0.3, "species": ("Sr",), "replace": {"Sr": "Ca"}}
    child = next(MarkedDefects(**words)(piece, np.random.default_rng(0)))
    changed = child.atoms.numbers != piece.atoms.numbers
    assert set(piece.atoms.numbers[changed]) == {38} and set(child.atoms.numbers[changed]) == {20}
    assert np.array_equal(child.atoms.arrays["substituted"] != 0, changed)
    assert child.meta["defects"] == {"vacancies": 0, "substitutions": int(changed.sum())}


def test_the_state_is_a_label():
    made = [
        next(MarkedDefects(share=0.5, label="state")(one, np.random.default_rng(seed)))
        for seed, one in enumerate(_pieces("MoS2", 12))
    ]
    for child in made:
        told = sum(child.meta["defects"].values()) > 0
        assert child.label == ("defects" if told else "perfect")
    assert {child.label for child in made} == {"defects", "perfect"}


def _pieces(crystal, count=1):
    source = ThinCrystals(crystals=(crystal,), count=count)
    for task in source.tasks():
        yield from source.samples(task, np.random.default_rng(0))


@pytest.mark.parametrize("crystal", CRYSTALS)
def test_pieces_cover_their_field(crystal):
    (piece,) = _pieces(crystal)
    spread = np.ptp(piece.atoms.positions[:, :2], axis=0)
    assert (spread > 27).all() and (spread < 31).all()
    assert piece.label == crystal and not piece.atoms.pbc.any()
    cell = unit_cell(crystal)
    density = len(cell) / abs(np.linalg.det(cell.cell[:2, :2]))
    layers = np.ceil(12 / cell.cell[2, 2] - 1e-6) if cell.pbc[2] else 1
    assert len(piece.atoms) == pytest.approx(density * layers * 30**2, rel=0.15)


def test_a_view_that_asks_for_too_many_atoms_is_refused():
    with pytest.raises(DataError, match="G015"):
        StemImage(pixels=4096, sampling=5, thickness=1000)(bulk("Cu"))
    with pytest.raises(DataError, match="S010"):
        StemImage()(Atoms())


@pytest.mark.parametrize("wrong", [{"view": (0, 0, 0)}, {"tilt": (30, 0)}, {"detector": (90, 60)},
                                   {"pixels": 8}, {"marks": ("colour",)}, {"probe": 0}])  # fmt: skip
def test_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        StemSettings(**wrong)


def test_the_middle_of_a_molecule_is_the_middle_of_the_image():
    water = Atoms("Au2", [[10.0, 20.0, 5.0], [11.0, 20.0, 5.0]])
    assert np.allclose(centre(image_of(water)), 31.5, atol=1e-3)
    assert Sample("x", water).atoms is water
