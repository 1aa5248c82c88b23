"""The per-atom model: it learns, it is saved, it predicts without torch, and weights count."""

import subprocess
import sys

import numpy as np
import pytest

from structkit import DataError, RunContext, Table
from structkit.data.rows import Row
from structkit_local_structure import EnvironmentNetwork
from structkit_local_structure.atoms_model import atom_weights
from structkit_local_structure.network import load_networks
from structkit_local_structure.settings import NetworkSettings


def table(rows=12, seed=0, unknown=0.2):
    rng = np.random.default_rng(seed)
    features, targets, names = [], [], []
    for number in range(rows):
        target = rng.choice([0, 3, 11], size=30)
        noise = rng.normal(size=(30, 5)).astype(np.float32)
        noise[:, 1] += 3 * (target == 3)
        noise[:, 2] += 3 * (target == 11)
        features.append(noise)
        targets.append(np.where(rng.random(30) < unknown, -1, target))
        names.append(Row(str(number), "bulk" if number % 2 else "slab", str(number)))
    return Table.of(names, atoms=features, target=targets)


def fitted(folder, **settings):
    model = EnvironmentNetwork(
        **{"epochs": 8, "batch_size": 16, "hidden": [8], "networks": 2, **settings}
    )
    context = RunContext(seed=3, rng=np.random.default_rng(3), scratch=folder)
    records = list(model.fit(table(), table(seed=1), context))
    return model, records


def test_it_learns_and_says_so(tmp_path):
    model, records = fitted(tmp_path)
    assert [record["epoch"] for record in records] == list(range(1, 9))
    assert records[-1]["train_loss"] < records[0]["train_loss"]
    assert records[-1]["valid_accuracy"] > 0.8 and model.classes == ("0", "3", "11")
    (first, *_) = model.predict(table(seed=2))
    assert first.shape == (30, 3) and np.allclose(first.sum(axis=1), 1, atol=1e-6)


def test_the_same_seed_gives_the_same_weights_and_they_are_kept(tmp_path):
    one, _ = fitted(tmp_path)
    two, _ = fitted(tmp_path)
    folder = tmp_path / "saved"
    folder.mkdir()
    one.save(folder)
    three = EnvironmentNetwork()
    three.load(folder)
    rows = table(seed=4)
    for other in (two, three):
        assert all(map(np.array_equal, one.predict(rows), other.predict(rows)))
    forgot = one.with_random_weights(1)
    assert not np.allclose(forgot.predict(rows)[0], one.predict(rows)[0], atol=0.05)


def test_numpy_says_what_torch_says(tmp_path):
    torch = pytest.importorskip("torch")
    model, _ = fitted(tmp_path)
    own = model.networks
    values = torch.from_numpy((table().item("atoms", 0) - own.mean) * own.scale)
    total = 0
    for number in range(2):
        hidden = torch.nn.functional.silu(values @ torch.from_numpy(own.weights[0][number])
                                          + torch.from_numpy(own.biases[0][number]))  # fmt: skip
        logits = hidden @ torch.from_numpy(own.weights[1][number]) + torch.from_numpy(
            own.biases[1][number]
        )
        total = total + torch.log_softmax(logits, 1) / 2
    said = own.log_probabilities(table().item("atoms", 0))
    assert np.abs(said - total.numpy()).max() < 1e-5
    assert own.hidden(table().item("atoms", 0)).shape == (30, 16)


def test_predicting_does_not_import_torch(tmp_path):
    model, _ = fitted(tmp_path)
    folder = tmp_path / "saved"
    folder.mkdir()
    model.save(folder)
    assert load_networks(folder).classes == model.classes
    code = (
        "import sys, numpy as np\nfrom structkit_local_structure import EnvironmentNetwork\n"
        f"model = EnvironmentNetwork(); model.load(__import__('pathlib').Path({str(folder)!r}))\n"
        "model.networks.probabilities(np.zeros((3, 5), np.float32))\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_weights_are_of_kinds_then_of_classes():
    classes = np.array([0] * 90 + [0] * 10 + [1] * 50)
    kinds = np.array(["a"] * 90 + ["b"] * 10 + ["a"] * 50)
    plain = atom_weights(classes, kinds, NetworkSettings())
    assert plain.mean() == pytest.approx(1, abs=1e-6)
    assert plain[:100].sum() == pytest.approx(plain[100:].sum(), rel=1e-5)
    assert plain[90:100].sum() / plain[:90].sum() == pytest.approx((10 / 90) ** 0.5, rel=1e-5)
    settings = NetworkSettings(weights={"b": 2, "a/0": 4}, class_weights={"1": 3})
    heavy = atom_weights(classes, kinds, settings)
    assert heavy[90:100].sum() / heavy[:90].sum() == pytest.approx(0.5 * (10 / 90) ** 0.5, rel=1e-5)
    assert heavy[100:].sum() == pytest.approx(3 * heavy[:100].sum(), rel=1e-5)


def test_atoms_of_one_class_are_refused(tmp_path):
    one = table()
    same = Table.of(list(one.rows), atoms=[one.item("atoms", i) for i in range(12)],
                    target=[np.zeros(30, int) for _ in range(12)])  # fmt: skip
    context = RunContext(seed=3, rng=np.random.default_rng(3), scratch=tmp_path)
    with pytest.raises(DataError, match="D001 the training rows have atoms of 1 classes"):
        list(EnvironmentNetwork().fit(same, same, context))
