"""The network: what must not change its predictions, both engines against numbers worked by hand, gradients."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk

from structkit import DataError, RunContext, StructkitError
from structkit_attention_mpnn import AttentionMpnn
from structkit_attention_mpnn.batch import Batch, batch
from structkit_attention_mpnn.network import Network
from structkit_attention_mpnn.operations import engine, operations
from structkit_attention_mpnn.pair_path import PairPath
from structkit_attention_mpnn.settings import MpnnSettings
from structkit_particle_descriptors.examples import flat, graph_table, planted_graphs

DGL = pytest.mark.skipif(
    find_spec("dgl") is None, reason="DGL is not installed: there is none for this Python"
)
ENGINES = [pytest.param("dgl", marks=DGL), "torch"]
SMALL = {"hidden": 16, "heads": 2, "depth": 2, "basis": 16, "pair_path": False}
VARIANTS = [
    {"attention": a, "pooling": p, "backend": b}
    for a in ("bonds", "dot", "none")
    for p in ("mean", "attention")
    for b in ("dgl", "torch")
] + [{"attention": "none", "pair_path": True, "backend": b} for b in ("dgl", "torch")]
ON_DGL = [pytest.param(v, marks=DGL, id=str(v)) for v in VARIANTS if v["backend"] == "dgl"]
ON_TORCH = [pytest.param(v, id=str(v)) for v in VARIANTS if v["backend"] == "torch"]


def network(seed=0, angles=0, dtype=torch.float32, **settings):
    torch.manual_seed(seed)
    known = MpnnSettings(**{**SMALL, **settings})
    net = Network(known, 2, (0.5, 2.0), angles, 3, engine(known.backend))
    if net.pair_path is not None:  # as after some training: it starts from zero
        torch.nn.init.normal_(net.pair_path.weigh.weight)
        torch.nn.init.normal_(net.head[-1].weight)
    return net.to(dtype).eval()


def logits(net, *structures, **settings):
    table = graph_table(structures, **settings)
    with torch.no_grad():
        return net(batch(table, range(len(structures)), [15, 28])).numpy()


def hand_made():
    """Two graphs: three particles in a line 0–1–2, and two particles joined through two images."""
    senders, receivers = [1, 0, 2, 1, 4, 4, 3, 3], [0, 1, 1, 2, 3, 3, 4, 4]
    reverse = [1, 0, 3, 2, 6, 7, 4, 5]
    return Batch(torch.tensor([0, 1, 0, 1, 0]), torch.ones(8), torch.zeros(8, 0), torch.tensor(senders),
                 torch.tensor(receivers), torch.tensor(reverse), torch.tensor([3, 2]), torch.tensor([4, 4]))  # fmt: skip


def test_no_gaussian_is_a_subnormal_number():
    net = network(basis=64)
    spread = net._spread(torch.linspace(0.5, 2.0, 5000))
    assert spread.max() > 0.9
    assert not (
        (spread > 0) & (spread < torch.finfo(spread.dtype).tiny)
    ).any()  # they are a hundred times slower


def test_the_pair_path_sees_the_distances_of_each_pair_of_species():
    one = hand_made()  # the species of its graphs: 0, 1, 0 and 1, 0
    spread = torch.tensor([1.0, 2, 4, 8, 16, 32, 64, 128])[:, None]
    # the edges run 1→0, 0→1, 2→1, 1→2 and 4→3, 4→3, 3→4, 3→4; the columns are the pairs 00, 01, 10, 11
    per_graph = torch.tensor([[0.0, 2 + 4, 1 + 8, 0], [0, 16 + 32, 64 + 128, 0]])
    found = PairPath(1, 2, 3).distributions(one, spread)
    assert torch.allclose(found, per_graph / torch.tensor([[3.0], [2.0]]))


@pytest.mark.parametrize("name", ENGINES)
def test_operations_against_numbers_worked_by_hand(name):
    one = hand_made()
    ops = operations(name, one)
    x = torch.tensor([[1.0], [2.0], [4.0], [8.0], [16.0]])
    assert ops.from_senders(x).flatten().tolist() == [2, 1, 4, 2, 16, 16, 8, 8]
    e = torch.arange(8.0)[:, None]
    assert ops.to_receivers(e).flatten().tolist() == [0, 1 + 2, 3, 4 + 5, 6 + 7]
    assert ops.dot(x[:, None], x[:, None]).flatten().tolist() == [2, 2, 8, 8, 128, 128, 128, 128]
    share = ops.softmax_at_receivers(torch.log(e + 1)[:, None])
    assert torch.allclose(
        share.flatten(), torch.tensor([1, 2 / 5, 3 / 5, 1, 5 / 11, 6 / 11, 7 / 15, 8 / 15])
    )
    found = ops.weighted(e[:, None], x[:, None])
    assert found.flatten().tolist() == [0, 1 * 1 + 2 * 4, 3 * 2, (4 + 5) * 16, (6 + 7) * 8]
    within = ops.softmax_in_graphs(torch.log(e + 1), one.edges).flatten()
    assert torch.allclose(
        within, torch.tensor([1, 2, 3, 4, 5, 6, 7, 8]) / torch.tensor([10.0] * 4 + [26.0] * 4)
    )
    assert ops.sum_in_graphs(x, one.particles).flatten().tolist() == [7, 24]


@pytest.mark.parametrize("variant", ON_DGL)
def test_engines_agree_with_gradients(variant):
    table = graph_table([flat(seed=i) for i in range(3)], k=6)
    found = []
    for backend in ("dgl", "torch"):
        net = network(**{**variant, "backend": backend})
        result = net(batch(table, range(3), [15, 28]))
        result.square().sum().backward()
        found.append([result.detach(), *(p.grad for p in net.parameters() if p.grad is not None)])
    for first, second in zip(*found, strict=True):
        assert torch.allclose(first, second, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("variant", [*ON_DGL, *ON_TORCH])
def test_prediction_does_not_change(variant):
    """With batch mates, translation, rotation, reflection, relabelling, or another periodic image."""
    net, atoms = network(**variant), flat()
    expected = logits(net, atoms)
    others = [flat(count=30 + i, seed=i + 5) for i in range(4)]
    assert np.allclose(logits(net, others[0], atoms, *others[1:])[1], expected[0], atol=1e-5), (
        "batch mates"
    )
    moved, turned, mirrored, image = (atoms.copy() for _ in range(4))
    moved.positions[:, :2] += [2.3, -1.1]
    moved.wrap()
    turned.rotate(33, "z", rotate_cell=True)
    mirrored.positions[:, 1] *= -1
    image.positions[5, 1] -= 6.0
    shuffled = atoms[np.random.default_rng(1).permutation(len(atoms))]
    for name, other in {
        "moved": moved,
        "turned": turned,
        "mirrored": mirrored,
        "image": image,
        "shuffled": shuffled,
    }.items():
        assert np.allclose(logits(net, other), expected, atol=1e-4), name


@pytest.mark.parametrize("variant", [*ON_DGL, *ON_TORCH])
def test_one_particle_and_no_edge(variant):
    net = network(**variant)
    lonely = Atoms("Ni", [[0, 0, 0]])
    far = Atoms("NiP", [[0, 0, 0], [90, 0, 0]])
    found = logits(net, lonely, far, flat(periodic=False), neighbours="cutoff", cutoff=1.5)
    assert np.isfinite(found).all() and found.shape == (3, 3)
    assert np.allclose(logits(net, lonely, neighbours="cutoff", cutoff=1.5)[0], found[0], atol=1e-5)


def test_a_doubled_box_is_the_same_graph_twice():
    net = network(pooling="mean")
    atoms = flat()
    assert np.allclose(logits(net, atoms), logits(net, atoms.repeat((2, 1, 1))), atol=1e-4)


@pytest.mark.parametrize("attention", ["bonds", "dot", "none"])
def test_gradients_check(attention):
    net = network(attention=attention, backend="torch", dtype=torch.float64, hidden=4)
    table = graph_table([flat(9, edge=3.2)])
    one = batch(table, [0], [15, 28])

    def of_distances(distances):
        return net(Batch(**{**{n: getattr(one, n) for n in Batch.__dataclass_fields__}, "distances": distances,
                            "angles": one.angles.double()}))  # fmt: skip

    assert torch.autograd.gradcheck(of_distances, one.distances.double().requires_grad_())


def test_attention_is_one_on_average_and_its_own_in_each_graph():
    for attention in ("bonds", "dot", "none"):
        net = network(attention=attention)
        table = graph_table([flat(seed=1), flat(25, seed=2)])
        one = batch(table, [0, 1], [15, 28])
        weights = torch.stack(net.explained(one)[1])
        assert weights.shape == (2, int(one.edges.sum()), 2)
        for part in torch.split(weights, one.edges.tolist(), dim=1):
            assert torch.allclose(part.mean(dim=1), torch.ones(2, 2), atol=1e-4)


def fitted(table, tmp_path, **settings):
    model = AttentionMpnn(
        **{**SMALL, "epochs": 30, "batch_size": 8, "learning_rate": 0.01, **settings}
    )
    context = RunContext(1, np.random.default_rng(1), tmp_path, threads=1, log=lambda text: None)
    list(model.fit(table, table.select([]), context))
    return model


def test_crystals_in_three_dimensions_are_told_apart(tmp_path):
    """Elements never seen, any orientation: fcc from bcc by distances alone."""
    settings = {"k": 12, "scale": "mean", "species": False}

    def noisy(symbol, seed):
        atoms = bulk(symbol, cubic=True).repeat(2)
        atoms.rattle(0.05, seed=seed)
        atoms.rotate(40 * seed, (1, 2, 3), rotate_cell=True)
        return atoms

    learnt = [noisy(s, i) for i in range(4) for s in ("Cu", "Fe", "Al", "W")]
    model = fitted(graph_table(learnt, ["fcc", "bcc"] * 8, **settings), tmp_path)
    new = graph_table([noisy(s, 9) for s in ("Au", "Cr", "Ni", "Mo")], **settings)
    assert [model.classes[i] for i in model.predict(new).argmax(axis=1)] == ["fcc", "bcc"] * 2


def test_species_never_seen_is_refused(tmp_path):
    model = fitted(planted_graphs(), tmp_path, epochs=1)
    with pytest.raises(
        DataError, match="M021 row 'row-0' holds atomic number 29, which training has not seen"
    ):
        model.predict(graph_table([bulk("Cu")]))


def test_missing_dgl_is_told(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert engine("auto") == "torch"
    with pytest.raises(
        StructkitError, match="P001 backend: dgl, but the package dgl is not installed"
    ):
        engine("dgl")


def test_settings_of_the_paper():
    paper = MpnnSettings(preset="paper")
    assert (paper.hidden, paper.depth, paper.heads, paper.dropout, paper.attention) == (
        870,
        3,
        1,
        0.5,
        "bonds",
    )
    with pytest.raises(ValueError, match="preset: paper sets hidden to 870"):
        MpnnSettings(preset="paper", hidden=64)
    with pytest.raises(ValueError, match="heads 3 does not divide hidden 32"):
        MpnnSettings(heads=3)
