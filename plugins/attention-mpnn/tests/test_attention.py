"""The bookkeeping of bonds that are deleted."""

import numpy as np

from structkit_attention_mpnn import AttentionMaps
from structkit_particle_descriptors.examples import flat, graph_table


def test_deleting_bonds_keeps_the_graph_sound():
    table = graph_table([flat()])
    ((_, inputs),) = table.records()
    maps = AttentionMaps()
    strength = maps.strength(inputs)
    assert strength.sum() == len(inputs["reverse"]) / 2, (
        "one of each two directions stands for the bond"
    )
    deleted = np.zeros(len(strength), dtype=bool)
    deleted[np.flatnonzero(strength)[::3]] = True
    left = maps.without(inputs, deleted)
    assert len(left["senders"]) == len(strength) - 2 * deleted.sum() and len(left["numbers"]) == 40
    back = left["reverse"]
    assert np.array_equal(left["senders"][back], left["receivers"]) and np.array_equal(
        back[back], np.arange(len(back))
    )
    nothing = maps.without(inputs, np.ones(len(strength), dtype=bool))
    assert len(nothing["senders"]) == 0 and nothing["reverse"].dtype == inputs["reverse"].dtype
