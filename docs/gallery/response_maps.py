"""What the layers of a network respond to: four fingerprints, and the attentive response maps of six layers.

The network of Ziletti 2018, trained for a minute on pristine crystals.
"""

import tempfile
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from structkit import RunContext
from structkit.data.table import Row, Table
from structkit_cnn_classifier import CnnClassifier
from structkit_crystal_source import CrystalPrototypes, StandardSupercell
from structkit_diffraction_fingerprint import DiffractionFingerprint
from structkit_diffraction_fingerprint.picture import coloured
from structkit_response_maps import ResponseMaps
from structkit_response_maps.picture import bright

SHOWS = ("response-maps",)  # components

CLASSES = ("fcc", "bcc", "diamond", "hcp")


def fingerprints() -> Table:
    """Twelve crystals of each class as images."""
    source, cluster = CrystalPrototypes(classes=CLASSES, per_class=12), StandardSupercell()
    rng = np.random.default_rng(0)
    crystals = [s for task in source.tasks() for s in source.samples(task, rng)]
    clusters = [next(cluster(crystal)) for crystal in crystals]
    images = DiffractionFingerprint().batch([one.atoms for one in clusters])["image"]
    return Table.of([Row(s.id, s.label, s.group or "") for s in clusters], image=images)


def trained(table: Table) -> CnnClassifier:
    """The paper's network, after six epochs."""
    model = CnnClassifier(epochs=6, batch_size=16)
    with tempfile.TemporaryDirectory() as scratch:
        rng = np.random.default_rng(1)
        context = RunContext(seed=1, rng=rng, scratch=Path(scratch), threads=2)
        for _ in model.fit(table, table, context):
            pass
    return model


def show(axis: Axes, pixels: np.ndarray, title: str) -> None:
    """One picture."""
    axis.imshow(pixels, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=9)


def draw() -> Figure:
    """One line a class: the image, then what each layer responds to."""
    table = fingerprints()
    first = [table.labels.index(name) for name in CLASSES]
    explained = ResponseMaps().explain(trained(table), table.select(first))
    figure = Figure(figsize=(9, 5), layout="constrained")
    lines = zip(CLASSES, figure.subplots(len(CLASSES), 7), first, explained, strict=True)
    for name, (left, *axes), row, arrays in lines:
        show(left, coloured(table.item("image", row)), "fingerprint")
        left.set_ylabel(name)
        for axis, map_, layer in zip(axes, arrays["response"], arrays["layers"], strict=True):
            show(axis, bright(map_), f"layer {layer + 1}")
    return figure
