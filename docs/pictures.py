"""Make the pictures of the READMEs: .venv/bin/python docs/pictures.py ."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from ase.build import bulk
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread

from structkit import Measurement, RunContext, Sample
from structkit.data.table import Row, Table
from structkit_cnn_classifier import CnnClassifier
from structkit_crystal_source import CrystalPrototypes, PointDefects, StandardSupercell
from structkit_diffraction_fingerprint import DiffractionFingerprint
from structkit_diffraction_fingerprint.picture import picture
from structkit_html_report import structure_picture
from structkit_md_glass_source import MdGlass, particle_figure
from structkit_powder_spectra import Instrument, PowderXrd
from structkit_response_maps import ResponseMaps
from structkit_response_maps.picture import bright
from structkit_stem_images import MarkedDefects, Microscope, StemImage, ThinCrystals
from structkit_stem_images.picture import picture as stem_picture

ROOT = Path(__file__).parents[1]
CLASSES = ("fcc", "bcc", "diamond", "hcp", "bct141", "rhombohedral")


def samples(per_class: int) -> list[Sample]:
    """Standard clusters of a few classes."""
    source, cluster = (
        CrystalPrototypes(classes=CLASSES, per_class=per_class, groups_per_class=12),
        StandardSupercell(),
    )
    rng = np.random.default_rng(0)
    return [next(cluster(s)) for task in source.tasks() for s in source.samples(task, rng)]


def damaged(sample: Sample) -> Sample:
    """The same with a quarter of the atoms missing."""
    return next(PointDefects(vacancies=0.25, displacement=0.02)(sample, np.random.default_rng(1)))


def show(axis: Axes, pixels: np.ndarray, title: str = "") -> None:
    """One picture without a frame of numbers."""
    axis.imshow(pixels, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=9)
    for spine in axis.spines.values():
        spine.set_visible(False)


def drawing(sample: Sample) -> np.ndarray:
    """The atoms as pixels."""
    return imread(io.BytesIO(structure_picture(sample.atoms)))


def save(figure: Figure, plugin: str) -> None:
    """Write a plugin's picture."""
    figure.savefig(ROOT / "docs" / "pictures" / f"{plugin}.png", dpi=90)


def glass_and_liquid() -> None:
    """Inherent structures of one energy, from one trajectory."""
    source = MdGlass(particles=600, pair="equal-energy", trajectories=1, frames="quenched")
    samples = list(source.samples(source.tasks()[0], np.random.default_rng(1)))
    names = {
        f"{s.label}, {s.atoms.info['inherent_energy']:.4f} ε per particle": s.atoms for s in samples
    }
    save(particle_figure(names), "glass-and-liquid")


EFFECTS: dict[str, dict[str, Any]] = {
    "as simulated": {},
    "zero shift 0.5°": {"zero_shift": 0.5},
    "displacement 5 mm": {"displacement": 5.0},
    "lattice strain 2 %": {"lattice_strain": 0.02},
    "axial strain 1 %": {"axial_strain": 0.01},
    "size 8 nm": {"size": (8.0, 8.0)},
    "microstrain 1 %": {"microstrain": 0.01},
    "texture r = 0.3": {"texture": (0.3, 0.3)},
    "background 50 %": {"background": 0.5},
    "60 counts": {"counts": (60.0, 60.0), "background": 0.2},
    "impurity 50 %": {"impurity": 0.5},
    "all of it": {},
}
NONE = {"zero_shift": 0, "displacement": 0, "lattice_strain": 0, "size": None, "microstrain": 0,
        "texture": None, "background": 0, "counts": None}  # fmt: skip


def powder_patterns() -> None:
    """A pattern of NaCl with each setting of `instrument`, beside the plain one."""
    powder = PowderXrd(start=20, stop=80)
    salt = Measurement("NaCl", powder(bulk("NaCl", "rocksalt", a=5.64, cubic=True)))
    figure = Figure(figsize=(9, 5), layout="constrained")
    angles = powder.grid.values
    for axis, (title, words) in zip(figure.subplots(4, 3).ravel(), EFFECTS.items(), strict=True):
        settings = {"impurity": 0.3} if title == "all of it" else {**NONE, **words}
        child = next(Instrument(**settings)(salt, np.random.default_rng(4)))
        axis.plot(angles, salt.arrays["spectrum"], color="0.8", linewidth=0.8)
        axis.plot(angles, child.arrays["spectrum"], color="black", linewidth=0.7)
        axis.set(yticks=[], xlim=(26, 60))
        axis.set_title(title, fontsize=9)
    save(figure, "powder-spectra")


def stem_images() -> None:
    """Pieces of three crystals as they are simulated, and at four doses, in electrons per Å²."""
    rng = np.random.default_rng(2)
    source = ThinCrystals(count=1)
    doses = (1e3, 1e4, 1e5, 1e6)
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    for line, task in zip(figure.subplots(3, 5), source.tasks(), strict=True):
        (piece,) = source.samples(task, rng)
        arrays = StemImage()(next(MarkedDefects()(piece, rng)).atoms)
        show(line[0], stem_picture(arrays), f"{piece.label}, simulated")
        for axis, dose in zip(line[1:], doses, strict=True):
            one = Microscope(dose=dose)(Measurement("x", arrays), rng)
            show(axis, stem_picture(next(one).arrays), f"{dose:.0e} e/Å²".replace("e+0", "e"))
    save(figure, "stem-images")


def main() -> None:
    """All pictures."""
    stem_images()
    powder_patterns()
    glass_and_liquid()
    everything = samples(12)
    first = {s.label: s for s in reversed(everything)}
    chosen = [first[label] for label in CLASSES]
    fingerprint = DiffractionFingerprint()

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for column, sample in zip(figure.subplots(2, len(CLASSES)).T, chosen, strict=True):
        show(column[0], drawing(sample), f"{sample.group}, {sample.label}")
        show(column[1], drawing(damaged(sample)))
    save(figure, "crystal-source")

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for column, sample in zip(figure.subplots(2, len(CLASSES)).T, chosen, strict=True):
        show(column[0], picture(fingerprint(sample.atoms)), str(sample.label))
        show(column[1], picture(fingerprint(damaged(sample).atoms)), "25 % vacancies")
    save(figure, "diffraction-fingerprint")

    images = fingerprint.batch([s.atoms for s in everything])["image"]
    table = Table.of([Row(s.id, s.label, s.group or "") for s in everything], image=images)
    scratch = ROOT / ".structkit" / "pictures"
    scratch.mkdir(parents=True, exist_ok=True)
    model = CnnClassifier(epochs=6, batch_size=16)
    context = RunContext(seed=1, rng=np.random.default_rng(1), scratch=scratch, threads=2)
    for _ in model.fit(table, table, context):
        pass

    filters = (
        next(model.network.parameters()).detach().numpy()
        if model.network
        else np.zeros((32, 3, 7, 7))
    )
    figure = Figure(figsize=(9, 2.3), layout="constrained")
    for axis, weights in zip(figure.subplots(2, 16).ravel(), filters, strict=True):
        show(axis, np.clip(np.moveaxis(weights, 0, -1) / np.abs(filters).max() / 2 + 0.5, 0, 1))
    save(figure, "cnn-classifier")

    rows = [s.id for s in everything]
    picked = table.select([rows.index(s.id) for s in chosen[:4]])
    figure = Figure(figsize=(9, 5), layout="constrained")
    lines = figure.subplots(4, 7)
    for line, row, arrays in zip(
        lines, range(4), ResponseMaps().explain(model, picked), strict=True
    ):
        show(
            line[0],
            picture({"image": picked.item("image", row)}),
            "fingerprint" if row == 0 else "",
        )
        line[0].set_ylabel(str(picked.rows[row].label))
        for axis, response, layer in zip(
            line[1:], arrays["response"], arrays["layers"], strict=True
        ):
            show(axis, bright(response), f"layer {layer + 1}" if row == 0 else "")
    save(figure, "response-maps")


if __name__ == "__main__":
    main()
