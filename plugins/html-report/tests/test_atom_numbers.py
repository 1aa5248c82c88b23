"""Numbers of atoms in the report: every atom a spot, thinned where there are too many; long labels keep their unit."""

import numpy as np

from structkit import Row, Table
from structkit_html_report.atom_number_view import AtomNumberView
from structkit_html_report.number_view import MOST_SPOTS, Pairs
from structkit_html_report.plot import Axis
from structkit_html_report.strip import ruler

FACTS = {"target": "energy_of", "unit": "eV"}


def table():
    rows = [Row("a", group="one"), Row("b", group="two")]
    truth = [np.array([0.0, np.nan, 2.0]), np.array([5.0, 5.0])]
    said = [np.array([1.0, 9.0, 2.0]), np.array([5.0, 4.0])]
    return Table.of(rows, truth=truth, atom_values=said)


def test_every_known_atom_is_shown_with_its_group():
    pairs = AtomNumberView().pairs(table(), FACTS)
    assert pairs.truth.tolist() == [0, 2, 5, 5] and pairs.errors.tolist() == [1, 0, 0, -1]
    assert list(pairs.groups) == ["one", "one", "two", "two"]


def test_a_structure_is_told_by_the_mean_of_its_atoms():
    one = table()
    arrays = {name: one.item(name, 0) for name in one.arrays}
    guess = AtomNumberView().guess(FACTS, one.rows[0], arrays)
    assert guess.truth == "1 eV (mean of the atoms)" and guess.predicted == "4 eV"


def test_too_many_spots_are_thinned_and_that_is_said():
    many = np.arange(10.0 * MOST_SPOTS)
    some, words = Pairs(many, many + 1, ["g"] * len(many)).thinned()
    assert len(some.truth) == MOST_SPOTS and (some.errors == 1).all()
    assert some.truth[0] == 0 and some.truth[-1] == many[-1], "both ends are kept"
    assert f"{MOST_SPOTS} of {len(many)}" in words
    assert Pairs(many[:5], many[:5], ["g"] * 5).thinned()[1] == ""


def test_head_of_a_narrow_column_keeps_the_unit_of_a_long_label():
    drawn = str(ruler(Axis("mean absolute error per atom of all [eV/atom]", 0.0, 1.0)))
    assert ">[eV/atom]<" in drawn and ">short [eV]<" in str(ruler(Axis("short [eV]", 0.0, 1.0)))
