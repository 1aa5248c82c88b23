"""Numbers as a target, where their rows are made wrongly."""

import numpy as np
import pytest

from structkit import DataError, Row, Table
from structkit.evaluation.numbers import Numbers
from structkit.samples import Quantity


def table(unit, count=4, **arrays):
    rows = [
        Row(f"{unit}-{i}", group=str(i), targets={"energy": Quantity(float(i), unit)})
        for i in range(count)
    ]
    return Table.of(rows, **arrays)


def test_one_number_in_two_units_is_not_learnt():
    both = Table.chain([table("eV"), table("eV/atom")])
    target = Numbers("energy")
    with pytest.raises(DataError, match="D013 target 'energy' is in 'eV' and in 'eV/atom'"):
        target.check(target.truth(both, None), both)
    target.check(target.truth(table("eV"), None), table("eV"))


def test_predictions_are_scored_in_the_unit_that_was_learnt():
    target, facts = Numbers("energy"), {"unit": "eV", "mean": 1.5}
    good = target.scores(facts, table("eV", value=np.arange(4.0)))
    assert good["mae"]["value"] == 0 and good["trivial_mae"] == 1
    with pytest.raises(DataError, match="D013"):
        target.scores(facts, table("kJ/mol", value=np.arange(4.0)))
