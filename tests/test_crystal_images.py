"""Two plugins together: one crystal has one image, however its cell was cut, shifted or turned."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell

from structkit import Sample
from structkit_crystal_source import StandardSupercell
from structkit_diffraction_fingerprint import DiffractionFingerprint

SHEARED = [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def image(atoms, **settings):
    (cluster,) = StandardSupercell(**settings)(Sample("x", atoms))
    return DiffractionFingerprint()(cluster.atoms)["image"]


def other_settings(atoms):
    """The same crystal: turned, with another origin, with another cell, as a supercell."""
    turned = atoms.copy()
    turned.rotate(53, (1, 4, 2), rotate_cell=True)
    moved = atoms.copy()
    moved.positions += [0.3, 0.9, -0.4]
    return {
        "turned": turned,
        "moved": moved,
        "sheared": make_supercell(atoms, SHEARED),
        "doubled": atoms.repeat((1, 2, 1)),
    }


@pytest.mark.parametrize("element", ["Cu", "Fe", "Si", "Mg", "In", "Sn", "As", "Hg"])
def test_one_crystal_has_one_image(element):
    atoms = bulk(element)
    first = image(atoms)
    for how, again in other_settings(atoms).items():
        correlation = np.corrcoef(first.ravel(), image(again).ravel())[0, 1]
        assert correlation > 0.999, f"{element}, {how}: {correlation:.4f}"


def test_two_settings_of_hcp_have_one_image():
    """Atoms at (1/3, 2/3, 1/4) or at (2/3, 1/3, 1/4): the original recipe gives images that correlate 0.875."""
    cell = [3.21, 3.21, 5.21, 90, 90, 120]
    sites = [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]
    one, two = (
        Atoms("Mg2", cell=cell, pbc=True, scaled_positions=s)
        for s in (sites, [[b, a, c] for a, b, c in sites])
    )
    assert np.corrcoef(image(one).ravel(), image(two).ravel())[0, 1] > 0.999
