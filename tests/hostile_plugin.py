"""A plugin with places where a test writes hostile lines, and a witness of what everybody shares."""

import decimal
import locale
import os
import random
import sys
import warnings
from pathlib import Path

import numpy as np
from ase import Atoms
from pydantic import Field, SecretBytes, SecretStr  # noqa: F401  (for hostile lines)

from structkit import (
    Descriptor,
    Explainer,
    Model,
    Sample,
    Settings,
    Source,
    Task,
    Transform,
    hookimpl,
)

STRUCTKIT_API = 1
HERE = __name__
CLASSES = ("a", "b")
# import


class Words(Settings):
    number: int = Field(2, ge=1)
    """of something"""
    # settings


class Boxes:
    def tasks(self):
        # tasks
        return [Task(f"t{i}", {"i": i}) for i in range(8)]

    def samples(self, task, rng):
        i = task.params["i"]
        atoms = Atoms("Cu" * (1 + i % 2), [[i + k, 0, 0] for k in range(1 + i % 2)], cell=[9, 9, 9])
        atoms.info["noted"] = {"deep": [float(i)]}
        atoms.set_array("spin", np.arange(len(atoms), dtype=float))
        # source
        yield Sample(f"s{i}", atoms, "ab"[i % 2], f"g{i}", {"deep": [i]})


class Copy:
    def __init__(self, **settings):
        self.number = Words(**settings).number

    def __call__(self, sample, rng):
        # transform
        yield Sample(sample.id, sample.atoms)


class Count:
    buffer = np.zeros(2)
    # method

    def __call__(self, atoms):
        n = float(len(atoms))
        # descriptor
        return {"vector": np.array([atoms.info["noted"]["deep"][0], n])}


def shared():
    """Numbers that say what everybody shares."""
    words = [np.geterr(), np.get_printoptions(), str(Path.cwd()), locale.setlocale(locale.LC_ALL)]
    umask = os.umask(0o022)
    os.umask(umask)
    words += [umask, os.environ.get("HOSTILE"), decimal.getcontext().prec]
    words += ["error" in [one[0] for one in warnings.filters], "hostile" in sys.path]
    words += [sys.getrecursionlimit(), sorted(os.sched_getaffinity(0))]
    if torch := sys.modules.get("torch"):
        words += [torch.zeros(0).dtype == torch.float32, torch.is_grad_enabled()]
        words += [torch.get_float32_matmul_precision() == "highest"]
        words += [not torch.are_deterministic_algorithms_enabled()]
        words += [not torch.backends.cudnn.benchmark, torch.zeros(0).device.type == "cpu"]
        words = words if not all(words[-6:]) else words[:-6]
    digest = sum(ord(letter) * (i % 97) for i, letter in enumerate(repr(words)))
    return [float(digest), random.random(), np.random.rand()]


class Witness:
    def __call__(self, atoms):
        # witness
        return {"vector": np.array([float(len(atoms)), *shared()])}


class Means:
    classes = ()

    def fit(self, train, valid, context):
        self.classes = CLASSES
        # fit
        yield {"epoch": 1.0, "train_loss": 0.5}

    def predict(self, features):
        n = len(features)
        # predict
        return np.full((n, 2), 0.5)

    def save(self, folder):
        (folder / "classes.txt").write_text(",".join(map(str, self.classes)))
        # save

    def load(self, folder):
        self.classes = tuple((folder / "classes.txt").read_text().split(","))
        # load


class Why:
    def explain(self, model, features):
        for row in range(len(features)):
            # explain
            yield {"a": features.item("vector", row)}


@hookimpl
def structkit_sources():
    yield Source(name="boxes", build=f"{HERE}:Boxes", summary="x")


@hookimpl
def structkit_transforms():
    yield Transform(name="copy", build=f"{HERE}:Copy", settings=Words, summary="x")


@hookimpl
def structkit_descriptors():
    yield Descriptor(name="count", produces="vector", build=f"{HERE}:Count", summary="x", shard=2)
    yield Descriptor(
        name="witness", produces="vector", build=f"{HERE}:Witness", summary="x", shard=2
    )


@hookimpl
def structkit_models():
    yield Model(name="means", accepts=("vector",), build=f"{HERE}:Means", summary="x")


@hookimpl
def structkit_explainers():
    yield Explainer(name="why", build=f"{HERE}:Why", summary="x")
