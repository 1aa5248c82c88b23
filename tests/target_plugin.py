"""A plugin in one file for every target but a label: numbers, classes of atoms, rows that were measured."""

import json

import numpy as np

from structkit import (
    Descriptor,
    Explainer,
    Measurement,
    Model,
    Quantity,
    Sample,
    Settings,
    Source,
    Task,
    hookimpl,
)

STRUCTKIT_API = 1
HERE = __name__
CLASSES = ("10", "2")  # sorted as words, not as numbers


class AlloySettings(Settings):
    shift: float = 0.0
    """added to the lattice constant, in Å"""


class Alloys:
    """Cells of copper and gold whose energy is their volume, and whose gold atoms are of site 10."""

    def __init__(self, **settings):
        self.settings = AlloySettings(**settings)

    def tasks(self):
        return [Task(f"cell-{i}", {"i": i}) for i in range(12)]

    def samples(self, task, rng):
        from ase.build import bulk

        for k in range(2):
            a = 3.6 + self.settings.shift + 0.05 * task.params["i"] + 0.01 * k
            atoms = bulk("Cu", cubic=True, a=a)
            atoms.numbers[: 1 + k] = 79
            sites = np.where(atoms.numbers == 79, 10, 2)
            sites[3] = -1
            atoms.set_array("site", sites)
            energy = Quantity(atoms.get_volume() / len(atoms), "eV")
            yield Sample(f"{task.id}-{k}", atoms, None, task.id, targets={"energy": energy})


class Spectra:
    def __init__(self):
        pass

    def tasks(self):
        return [Task(f"probe-{i}", {"i": i}) for i in range(12)]

    def samples(self, task, rng):
        high = task.params["i"] % 2
        spectrum = np.linspace(0, 1 + high, 30) + 0.01 * rng.random(30)
        yield Measurement(task.id, {"spectrum": spectrum}, "high" if high else "low", task.id)


class Cell:
    def __call__(self, atoms):
        return {"vector": np.array([atoms.cell[0, 0]]), "species": atoms.numbers.astype(np.int64)}


class Line:
    """A straight line through the energies; its records do not say their epoch."""

    def fit(self, train, valid, context):
        self.slope, self.start = np.polyfit(train.stack("vector")[:, 0], train.stack("target"), 1)
        yield {"train_loss": 2.0}
        yield {"train_loss": 1.0}

    def predict(self, features):
        return self.slope * features.stack("vector")[:, 0] + self.start

    def save(self, folder):
        (folder / "line.json").write_text(json.dumps([self.slope, self.start]))

    def load(self, folder):
        self.slope, self.start = json.loads((folder / "line.json").read_text())

    def with_random_weights(self, seed):
        return self


class Sites:
    """Tells the gold atoms, and is wrong about the first atom of every structure."""

    classes = CLASSES

    def fit(self, train, valid, context):
        assert {int(v) for row in range(len(train)) for v in train.item("target", row)} == {
            -1,
            2,
            10,
        }
        yield {"train_loss": 1.0}

    def predict(self, features):
        result = []
        for row in range(len(features)):
            gold = features.item("species", row) == 79
            gold[0] = False
            result.append(np.stack([gold, ~gold], axis=1).astype(float))
        return result

    def save(self, folder):
        (folder / "nothing").write_text("")

    def load(self, folder):
        pass


class Half:
    """Says `low` or `high` by the end of the spectrum."""

    classes = ("high", "low")

    def fit(self, train, valid, context):
        yield {"train_loss": 1.0}

    def predict(self, features):
        high = features.stack("spectrum")[:, -1] > 1.5
        return np.stack([high, ~high], axis=1).astype(float) * 0.8 + 0.1

    save, load = Sites.save, Sites.load


class Pull:
    def explain(self, model, features):
        for row in range(len(features)):
            yield {"relevance_pull": np.ones(3) * row}

    def strength(self, inputs):
        return np.ones(3)

    def without(self, inputs, deleted):
        return inputs


@hookimpl
def structkit_sources():
    yield Source(
        name="toy-alloys", build=f"{HERE}:Alloys", settings=AlloySettings, summary="alloys"
    )
    yield Source(name="toy-spectra", build=f"{HERE}:Spectra", makes="spectrum", summary="spectra")


@hookimpl
def structkit_descriptors():
    yield Descriptor(
        name="toy-cell",
        produces="vector",
        build=f"{HERE}:Cell",
        ragged=("species",),
        summary="cell",
    )


@hookimpl
def structkit_models():
    yield Model(
        name="toy-line",
        accepts=("vector",),
        predicts="numbers",
        build=f"{HERE}:Line",
        summary="line",
    )
    yield Model(
        name="toy-sites", accepts=("vector",), per="atom", build=f"{HERE}:Sites", summary="sites"
    )
    yield Model(name="toy-half", accepts=("spectrum",), build=f"{HERE}:Half", summary="halves")


@hookimpl
def structkit_explainers():
    yield Explainer(name="toy-pull", build=f"{HERE}:Pull", summary="nothing much")
