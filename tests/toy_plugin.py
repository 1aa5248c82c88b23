"""A plugin in one file with all five kinds, light enough for tests of the core."""

import json

import numpy as np
from pydantic import Field

from structkit import Descriptor, Explainer, Model, Sample, Settings, Source, Task, Transform, hookimpl
from structkit.store.files import write_text

STRUCTKIT_API = 1
HERE = __name__
LATTICES = ("fcc", "bcc", "sc")


class CrystalSettings(Settings):
    groups: int = Field(4, ge=1)
    """elements of each class"""
    per_group: int = Field(2, ge=1)
    """structures of each element"""


class NoiseSettings(Settings):
    sigma: float = Field(0.0, ge=0)
    """standard deviation, in Å"""
    copies: int = Field(1, ge=0)
    """results of each structure"""


class VectorSettings(Settings):
    bins: int = Field(12, ge=1)
    """of the distance histogram"""


class CentroidSettings(Settings):
    epochs: int = Field(3, ge=1)
    """passes, each a step towards the centroids"""


class Crystals:
    def __init__(self, **settings):
        self.settings = CrystalSettings(**settings)

    def tasks(self):
        count = range(self.settings.groups)
        return [Task(f"{name}-{i}", {"lattice": name, "i": i}) for name in LATTICES for i in count]

    def samples(self, task, rng):
        from ase.build import bulk

        for k in range(self.settings.per_group):
            constant = 3.0 + 0.1 * task.params["i"] + 0.01 * rng.random()
            atoms = bulk("Cu", task.params["lattice"], a=constant, cubic=True)
            yield Sample(f"{task.id}-{k}", atoms, task.params["lattice"], task.id, {"k": k})


class Noise:
    def __init__(self, **settings):
        self.settings = NoiseSettings(**settings)

    def __call__(self, sample, rng):
        for _ in range(self.settings.copies):
            atoms = sample.atoms.copy()
            atoms.positions += rng.normal(scale=self.settings.sigma, size=atoms.positions.shape)
            yield Sample(sample.id, atoms)


class Vector:
    def __init__(self, **settings):
        self.settings = VectorSettings(**settings)

    def __call__(self, atoms):
        # ase's neighbour list, made for many atoms, took half the time of every toy run

        scale = (atoms.get_volume() / len(atoms)) ** (1 / 3)
        distances = short_distances(atoms, 2 * scale) / scale
        counts = np.histogram(distances, self.settings.bins, (0.5, 2.0))[0] / len(atoms)
        return {"vector": counts, "pairs": distances[:, None]}


class Centroid:
    """Nearest centroid, approached epoch by epoch; goes on from its scratch folder."""

    def __init__(self, **settings):
        self.settings = CentroidSettings(**settings)
        self.classes = ()

    def fit(self, train, valid, context):
        self.classes = tuple(sorted(set(train.labels)))
        vectors, labels = train.stack("vector"), np.array(train.labels)
        means = np.array([vectors[labels == name].mean(axis=0) for name in self.classes])
        state = context.scratch / "state.json"
        done = json.loads(state.read_text()) if state.exists() else []
        self.centroids = np.zeros_like(means) if not done else np.array(done[-1]["centroids"])
        yield from ({"epoch": float(r["epoch"]), "train_loss": r["loss"]} for r in done)
        for epoch in range(len(done) + 1, self.settings.epochs + 1):
            self.centroids = self.centroids + 0.7 * (means - self.centroids)
            loss = float(np.abs(means - self.centroids).mean())
            done.append({"epoch": epoch, "loss": loss, "centroids": self.centroids.tolist()})
            write_text(state, json.dumps(done))
            yield {"epoch": float(epoch), "train_loss": loss}

    def predict(self, features):
        if len(features) == 0:
            return np.zeros((0, len(self.classes)))
        gaps = ((features.stack("vector")[:, None] - self.centroids) ** 2).sum(axis=2)
        weights = np.exp(-gaps)
        return weights / weights.sum(axis=1, keepdims=True)

    def save(self, folder):
        np.save(folder / "centroids.npy", self.centroids)
        (folder / "classes.json").write_text(json.dumps(self.classes))

    def load(self, folder):
        self.centroids = np.load(folder / "centroids.npy", allow_pickle=False)
        self.classes = tuple(json.loads((folder / "classes.json").read_text()))


class Gradient:
    def explain(self, model, features):
        for row in range(len(features)):
            yield {"weight": (features.item("vector", row) - model.centroids.mean(axis=0)).astype(float)}


def short_distances(atoms, reach):
    """Distances below a reach of at most twice the edge of the cell, of every atom to all others and their images."""
    images = (np.indices((5, 5, 5)).reshape(3, -1).T - 2) @ atoms.cell.array
    gaps = atoms.positions[None, :, None] - atoms.positions[:, None, None] + images
    distances = np.linalg.norm(gaps, axis=-1).ravel()
    return distances[(distances > 1e-9) & (distances < reach)]


def picture(arrays):
    bars = np.zeros((20, len(arrays["vector"]), 3), np.uint8)
    bars[..., 0] = (255 * arrays["vector"] / max(arrays["vector"].max(), 1e-9)).astype(np.uint8)
    return bars


@hookimpl
def structkit_sources():
    yield Source(name="toy-crystals", build=f"{HERE}:Crystals", settings=CrystalSettings, summary="copper lattices")


@hookimpl
def structkit_transforms():
    yield Transform(name="toy-noise", build=f"{HERE}:Noise", settings=NoiseSettings, summary="displacements", shard=8)


@hookimpl
def structkit_descriptors():
    yield Descriptor(name="toy-vector", produces="vector", build=f"{HERE}:Vector", settings=VectorSettings,
                     summary="distances", ragged=("pairs",), shard=5, picture=f"{HERE}:picture")  # fmt: skip


@hookimpl
def structkit_models():
    yield Model(name="toy-centroid", accepts=("vector",), offers=("centroids",), build=f"{HERE}:Centroid",
                settings=CentroidSettings, summary="nearest centroid")  # fmt: skip


@hookimpl
def structkit_explainers():
    yield Explainer(name="toy-gradient", needs=("centroids",), build=f"{HERE}:Gradient", summary="difference")
