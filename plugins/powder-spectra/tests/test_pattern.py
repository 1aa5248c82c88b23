"""`powder-xrd`: against pymatgen, and against what can be said on paper."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from pydantic import ValidationError
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Structure

from structkit import DataError
from structkit_powder_spectra import PowderXrd
from structkit_powder_spectra.examples import GRID, crystals
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.profile import drawn, widths
from structkit_powder_spectra.waves import TUBES

SHARED = Path(__file__).parents[4] / "shared" / "data" / "aflow_prototypes_by_group.jsonl.gz"
BARE = {"debye_waller": 0.0, "alpha2": 0.0}


def check_peaks(structure, **settings):
    ours = PowderXrd(**BARE, **settings)
    wave = ours.settings.waves[0][0]
    b_of = settings.get("debye_waller_of", {})
    calculator = XRDCalculator(wavelength=wave, debye_waller_factors=b_of)
    limits = (ours.settings.start, ours.settings.stop)
    theirs = calculator.get_pattern(structure, two_theta_range=limits)
    peaks = ours.peaks(structure.to_ase_atoms(msonable=False))
    assert len(peaks) == len(theirs.x)
    assert np.abs([p.two_theta for p in peaks] - theirs.x).max() < 1e-10
    assert np.abs([p.intensity for p in peaks] - theirs.y).max() < 1e-10
    assert np.abs([p.d for p in peaks] - np.array(theirs.d_hkls)).max() < 1e-10


@pytest.mark.parametrize("wavelength", ["Cu", "Mo", 1.1])
@pytest.mark.parametrize("name", crystals())
def test_peaks_are_pymatgens(name, wavelength):
    structure = Structure.from_ase_atoms(crystals()[name])
    check_peaks(structure, wavelength=wavelength)


def test_peaks_with_thermal_motion_are_pymatgens():
    structure = Structure.from_ase_atoms(crystals()["NaCl"])
    check_peaks(structure, debye_waller_of={"Na": 1.3, "Cl": 0.7})


@pytest.mark.skipif(not SHARED.exists(), reason="the shared prototypes are not here")
def test_peaks_of_many_prototypes_are_pymatgens():
    with gzip.open(SHARED, "rt") as stream:
        rows = [json.loads(line) for line in stream][::12]
    for row in rows:
        check_peaks(Structure(row["lattice"], row["species"], row["frac"]))
    assert len(rows) > 80


def test_planes_of_copper_and_silicon():
    names = [peak.name for peak in PowderXrd(start=20, stop=100).peaks(bulk("Cu", cubic=True))]
    assert names == ["111", "200", "220", "311", "222"]
    names = [peak.name for peak in PowderXrd(start=20, stop=80).peaks(bulk("Si", cubic=True))]
    assert names == ["111", "220", "311", "400", "331"]  # 222 is nearly extinct for round atoms


def test_planes_of_two_digits_stand_apart():
    from structkit_powder_spectra.pattern import plane_name

    assert plane_name([10, 0, -2]) == "10 0 -2" and plane_name([1, -1, 0]) == "1-10"


def test_a_pattern_is_the_sum_of_its_profiles():
    """Far from the ends the area of a line is its |F|² with the factors, whatever the widths."""
    areas = []
    for lorentzian in ((0.02, 0.0), (0.3, 0.0)):
        sharp = PowderXrd(
            start=30, stop=57, step=0.01, scale="none", alpha2=0.0, lorentzian=lorentzian
        )
        areas.append(sharp(bulk("Cu"))["spectrum"].astype(float).sum() * 0.01)
    assert areas[1] == pytest.approx(areas[0], rel=0.015)


def test_profile_has_the_width_and_the_area_that_were_asked_for():
    step = 0.001
    for width, mixing in ((0.2, 0.0), (0.2, 0.5), (0.1, 1.0)):
        line = drawn(np.array([5.0]), np.array([3.0]), np.array([width]), np.array([mixing]),
                     0.0, step, 10_001)  # fmt: skip
        half = np.flatnonzero(line >= line.max() / 2)
        assert (half[-1] - half[0]) * step == pytest.approx(width, abs=2 * step)
        assert line.sum() * step == pytest.approx(3.0, rel=0.011)


def test_widths_of_thompson_cox_hastings_at_their_ends():
    angles = np.array([30.0, 60.0])
    whole, mixing = widths(angles, (0.0, 0.0, 0.04), (0.0, 0.0))
    assert whole == pytest.approx([0.2, 0.2]) and mixing == pytest.approx([0, 0], abs=1e-9)
    whole, mixing = widths(angles, (0.0, 0.0, 0.0), (0.3, 0.0))
    assert mixing == pytest.approx([1, 1], abs=2e-3)
    assert whole == pytest.approx(0.3 / np.cos(np.radians(angles / 2)), rel=1e-4)


def test_both_lines_of_a_tube_are_drawn():
    one, two = (
        PowderXrd(start=90, stop=100, step=0.01, alpha2=alpha2, lorentzian=(0.01, 0))(bulk("Cu"))
        for alpha2 in (0.0, 0.5)
    )
    first, second = TUBES["Cu"]
    peak = 90 + 0.01 * int(one["spectrum"].argmax())
    beside = 2 * np.degrees(np.arcsin(np.sin(np.radians(peak / 2)) * second / first))
    place = round((beside - 90) / 0.01)
    assert one["spectrum"][place] < 0.2 and 0.4 < two["spectrum"][place] < 0.75


def test_q_axis_says_the_same_as_two_theta():
    crystal = bulk("Cu")
    angles = PowderXrd(start=30, stop=120, step=0.01, alpha2=0.0)
    waves = PowderXrd(axis="q", start=2.2, stop=7.0, step=0.0005, alpha2=0.0)
    by_angle = angles(crystal)["spectrum"].astype(float)
    by_q = waves(crystal)["spectrum"].astype(float)
    q = angles.grid.q
    assert abs(q[by_angle.argmax()] - waves.grid.values[by_q.argmax()]) < 1e-3
    ours = Grid("q", 2.2, 0.0005, 9601, 1.5405929)
    assert ours.of_two_theta(angles.grid.values[5]) == pytest.approx(q[5])


def test_scaled_or_not():
    crystal = bulk("NaCl", "rocksalt", a=5.64)
    assert PowderXrd(**GRID)(crystal)["spectrum"].max() == 1
    large = PowderXrd(**GRID, scale="none", lines=False)(crystal)
    assert large["spectrum"].max() > 1e3 and set(large) == {"spectrum", "axis"}


@pytest.mark.parametrize(
    ("atoms", "code"),
    [
        (bulk("Cu").repeat(2)[:3], None),
        (bulk("Cu", "fcc", a=80.0).repeat((9, 9, 9)), "X020"),
        (bulk("Lr", "fcc", a=4.0), "S031"),
        (bulk("Po", "sc", a=0.5), "X021"),
    ],
)
def test_refusals(atoms, code):
    if code is None:
        atoms.pbc = False
        code = "S011"
    with pytest.raises(DataError, match=code):
        PowderXrd()(atoms)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 80.0, "stop": 10.0},
        {"step": 1e-5},
        {"step": 30.0},
        {"stop": 180.0},
        {"axis": "q", "stop": 9.0},
        {"wavelength": "Au"},
        {"wavelength": 100.0},
        {"caglioti": (0.0, -1.0, 0.01)},
        {"lorentzian": (-0.1, 0.0)},
        {"debye_waller_of": {"O": -1.0}},
    ],
)
def test_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        PowderXrd(**wrong)
