"""Numbers of atoms as a target: in one unit, with NaN where nothing is known, refused when they are none."""

import numpy as np
import pytest
from ase.build import bulk

from structkit import DataError, Row, Sample, Table
from structkit.data.items.structure import to_row
from structkit.evaluation.atom_numbers import AtomNumbers
from structkit.evaluation.predicted import predictions_of


def structures(values, units=("eV",) * 3):
    rows, arrays = [], []
    for number, (value, unit) in enumerate(zip(values, units, strict=True)):
        atoms = bulk("Cu", cubic=True)
        if value is not None:
            atoms.new_array("energy_of", np.array(value, dtype=float))
            atoms.info["array_units"] = {"energy_of": unit}
        row, found = to_row(Sample(f"s{number}", atoms, group=f"g{number}"))
        rows.append(row)
        arrays.append(found)
    return Table.of(rows, **{name: [one[name] for one in arrays] for name in arrays[0]})


KNOWN = [[0, 1, 2, 3], [1, 1, np.nan, 5], None]
TARGET = AtomNumbers("energy_of")


def truth():
    return TARGET.truth(Table.of([Row(f"s{n}") for n in range(3)]), structures(KNOWN))


def predicted(said):
    table = Table.of([Row(f"s{n}", group=f"g{n}") for n in range(3)])
    columns = TARGET.arrays(said, None, table, truth())
    parts = {name: [column[row] for row in range(3)] for name, column in columns.items()}
    return table.with_arrays(**parts)


def test_what_is_known_has_its_unit():
    found = truth()
    assert found.known.tolist() == [True, True, False]
    TARGET.check(found, Table.of([]))
    facts = TARGET.facts(None, found.select(np.array([0, 1])), Table.of([]))
    assert facts == {"target": "energy_of", "unit": "eV", "mean": pytest.approx(13 / 7)}


def test_scores_are_of_atoms_by_structure():
    """By hand: errors of 1 on every atom of the first structure, of 2, 0 and 0 on the known ones of the second."""
    said = [np.array([1.0, 2, 3, 4]), np.array([3.0, 1, 99, 5]), np.zeros(4)]
    table = predicted(said)
    assert TARGET.scored(table).tolist() == [True, True, False]
    facts = {"target": "energy_of", "unit": "eV", "mean": 1.0}
    scores = TARGET.scores(facts, table.select([0, 1]))
    assert scores["mae"]["value"] == pytest.approx((1 + 2 / 3) / 2)
    assert scores["trivial_mae"] == pytest.approx((1 + 4 / 3) / 2)
    assert (scores["n"], scores["atoms"], scores["groups"]) == (2, 7, 2)
    assert scores["rmse"] == pytest.approx((8 / 7) ** 0.5) and scores["bias"] == pytest.approx(
        6 / 7
    )
    assert TARGET.cells(facts, table, 1) == ["4", "3", f"{2 / 3:.8g}"]
    assert TARGET.cells(facts, table, 2) == ["4", "0", ""]


def test_prediction_of_a_new_structure_has_the_numbers_and_their_unit():
    columns = TARGET.arrays([np.arange(4.0)] * 3, None, Table.of([Row("a")] * 3), truth())
    one = predictions_of(["a", "b", "c"], {"unit": "eV"}, columns, {})[1]
    assert one.unit == "eV" and one.value is None and one.atom_values.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("values", "units", "said"),
    [
        ([None] * 3, ("eV",) * 3, "D005 no structure has a per-atom array 'energy_of'"),
        ([[1] * 4] * 3, ("eV",) * 3, "D005 all 12 values of 'energy_of' are equal"),
        (KNOWN, ("eV", "kJ/mol", "eV"), "D013 .* is in 'eV' and in 'kJ/mol'"),
        ([np.ones((4, 3))] * 3, ("eV",) * 3, "D005 .*does not hold one number an atom"),
    ],
)
def test_what_cannot_be_learnt_is_refused(values, units, said):
    with pytest.raises(DataError, match=said):
        TARGET.check(TARGET.truth(Table.of([]), structures(values, units)), Table.of([]))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([np.zeros(4)], "returned 1 arrays for 3 structures"),
        (
            [np.zeros(4), np.zeros(3), np.zeros(4)],
            r"shape \(3,\), expected numbers of shape \(4,\)",
        ),
        ([np.zeros(4), np.full(4, np.nan), np.zeros(4)], "returned nan for an atom"),
    ],
)
def test_what_are_no_numbers_of_atoms_is_refused(said, words):
    with pytest.raises(ValueError, match=words):
        predicted(said)
