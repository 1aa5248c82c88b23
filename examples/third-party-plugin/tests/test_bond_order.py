import numpy as np
import pytest
from ase.build import bulk
from structkit import Sample
from structkit.testing import DescriptorContract, PluginContract, TransformContract

from structkit_bond_order import BondOrder, ThermalDisplacements, mean_square

PLUGIN = "structkit_bond_order.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestBondOrder(DescriptorContract):
    plugin = PLUGIN
    name = "bond-order"
    symmetries = ("translation", "permutation", "rotation", "supercell")


class TestThermalDisplacements(TransformContract):
    plugin = PLUGIN
    name = "thermal-displacements"


@pytest.mark.parametrize(
    ("atoms", "q4", "q6"),
    [
        (bulk("Cu", cubic=True), 0.19094, 0.57452),
        (bulk("Fe", cubic=True), 0.03637, 0.51069),
        (bulk("Po", cubic=True), 0.76376, 0.35355),
        (bulk("Mg", a=3.0, c=3.0 * (8 / 3) ** 0.5), 0.09722, 0.48476),
    ],
    ids=["fcc", "bcc", "sc", "hcp"],
)
def test_invariants_are_those_of_the_literature(atoms, q4, q6):
    """Mickel et al., J. Chem. Phys. 138, 044501 (2013), table I."""
    assert BondOrder()(atoms)["vector"][:2] == pytest.approx([q4, q6], abs=2e-5)


def test_debye_model_has_its_limits():
    mass = np.array([63.546])
    cold = mean_square(mass, 0, 315)
    assert mean_square(mass, 1, 315) == pytest.approx(cold, rel=1e-3)
    hot = mean_square(mass, 5000, 315)
    assert hot == pytest.approx(mean_square(mass, 2500, 315) * 2, rel=1e-2), "classical: proportional to T"
    assert 8 * np.pi**2 * mean_square(mass, 295, 315)[0] == pytest.approx(0.55, abs=0.05), "B of copper, in Å²"


def test_displacements_have_the_wanted_size():
    sample = Sample("copper", bulk("Cu", cubic=True).repeat(8), "fcc", "Cu")
    (moved,) = ThermalDisplacements(temperature=600, debye_temperature=315)(sample, np.random.default_rng(0))
    found = np.square(moved.atoms.positions - sample.atoms.positions).mean()
    assert found == pytest.approx(mean_square(np.array([63.546]), 600, 315)[0], rel=0.05)
