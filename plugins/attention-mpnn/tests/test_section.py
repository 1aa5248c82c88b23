"""Which map the report shows, and what it says of bonds."""

from types import SimpleNamespace

import numpy as np
import pytest

from structkit import Row, Table
from structkit_attention_mpnn.section import _environments, shown_map

GRAPH = {
    "senders": np.array([0, 1, 1, 2]),
    "receivers": np.array([1, 0, 2, 1]),
    "distances": np.array([1.0, 1.0, 0.8, 0.8]),
    "numbers": np.array([28, 28, 15]),
    "relevance_attention": np.array([1.0, 1.0, 1.0, 1.0]),
    "relevance_gradient": np.array([0.25, 0.25, -0.5, -0.5]),
}


def run(**tests):
    rows = [Row(f"row {i}", label="glass", group=f"group {i}") for i in range(2)]
    table = Table.of(rows, **{name: [value, value] for name, value in GRAPH.items()})
    found = {
        name: {"passed": passed, "over_random": {"value": gain}}
        for name, (passed, gain) in tests.items()
    }
    return SimpleNamespace(
        table=lambda step: table, faithfulness=lambda step: {"q": {"methods": found}}
    )


@pytest.mark.parametrize(
    ("tests", "shown"),
    [
        ({"attention": (False, 0.2), "gradient": (True, 0.1)}, "relevance_gradient"),
        ({"attention": (True, 0.2), "gradient": (True, 0.1)}, "relevance_attention"),
        ({"attention": (False, 0.2), "gradient": (False, 0.3)}, "relevance_attention"),
        ({}, "relevance_attention"),
    ],
)
def test_the_map_that_passed_best_is_shown(tests, shown):
    assert shown_map(run(**tests), "bonds") == shown


def test_bonds_are_told_by_species():
    """Half the bonds join two Ni, 1 apart, and speak for the class; those of Ni and P speak against it."""
    table = run().table("bonds")
    lines = list(_environments(table, "glass", "relevance_gradient"))
    found = {line[1]: line for line in lines}
    assert found["Ni–Ni"][2] == found["P–Ni"][2] == "50"
    assert found["Ni–Ni"][3].startswith("0.25") and found["P–Ni"][3].startswith("-0.5")
    assert found["Ni–Ni"][4] == "100" and found["Ni–Ni"][5] == "1.000"
