"""The part of the report that shows images with the columns that were found in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.records import RowIndex
from structkit.run import Run, Section
from structkit_stem_images.columns import COLUMN, NAMES, SUBSTITUTION, VACANCY

SHOWN = 6  # origins, one image of each
TICK = 5.0  # Å between ticks
COLOURS = {COLUMN: "tab:blue", VACANCY: "red", SUBSTITUTION: "gold"}


def section(run: Run, step: str) -> Section:
    """One test image of each origin, with what is there and what was found."""
    predictions = run.predictions(step)
    images = RowIndex(run.table(run.step(step).inputs[0]))
    first: dict[str, int] = {}
    for index, row in enumerate(predictions.rows):
        if row.subset == "test":
            first.setdefault(row.origin, index)
    shown = [index for index in first.values() if images.arrays(predictions.rows[index])][:SHOWN]
    figure = _figure(predictions, images, shown)
    words = (
        "Rings: defects that are there; points: what was found. Blue is a column, red a vacancy, yellow a "
        "substitution; classes of another target are blue.",
        "A point without a ring of its colour, or a ring without its point, is a mistake.",
    )
    figures = [(figure, "one test image of each origin")] if shown else []
    return Section(f"Columns that were found ({step})", words, figures=figures)


def _figure(predictions: Table, images: RowIndex, shown: list[int]) -> Figure:
    """An image beside the other, at most three."""
    wide = min(max(len(shown), 1), 3)
    high = -(-max(len(shown), 1) // wide)
    figure = Figure(figsize=(3.4 * wide, 3.5 * high), layout="constrained")
    axes = figure.subplots(high, wide, squeeze=False).ravel()
    for axis, index in zip(axes, shown, strict=False):
        row = predictions.rows[index]
        found = {name: predictions.item(name, index) for name in ("found", "there")}
        _draw(axis, images.arrays(row) or {}, found, f"{row.id} · {row.origin}")
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    return figure


def _draw(
    axis: Axes, arrays: Mapping[str, NDArray[Any]], sites: dict[str, NDArray[Any]], title: str
) -> None:
    """An image with rings and points, and its size along its sides."""
    axis.imshow(arrays["image"][0], cmap="gray", interpolation="nearest")
    for name, size, filled in (("found", 5, True), ("there", 60, False)):
        for kind, colour in COLOURS.items():
            meant = sites[name][sites[name][:, 2] == kind]
            if not filled and kind == COLUMN:
                continue
            face = colour if filled else "none"
            axis.scatter(
                meant[:, 0], meant[:, 1], size, facecolors=face, edgecolors=colour, linewidths=1
            )
    other = sites["found"][sites["found"][:, 2] >= len(NAMES)]
    axis.scatter(other[:, 0], other[:, 1], 5, color=COLOURS[COLUMN])
    if "sampling" in arrays:
        _scale(axis, float(arrays["sampling"][0]))
    else:
        axis.set(xticks=[], yticks=[])
    axis.set_title(shown_plainly(title), fontsize=8)


def _scale(axis: Axes, sampling: float) -> None:
    """Ticks in Å, for pixels of so many Å."""
    in_angstrom = FuncFormatter(lambda pixel, _: f"{pixel * sampling:.0f}")
    step = MultipleLocator(TICK / sampling)
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(step)
        side.set_major_formatter(in_angstrom)
    axis.tick_params(labelsize=7)
    axis.set_xlabel("x [Å]", fontsize=8)
    axis.set_ylabel("y [Å]", fontsize=8)


def shown_plainly(text: str) -> str:
    """A text that matplotlib takes for no formula."""
    return text.replace("$", r"\$")
