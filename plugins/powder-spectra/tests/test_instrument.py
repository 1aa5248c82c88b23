"""`instrument` and `tidy-spectrum`: each effect does what its unit says, and nothing else."""

import numpy as np
import pytest
from pydantic import ValidationError

from structkit import DataError, Measurement
from structkit_powder_spectra import Instrument, TidySpectrum
from structkit_powder_spectra.degrading import drawn_of, march_dollase
from structkit_powder_spectra.examples import simulated
from structkit_powder_spectra.impurities import CRYSTALS, LATTICES, phase
from structkit_powder_spectra.naming import named_lines
from structkit_powder_spectra.network_settings import SpectrumMapSettings
from structkit_powder_spectra.picture import map_picture
from structkit_powder_spectra.settings import PHASES, InstrumentSettings
from structkit_powder_spectra.tidy import background
from structkit_powder_spectra.waves import TUBES

NOTHING = {"zero_shift": 0, "displacement": 0, "lattice_strain": 0, "size": None, "microstrain": 0,
           "texture": None, "background": 0, "counts": None, "impurity": 0}  # fmt: skip
FINE = {"start": 20.0, "stop": 80.0, "step": 0.01}


def seen(sample, seed=0, **settings):
    instrument = Instrument(**{**NOTHING, **settings})
    return next(instrument(sample, np.random.default_rng(seed)))


def centre(spectrum, low, high, start=20.0, step=0.01):
    places = start + step * np.arange(len(spectrum))
    inside = (places > low) & (places < high)
    return float((places * spectrum)[inside].sum() / spectrum[inside].sum())


def test_without_effects_the_pattern_stays():
    sample = simulated(lorentzian=(0.0, 0.0), **FINE)
    assert np.abs(seen(sample).arrays["spectrum"] - sample.arrays["spectrum"]).max() < 1e-6


def test_each_effect_changes_the_pattern_and_is_told():
    sample = simulated(**FINE)
    plain = seen(sample).arrays["spectrum"]
    for words in (
        {"zero_shift": 0.1}, {"displacement": 0.3}, {"lattice_strain": 0.01}, {"axial_strain": 0.01},
        {"size": (10, 20)}, {"microstrain": 0.01}, {"texture": (0.3, 0.4)}, {"background": 0.5},
        {"counts": (100, 200)}, {"impurity": 0.5},
    ):  # fmt: skip
        child = seen(sample, **words)
        assert np.abs(child.arrays["spectrum"] - plain).max() > 0.01, words
        assert set(child.meta["instrument"]) >= {"zero", "size", "march", "counts"}


def test_same_seed_same_pattern():
    sample = simulated()
    instrument = Instrument(copies=3)
    first, second = (list(instrument(sample, np.random.default_rng(5))) for _ in range(2))
    assert len(first) == 3
    for one, two in zip(first, second, strict=True):
        assert np.array_equal(one.arrays["spectrum"], two.arrays["spectrum"])
    assert not np.array_equal(first[0].arrays["spectrum"], first[1].arrays["spectrum"])


def test_zero_shift_is_in_degrees():
    sample = simulated("Si", **FINE)
    plain = seen(sample)
    child = seen(sample, zero_shift=0.2)
    moved = centre(child.arrays["spectrum"], 27.5, 29.5) - centre(
        plain.arrays["spectrum"], 27.5, 29.5
    )
    assert moved == pytest.approx(child.meta["instrument"]["zero"], abs=0.002)


def test_displacement_moves_lines_by_twice_s_cos_theta_over_r():
    sample = simulated("Si", **FINE)
    child = seen(sample, displacement=0.5, radius=100.0)
    s = child.meta["instrument"]["displacement"]
    for low, high in ((27.5, 29.5), (75.0, 78.0)):
        before = centre(seen(sample).arrays["spectrum"], low, high)
        after = centre(child.arrays["spectrum"], low, high)
        expected = -np.degrees(2 * s * np.cos(np.radians(before / 2)) / 100.0)
        assert after - before == pytest.approx(expected, abs=0.004)


def test_lattice_strain_lengthens_the_plane_distances():
    sample = simulated("Si", alpha2=0.0, **FINE)
    child = seen(sample, lattice_strain=0.02, alpha2=0.0)
    strain = child.meta["instrument"]["strain"][0][0]
    before, after = (
        centre(one.arrays["spectrum"], 45.5, 49.5) for one in (seen(sample, alpha2=0.0), child)
    )
    ratio = np.sin(np.radians(before / 2)) / np.sin(np.radians(after / 2))
    assert ratio - 1 == pytest.approx(strain, abs=3e-4) and abs(strain) > 1e-3


def test_lines_of_a_strained_copy_are_named_where_they_are():
    sample = simulated("Si", alpha2=0.0, **FINE)
    child = seen(sample, lattice_strain=0.08, axial_strain=0.03, alpha2=0.0, seed=5)
    strain = np.abs(child.meta["instrument"]["strain"]).max()
    assert strain > 0.01
    places = picture_of(child).marks
    spectrum, axis = child.arrays["spectrum"], np.arange(20.0, 80.001, 0.01)
    assert len(places) >= 4
    for place, _ in places:
        near = np.abs(axis - place) < 0.1
        assert spectrum[near].max() > 0.5 * spectrum[np.abs(axis - place) < 2.0].max()


def picture_of(row):
    """The row as an explainer shows it, its lines named."""
    lines = named_lines(row.arrays, [np.ones(10)], SpectrumMapSettings(peaks=5))
    return map_picture({**row.arrays, **lines, "relevance_any": np.ones(10)})


def test_small_crystals_broaden_by_scherrer():
    sample = simulated("Si", alpha2=0.0, lorentzian=(0.0, 0.0), **FINE)
    child = seen(sample, size=(8.0, 8.0), alpha2=0.0, caglioti=(0.0, 0.0, 1e-4))
    spectrum = child.arrays["spectrum"]
    places = 20 + 0.01 * np.arange(len(spectrum))
    near = np.abs(places - 28.44) < 2
    half = places[near][spectrum[near] > spectrum[near].max() / 2]
    expected = np.degrees(0.9 * TUBES["Cu"][0] / (80 * np.cos(np.radians(14.22))))
    assert half[-1] - half[0] == pytest.approx(expected, rel=0.03)


def test_march_dollase_keeps_the_mean_and_prefers_its_axis():
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(200_000, 3))
    for march in (0.4, 0.8, 1.5):
        weights = march_dollase(directions, np.array([0, 0, 1.0]), march)
        assert weights.mean() == pytest.approx(1, abs=0.02)
    flat = march_dollase(np.array([[0, 0, 1.0], [1, 0, 0]]), np.array([0, 0, 2.0]), 0.5)
    assert flat[0] == pytest.approx(8.0) and flat[1] == pytest.approx(0.5**1.5)


def test_texture_strengthens_the_plane_and_its_multiples():
    sample = simulated("NaCl", **FINE)
    axes = {"texture": (0.3, 0.3), "texture_axes": ((1, 0, 0),)}
    child, plain = seen(sample, **axes).arrays["spectrum"], seen(sample).arrays["spectrum"]
    at = lambda spectrum, place: spectrum[round((place - 20) / 0.01)]  # noqa: E731
    gain = at(child, 66.23) / at(child, 45.45) / (at(plain, 66.23) / at(plain, 45.45))
    assert gain > 2  # 400 over 220


def test_counts_have_the_noise_of_poisson():
    sample = Measurement(
        "flat", {"spectrum": np.ones(20_000, np.float32), "axis": np.array([20, 80, 1.5405929, 0])}
    )
    child = seen(sample, counts=(400.0, 400.0))
    spectrum = child.arrays["spectrum"].astype(float)
    assert spectrum.std() / spectrum.mean() == pytest.approx(0.05, rel=0.05)


def test_measured_patterns_are_moved_as_they_are():
    whole = simulated("Si", alpha2=0.0, **FINE)
    bare = Measurement("m", {name: whole.arrays[name] for name in ("spectrum", "axis")})
    for words in ({"zero_shift": 0.2}, {"displacement": 0.5}, {"lattice_strain": 0.01}):
        one, two = seen(whole, alpha2=0.0, **words), seen(bare, alpha2=0.0, **words)
        for low, high in ((27.5, 29.5), (75.0, 78.0)):
            places = [centre(child.arrays["spectrum"], low, high) for child in (one, two)]
            assert places[0] == pytest.approx(places[1], abs=0.02), words
    broad = seen(bare, size=(8.0, 8.0)).arrays["spectrum"]
    assert (broad > 0.5).sum() > 2 * (bare.arrays["spectrum"] > 0.5).sum()


def test_a_texture_needs_reflections():
    whole = simulated()
    bare = Measurement("m", {name: whole.arrays[name] for name in ("spectrum", "axis")})
    with pytest.raises(DataError, match="X022"):
        seen(bare, texture=(0.5, 1.0))


def test_input_is_not_changed_and_everything_is_finite():
    sample = simulated()
    before = {name: value.copy() for name, value in sample.arrays.items()}
    for seed in range(30):
        child = seen(
            sample, seed, **InstrumentSettings(impurity=0.5, axial_strain=0.02).model_dump()
        )
        assert np.isfinite(child.arrays["spectrum"]).all() and child.arrays["spectrum"].min() >= 0
    assert all(np.array_equal(before[name], sample.arrays[name]) for name in before)


def test_draws_stay_within_their_ranges():
    settings = InstrumentSettings(texture=(0.5, 2.0), impurity=0.3)
    draws = [drawn_of(settings, np.random.default_rng(seed)) for seed in range(300)]
    assert all(abs(d.zero) <= 0.05 and abs(d.displacement) <= 0.1 for d in draws)
    assert all(
        0.5 <= d.march <= 2.0 and 15 <= d.size <= 200 and d.impurity[0] <= 0.3 for d in draws
    )
    assert all(sum(d.background) <= 0.2 + 1e-9 and 300 <= d.counts <= 30_000 for d in draws)
    assert {d.impurity[1] for d in draws} == set(settings.impurities)


def test_impurities_are_known():
    assert set(PHASES) == {*LATTICES, *CRYSTALS}
    found = {name: phase(name) for name in CRYSTALS}
    assert {name: len(atoms) for name, atoms in found.items()} == {
        "SnO2": 6,
        "PbI2": 3,
        "SiO2": 9,
        "Al2O3": 30,
    }
    for name, density in {"SnO2": 7.0, "PbI2": 6.1, "SiO2": 2.65, "Al2O3": 3.99}.items():
        grams = 1.66054 * found[name].get_masses().sum() / found[name].get_volume()
        assert grams == pytest.approx(density, rel=0.02), name


def test_background_is_clipped_and_lines_stay():
    whole = simulated(**FINE)
    spectrum = whole.arrays["spectrum"].astype(float)
    slope = 0.5 * np.exp(-np.linspace(0, 3, len(spectrum))) + 0.2
    found = background(spectrum + slope, 600)
    assert np.abs(found - slope).mean() < 0.03
    tidy = next(TidySpectrum(root=False, window=6.0)(
        Measurement("m", {**whole.arrays, "spectrum": (spectrum + slope).astype(np.float32)}),
        np.random.default_rng(0)))  # fmt: skip
    assert np.corrcoef(tidy.arrays["spectrum"], spectrum)[0, 1] > 0.995


@pytest.mark.parametrize("wrong", [{"size": (5, 1)}, {"counts": (0, 1)}, {"texture_axes": ((0, 0, 0),)},
                                   {"impurities": ("Xx",)}, {"impurities": ()}, {"radius": 0}])  # fmt: skip
def test_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        Instrument(**wrong)
