"""`pair-distribution`: against sums written out, ase's Debye sum, and what must hold of any structure."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pydantic import ValidationError

from structkit import DataError
from structkit.testing import DescriptorContract
from structkit_powder_spectra import PairDistribution
from structkit_powder_spectra.scattering import form_factors

PLUGIN = "structkit_powder_spectra.plugin"


class TestPairDistribution(DescriptorContract):
    plugin = PLUGIN
    name = "pair-distribution"
    symmetries = ("translation", "permutation", "rotation", "supercell")


class TestStructureFactor(DescriptorContract):
    plugin = PLUGIN
    name = "pair-distribution"
    settings = {
        "function": "S(q)",
        "method": "debye",
        "radiation": "neutron",
        "reach": 8.0,
        "q_step": 0.05,
    }
    symmetries = ("translation", "permutation", "rotation", "supercell")


def cluster(count=20, seed=0):
    rng = np.random.default_rng(seed)
    places = np.array([(x, y, z) for x in range(3) for y in range(3) for z in range(3)])[:count]
    return Atoms(
        ["Cu", "O"] * (count // 2), positions=2.1 * places + rng.normal(scale=0.1, size=(count, 3))
    )


def written_out(atoms, q, factors):
    """Debye's equation, pair by pair."""
    intensity = np.zeros(len(q))
    for i in range(len(atoms)):
        for j in range(len(atoms)):
            r = np.linalg.norm(atoms.positions[i] - atoms.positions[j])
            if i != j:
                intensity += factors[i] * factors[j] * np.sin(q * r) / (q * r)
    return 1 + intensity / (len(atoms) * factors.mean(axis=0) ** 2)


@pytest.mark.parametrize("method", ["debye", "histogram"])
def test_structure_factor_of_a_cluster_is_debyes_sum(method):
    atoms = cluster()
    known = PairDistribution(function="S(q)", method=method, broadening=1e-6)
    q = known.settings.q_grid.values
    factors = form_factors(atoms.numbers.tolist(), (q / (4 * np.pi)) ** 2)
    error = np.abs(known.structure_factor(atoms) - written_out(atoms, q, factors)).max()
    assert error < (1e-10 if method == "debye" else 2e-3)


def test_intensity_is_that_of_ase():
    from ase.utils.xrdebye import XrDebye

    atoms = cluster()
    known = PairDistribution(
        function="S(q)", method="debye", broadening=1e-6, q_start=1.0, q_stop=8.0
    )
    q = known.settings.q_grid.values[::20]
    plain = XrDebye(atoms, 1.0, damping=0.0, method="", warn=False)
    theirs = np.array([plain.get(value / (2 * np.pi)) for value in q])
    charge = np.repeat(atoms.numbers[:, None].astype(float), len(q), axis=1)
    ours = written_out(atoms, q, charge) - 1 + (charge**2).mean(axis=0) / charge.mean(axis=0) ** 2
    ours *= len(atoms) * charge.mean(axis=0) ** 2
    assert np.corrcoef(theirs, ours)[0, 1] > 0.999999
    factors = form_factors(atoms.numbers.tolist(), (q / (4 * np.pi)) ** 2)
    assert known.structure_factor(atoms)[::20] == pytest.approx(
        written_out(atoms, q, factors), abs=1e-9
    )


def test_neutrons_see_other_contrasts():
    atoms = bulk("TiO", "rocksalt", a=4.18)  # the length of titanium is negative
    xray, neutron = (
        PairDistribution(radiation=r, r_step=0.01, broadening=0.08)(atoms)["spectrum"]
        for r in ("xray", "neutron")
    )
    first = round((2.09 - 0.5) / 0.01)  # titanium beside oxygen
    assert xray[first] > 0 > neutron[first]


def test_peaks_of_a_crystal_hold_the_right_number_of_neighbours():
    atoms = bulk("Cu", "fcc", a=3.6)
    known = PairDistribution(radiation="neutron", r_step=0.005, broadening=0.05)
    r = known.settings.r_grid.values
    density = 4 / 3.6**3
    radial = r * (known(atoms)["spectrum"] + 4 * np.pi * density * r)
    for low, high, count in ((2.2, 2.9, 12), (3.3, 3.9, 6), (4.1, 4.7, 24)):
        inside = (r > low) & (r < high)
        assert radial[inside].sum() * 0.005 == pytest.approx(count, rel=2e-3)


def test_ideal_gas_has_neither_order():
    rng = np.random.default_rng(3)
    atoms = Atoms("Ar4000", positions=rng.uniform(0, 60, (4000, 3)), cell=[60] * 3, pbc=True)
    atoms = atoms[np.unique(np.round(atoms.positions, 1), axis=0, return_index=True)[1]]
    known = PairDistribution(function="S(q)", reach=15.0, q_start=1.0)
    assert known.structure_factor(atoms).mean() == pytest.approx(1, abs=0.02)
    g = PairDistribution(r_start=3.0)(atoms)["spectrum"]
    assert abs(g.mean()) < 0.05


def test_transform_of_the_structure_factor_has_the_peaks_of_the_distances():
    atoms = bulk("Cu", "fcc", a=3.6).repeat(2)
    direct = PairDistribution(broadening=0.15)(atoms)["spectrum"]
    measured = PairDistribution(method="debye", q_start=0.02, q_stop=25.0, reach=30.0)(atoms)[
        "spectrum"
    ]
    assert np.corrcoef(direct, measured)[0, 1] > 0.97


def test_histogram_and_sum_agree_for_a_glass():
    rng = np.random.default_rng(1)
    atoms = bulk("Si", cubic=True).repeat(3)
    atoms.positions += rng.normal(scale=0.4, size=atoms.positions.shape)
    one, two = (PairDistribution(function="S(q)", method=m, reach=12.0).structure_factor(atoms)
                for m in ("debye", "histogram"))  # fmt: skip
    assert np.abs(one - two).max() < 2e-3


@pytest.mark.parametrize(
    ("atoms", "code"),
    [
        (Atoms("Cu", cell=[3, 3, 3], pbc=[True, True, False]), "S011"),
        (Atoms("Cu2", positions=[[0, 0, 0], [0, 0, 0]]), "S021"),
        (Atoms("Lr2", positions=[[0, 0, 0], [0, 0, 3]]), "S031"),
        (bulk("Cu").repeat(60), "X026"),
    ],
)
def test_refusals(atoms, code):
    with pytest.raises(DataError, match=code):
        PairDistribution()(atoms)


@pytest.mark.parametrize(
    "wrong", [{"q_step": 1e-6}, {"r_stop": 0.4}, {"function": "g"}, {"broadening": 0}]
)
def test_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        PairDistribution(**wrong)
