"""What the report draws itself: curves and matrices as SVG, structures and maps as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from matplotlib import colormaps
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from structkit.errors import printable
from structkit.evaluation.faithfulness import Order, curves
from structkit_html_report.images import drawing_as_png, drawing_as_svg, pixels_as_png
from structkit_html_report.texts import LONGEST_DRAWN, LONGEST_TICK, shortened

MOST_NAMED = 40  # classes: the names and numbers of more would be drawn over each other
INK, BLUE, ORANGE = "#1f2933", "#2563a8", "#d9730d"
LOSSES = {"train_loss": INK, "valid_loss": BLUE}
LINES = {"relevance": "-", "random_weights": ":", "random": "-.", "strongest": "--"}


def learning_curve(
    history: Sequence[Mapping[str, float]],
    loss: str = "cross-entropy",
) -> bytes | None:
    """Losses, and the accuracy when there is one, against the epoch; None without losses.

    Args:
        history: a record an epoch.
        loss: what the losses are.
    """
    lines = [name for name in LOSSES if all(name in record for record in history)]
    if not lines:
        return None
    figure = Figure(figsize=(6.2, 2.6), layout="constrained")
    axis = figure.subplots()
    epochs = [record.get("epoch", number) for number, record in enumerate(history, 1)]
    for name in lines:
        values = [record[name] for record in history]
        axis.plot(epochs, values, "o-", color=LOSSES[name], label=name.replace("_", " "), ms=4)
    axis.set(xlabel="epoch", ylabel=loss)
    if min(record[name] for record in history for name in lines) >= 0:
        axis.set_ylim(0, None)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    if all("valid_accuracy" in record for record in history):
        _accuracy(axis, epochs, [record["valid_accuracy"] for record in history])
    axis.legend(frameon=False, loc="best", fontsize=8)
    return drawing_as_svg(figure)


def _accuracy(axis: Any, epochs: Sequence[float], values: Sequence[float]) -> None:
    """Draw the accuracy on an axis of its own."""
    right = axis.twinx()
    right.plot(epochs, values, "s--", color=ORANGE, label="valid accuracy", ms=4)
    right.set(ylabel="accuracy", ylim=(0, 1.02))
    right.yaxis.label.set_color(ORANGE)
    axis.plot([], [], "s--", color=ORANGE, label="valid accuracy", ms=4)


def plain(text: str, longest: int = LONGEST_DRAWN) -> str:
    """Text that is drawn as it is in one line of bounded length, and never read as a formula."""
    return shortened(" ".join(printable(text).split()), longest).replace("$", r"\$")


def confusion(classes: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> bytes:
    """A confusion matrix: rows are true classes, columns predicted ones; colour is the fraction of the row.

    Of many classes the colours alone are drawn, in the order of `metrics.json`.
    """
    matrix = np.array(counts)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    named = len(classes) <= MOST_NAMED
    names = [plain(str(name), LONGEST_TICK) for name in classes] if named else []
    size = min(1.3 + 0.32 * len(classes), 12.0)
    room = 0.07 * max(0, max(map(len, names), default=0) - 6)  # inches, for names beside the matrix
    figure = Figure(figsize=(size + 0.4 + room, size + 0.75 * room), layout="constrained")
    axis = figure.subplots()
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_title(plain(title), fontsize=10)
    axis.set(xlabel="predicted", ylabel="true")
    for (row, column), count in np.ndenumerate(matrix):
        if count and named:
            axis.text(
                column,
                row,
                str(count),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if share[row, column] > 0.55 else INK,
            )
    return drawing_as_svg(figure)


def structure_picture(atoms: Atoms) -> bytes:
    """The atoms seen a little from the side, coloured by element, the near ones in front."""
    seen = (np.asarray(atoms.positions) - atoms.positions.mean(axis=0)) @ _viewpoint(atoms).T
    order = np.argsort(seen[:, 2])
    radii = atoms.arrays.get(
        "radius", 0.55 * covalent_radii[np.minimum(atoms.numbers, len(covalent_radii) - 1)]
    )
    diameter = 2 * np.asarray(radii, dtype=float)[order]
    depth = (seen[order, 2] - seen[:, 2].min()) / max(np.ptp(seen[:, 2]), 1e-9)
    colours = jmol_colors[np.minimum(atoms.numbers, len(jmol_colors) - 1)][order]
    colours = 1 - (1 - colours) * (0.35 + 0.65 * depth[:, None])  # far atoms fade into the page
    figure = Figure(figsize=(1.5, 1.5))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.add_collection(
        EllipseCollection(
            diameter,
            diameter,
            0,
            units="xy",
            offsets=seen[order, :2],
            transOffset=axis.transData,
            facecolors=colours,
            edgecolors="#00000055",
            linewidths=0.3,
        )
    )
    reach = 1.04 * np.abs(seen[:, :2]).max() + diameter.max() / 2
    axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axis.axis("off")
    return drawing_as_png(figure)


def _viewpoint(atoms: Atoms) -> NDArray[np.float64]:
    """From above for a flat structure, else turned so that layers and columns are told apart."""
    if np.ptp(atoms.positions[:, 2]) < 1e-6:
        return np.eye(3)
    matrix: NDArray[np.float64] = Rotation.from_euler("zx", [18, -75], degrees=True).as_matrix()
    return matrix


def heat_picture(values: NDArray[Any]) -> bytes:
    """One number a pixel: white for none, red for what speaks for the class, blue for what speaks against it."""
    top = float(np.abs(values).max()) or 1.0
    shades = colormaps["RdBu_r"](0.5 + 0.5 * np.asarray(values) / top)[..., :3]
    return pixels_as_png((255 * shades).astype(np.uint8))


def deletion_curves(record: Mapping[str, Any], title: str) -> bytes:
    """Mean probability against the deleted fraction: methods in colour, their random weights dotted, chance dashed."""
    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    axis = figure.subplots()
    fractions = [100 * fraction for fraction in record["fractions"]]
    colours = {method: f"C{number}" for number, method in enumerate(record["methods"])}
    axis.axhline(record["intact"], color="#c8d0d8", lw=1, label="nothing deleted")
    for curve in curves(record):
        order = curve.order
        colour = colours[order.method] if order.method else INK
        (line,) = axis.plot(fractions, curve.probability, LINES[order.by], color=colour, lw=1.2)
        line.set_label(_label(order))
    axis.set(
        xscale="log",
        xlabel="deleted, % of what is there",
        ylabel="mean probability",
        ylim=(0, 1.02),
    )
    axis.set_xticks(fractions, [f"{fraction:g}" for fraction in fractions])
    axis.minorticks_off()
    axis.set_title(plain(title), fontsize=10)
    axis.legend(frameon=False, fontsize=6.5, loc="center left", bbox_to_anchor=(1, 0.5))
    return drawing_as_svg(figure)


def _label(order: Order) -> str:
    method = plain((order.method or "").replace("_", " "))
    labels = {
        "relevance": method,
        "random_weights": f"{method}, random weights",
        "random": "random order",
        "strongest": "strongest first",
    }
    return labels[order.by]


def vector_picture(values: NDArray[Any]) -> bytes:
    """A row of numbers as a curve, for what has no picture of its own."""
    figure = Figure(figsize=(1.5, 1.5))
    axis = figure.add_axes((0.04, 0.06, 0.92, 0.88))
    axis.plot(np.asarray(values, dtype=float), color=BLUE, lw=0.9)
    axis.axhline(0, color="#c8d0d8", lw=0.6, zorder=0)
    axis.set(xticks=[], yticks=[])
    return drawing_as_png(figure)
