"""`microscope`: each effect does what its unit says, and nothing else."""

import numpy as np
import pytest
from ase import Atoms
from pydantic import ValidationError

from structkit import Measurement
from structkit_stem_images import Microscope, StemImage
from structkit_stem_images.microscope import blurred, drawn_of
from structkit_stem_images.settings import MicroscopeSettings
from structkit_stem_images.warping import Warp, drawn_warp

NOTHING = {"dose": None, "defocus": 0.0, "drift": 0.0, "wobble": 0.0, "jitter": 0.0,
           "contamination": 0.0, "scale": "fraction"}  # fmt: skip
GRID = np.stack(np.meshgrid(np.arange(-12, 13, 3.0), np.arange(-12, 13, 3.0)), -1).reshape(-1, 2)


def sample(pixels=128, **settings):
    atoms = Atoms(f"Au{len(GRID)}", np.column_stack([GRID, np.zeros(len(GRID))]))
    return Measurement("grid", StemImage(pixels=pixels, tails=0.0, **settings)(atoms))


def taken(one, seed=0, **settings):
    return next(Microscope(**{**NOTHING, **settings})(one, np.random.default_rng(seed)))


def peaks(child):
    """Centroids of the image within 4 pixels of each site, (sites, 2)."""
    image = child.arrays["image"][0].astype(float)
    down, across = np.indices(image.shape)
    seen = []
    for site in child.arrays["sites"]:
        near = np.hypot(across - site[0], down - site[1]) < 5
        weight = np.where(near, image, 0)
        seen.append([(across * weight).sum() / weight.sum(), (down * weight).sum() / weight.sum()])
    return np.array(seen)


def test_without_effects_the_image_stays():
    one = sample()
    assert np.array_equal(taken(one).arrays["image"], one.arrays["image"])
    assert np.array_equal(taken(one).arrays["sites"], one.arrays["sites"])


@pytest.mark.parametrize("words", [{"dose": 1e4}, {"defocus": 3.0}, {"drift": 2.0}, {"wobble": 0.5},
                                   {"jitter": 0.2}, {"contamination": 0.3}])  # fmt: skip
def test_each_effect_changes_the_image_and_is_told(words):
    one = sample()
    child = taken(one, **words)
    assert not np.allclose(child.arrays["image"], one.arrays["image"], atol=1e-6)
    (name, value) = next(iter(words.items()))
    assert child.meta["microscope"][name] == pytest.approx(value)


def test_same_seed_same_image_and_copies_differ():
    one = sample()
    scope = Microscope(copies=3)
    first, second = (list(scope(one, np.random.default_rng(5))) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a.arrays["image"], b.arrays["image"])
    assert not np.array_equal(first[0].arrays["image"], first[1].arrays["image"])


def test_noise_is_that_of_so_many_electrons():
    flat = Measurement("flat", {"image": np.full((1, 256, 256), 0.05, np.float32),
                                "sampling": np.array([0.2])})  # fmt: skip
    for dose in (1e3, 1e5):
        image = taken(flat, dose=dose).arrays["image"].astype(float)
        electrons = dose * 0.2**2
        assert image.mean() == pytest.approx(0.05, rel=0.02)
        assert image.std() == pytest.approx(np.sqrt(0.05 / electrons), rel=0.03)
    read = taken(flat, dose=1e5, readout=50.0).arrays["image"].astype(float)
    assert read.std() == pytest.approx(np.sqrt(0.05 * 4000 + 50**2) / 4000, rel=0.03)


def test_defocus_is_a_disc_of_angle_times_distance():
    point = np.zeros((129, 129))
    point[64, 64] = 1.0
    disc = blurred(point, 20.0)
    down, across = np.indices(disc.shape)
    away = np.hypot(across - 64, down - 64)
    assert disc.sum() == pytest.approx(1, rel=0.02)  # what rings below nothing is nothing
    assert disc[away < 18].mean() == pytest.approx(1 / (np.pi * 20**2), rel=0.02)
    assert disc[away > 24].max() < 0.15 / (np.pi * 20**2)
    # 3 nm at 30 mrad: a radius of 0.9 Å, whose variance along an axis is a quarter of its square
    one = sample()
    wide = taken(one, defocus=3.0).arrays["image"][0].astype(float)
    assert wide.max() < 0.6 * one.arrays["image"].max()


def test_sites_and_marks_move_with_the_image():
    one = sample()
    for seed in range(3):
        child = taken(one, seed, drift=4.0, wobble=0.3)
        sites = child.arrays["sites"]
        inside = (np.abs(sites[:, :2] - 63.5) < 42).all(
            axis=1
        )  # what is beyond the edge is a mirror image
        assert (
            np.abs(peaks(child) - sites[:, :2])[inside].max() < 0.4
        )  # pixels, of a move of twenty
        for across, down, kind, _ in sites[inside]:
            assert child.arrays["defects"][round(float(down)), round(float(across))] == kind


def test_drift_is_that_far_from_first_row_to_last():
    warp = drawn_warp(101, 7.0, 0.0, 0.0, np.random.default_rng(1))
    assert np.hypot(np.ptp(warp.across), np.ptp(warp.down)) == pytest.approx(7.0)
    assert warp.across[50] == warp.down[50] == 0


def test_wobble_and_jitter_are_roots_of_mean_squares():
    warps = [drawn_warp(200, 0.0, 2.0, 0.0, np.random.default_rng(seed)) for seed in range(5)]
    for warp in warps:
        assert np.sqrt(np.mean(warp.across**2)) == pytest.approx(2.0)
        assert np.abs(np.diff(warp.across)).max() < 1.0  # slow
    jitter = drawn_warp(20_000, 0.0, 0.0, 1.5, np.random.default_rng(0))
    assert jitter.across.std() == pytest.approx(1.5, rel=0.03) and not jitter.down.any()


def test_a_warp_shows_what_is_under_the_probe():
    image = np.add.outer(10.0 * np.arange(40), np.arange(40.0))
    warp = Warp(np.full(40, 2.0), np.full(40, 3.0))
    assert np.allclose(warp.image(image)[5:30, 5:30], (image + 32)[5:30, 5:30])
    moved = warp.sites(np.array([[10.0, 20.0, 1, 6], [1.0, 1.0, 1, 6]]), 40)
    assert np.allclose(moved, [[8.0, 17.0, 1, 6]])  # the other is seen no longer


def test_contamination_adds_a_share_of_the_brightest():
    one = sample()
    more = taken(one, contamination=0.5).arrays["image"] - one.arrays["image"]
    top = float(one.arrays["image"].max())
    assert more.min() >= -1e-6 and more.max() == pytest.approx(0.5 * top, rel=1e-3)
    assert np.abs(np.diff(more[0], axis=1)).max() < 0.05 * top


def test_ranges_are_drawn_within_their_ends():
    draws = [drawn_of(MicroscopeSettings(), np.random.default_rng(seed)) for seed in range(300)]
    assert all(1e4 <= one.dose <= 1e6 and 0 <= one.defocus <= 3 for one in draws)
    low = np.mean([one.dose < 1e5 for one in draws])
    assert 0.4 < low < 0.6  # evenly on a logarithmic scale


def test_the_range_is_from_dark_to_bright():
    image = taken(sample(), scale="range").arrays["image"]
    assert np.percentile(image, 0.5) == pytest.approx(0, abs=1e-4)
    assert np.percentile(image, 99.5) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("wrong", [{"dose": 0.1}, {"dose": (10, 1)}, {"drift": -1}, {"copies": 0},
                                   {"wobble": (1, 0)}, {"scale": "counts"}])  # fmt: skip
def test_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        Microscope(**wrong)
