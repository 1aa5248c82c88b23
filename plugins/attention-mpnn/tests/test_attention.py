"""The bookkeeping of bonds that are deleted."""

import numpy as np
import pytest
import torch

from structkit_attention_mpnn import AttentionMaps, AttentionMpnn
from structkit_attention_mpnn.bond_gradients import (
    gradient,
    gradient_x_attention,
    integrated_gradients,
    log_odds,
)
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


def model_of(table, **settings):
    """A network that has learnt nothing, but whose paths all say something."""
    model = AttentionMpnn(hidden=8, heads=2, basis=8, depth=2, backend="torch", **settings)
    model.classes, model.facts = ("a", "b"), model.facts_of(table)
    torch.manual_seed(3)
    model.network = model.new_network()
    for parameter in model.network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.network.eval()
    return model


@pytest.mark.parametrize("attention", ["bonds", "dot", "none"])
def test_a_shut_gate_is_a_deleted_bond(attention):
    table = graph_table([flat()], k=5)
    ((row, inputs),) = table.records()
    model = model_of(table, attention=attention)
    bonds = np.flatnonzero(AttentionMaps().strength(inputs))[::4]
    deleted = np.zeros(len(inputs["reverse"]), dtype=bool)
    deleted[bonds] = True
    left = AttentionMaps().without(inputs, deleted)
    gates = torch.from_numpy(~(deleted | deleted[inputs["reverse"]])).float()
    fewer = type(table).of([row], **{name: [value] for name, value in left.items()})
    with torch.no_grad():
        shut, _ = model.network.explained(model.collate(table, [0]), gates)
        gone, _ = model.network.explained(model.collate(fewer, [0]))
        whole, _ = model.network.explained(model.collate(table, [0]))
        opened, _ = model.network.explained(model.collate(table, [0]), torch.ones_like(gates))
    assert torch.allclose(shut, gone, atol=1e-4) and torch.allclose(whole, opened, atol=1e-4)
    assert not torch.allclose(shut, whole, atol=1e-3)


def test_integrated_gradients_share_the_whole_rise():
    table = graph_table([flat()], k=5)
    model = model_of(table)
    graph = model.collate(table, [0])
    with torch.no_grad():
        ends = [
            float(
                log_odds(model.network.explained(graph, torch.full_like(graph.distances, x))[0], 1)
            )
            for x in (0.0, 1.0)
        ]
    shares = integrated_gradients(model.network, graph, 1, 400)
    assert shares.sum() == pytest.approx(ends[1] - ends[0], rel=0.01)


def test_gradient_is_what_a_little_of_a_bond_is_worth():
    table = graph_table([flat()], k=5)
    model = model_of(table)
    model.network.double()
    graph = model.collate(table, [0])
    graph = type(graph)(
        **{**vars(graph), "distances": graph.distances.double(), "angles": graph.angles.double()}
    )
    slope = gradient(model.network, graph, 0)
    for edge in (0, 7, 31):
        gates = torch.ones_like(graph.distances)
        gates[edge] -= 1e-6
        with torch.no_grad():
            all_there, less = (
                float(log_odds(model.network.explained(graph, g)[0], 0))
                for g in (torch.ones_like(gates), gates)
            )
        assert slope[edge] == pytest.approx((all_there - less) / 1e-6, rel=1e-3, abs=1e-6)


def test_gradient_times_attention_is_nothing_where_there_is_no_attention():
    table = graph_table([flat()], k=5)
    graph = model_of(table).collate(table, [0])
    found = gradient_x_attention(model_of(table).network, graph, 0)
    assert found.shape == (len(graph.distances),) and found.any()
    assert not gradient_x_attention(model_of(table, attention="none").network, graph, 0).any()
