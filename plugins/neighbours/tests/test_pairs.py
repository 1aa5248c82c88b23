"""Pairs agree with ase's on hard cells; torch stays out."""

import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from structkit_neighbours import pairs

SKEWED = Atoms(
    "CuO",
    [[0.1, 0.2, 0.3], [9.0, -4.0, 2.0]],
    cell=[[3, 0, 0], [2.6, 1.2, 0], [0.4, 1.1, 7]],
    pbc=True,
)
SLAB = Atoms("Cu2", [[0, 0, 0], [1.2, 0.4, 0.9]], cell=[2.5, 2.5, 0], pbc=[True, True, False])
CASES = {
    "fcc": bulk("Cu", cubic=True),
    "one atom": bulk("Fe"),
    "skewed, unwrapped": SKEWED,
    "slab": SLAB,
    "open": Atoms("Ar3", [[0, 0, 0], [1, 0, 0], [0, 2.2, 0]]),
    "large": bulk("Al", cubic=True).repeat(5),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cutoff", [0.1, 1.5, 4.1])
def test_pairs_are_those_of_ase(name, cutoff):
    atoms = CASES[name]
    found = pairs(atoms, cutoff)
    i, j, d, shifts = neighbor_list("ijdS", atoms, cutoff)
    ours = sorted(
        zip(
            found.first,
            found.second,
            map(tuple, found.shifts),
            np.round(found.distances, 9),
            strict=True,
        )
    )
    theirs = sorted(zip(i, j, map(tuple, shifts), np.round(d, 9), strict=True))
    assert [row[:3] for row in ours] == [(a, b, tuple(s)) for a, b, s, _ in theirs]
    np.testing.assert_allclose([row[3] for row in ours], [row[3] for row in theirs])


def test_once_is_half_of_twice():
    atoms = bulk("Cu", cubic=True)
    assert 2 * len(pairs(atoms, 3.0, each_twice=False).first) == len(pairs(atoms, 3.0).first)


def test_short_cutoff_in_a_vast_cell_needs_no_bins_of_its_size():
    atoms = Atoms("He2", [[0, 0, 0], [0.05, 0, 0]], cell=[5e4, 5e4, 5e4], pbc=True)
    assert pairs(atoms, 0.1, each_twice=False).distances == pytest.approx([0.05])


@pytest.mark.parametrize(("before", "after"), [("", False), ("import torch", True)])
def test_torch_stays_out_unless_it_is_in(before, after):
    code = f"{before}\nimport sys\nfrom ase.build import bulk\nfrom structkit_neighbours import pairs\n"
    code += "assert len(pairs(bulk('Cu'), 3).first) == 12\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(after)
