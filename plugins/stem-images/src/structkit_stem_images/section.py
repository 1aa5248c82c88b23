"""The part of the report that shows images with the columns that were found in them."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from structkit.records import RowIndex
from structkit.run import Run, Section
from structkit_stem_images.columns import COLUMN, NAMES, SUBSTITUTION, VACANCY

SHOWN = 6  # origins, one image of each
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
    figure = Figure(figsize=(9, 3.2 * ((len(shown) + 2) // 3)), layout="constrained")
    axes = figure.subplots((len(shown) + 2) // 3, 3, squeeze=False).ravel()
    for axis, index in zip(axes, shown, strict=False):
        row = predictions.rows[index]
        arrays = images.arrays(row) or {}
        found = {name: predictions.item(name, index) for name in ("found", "there")}
        _draw(axis, arrays["image"][0], found, row.origin)
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    words = (
        "Rings: defects that are there; points: what was found. Blue is a column, red a vacancy, yellow a "
        "substitution; classes of another target are blue.",
        "A point without a ring of its colour, or a ring without its point, is a mistake.",
    )
    figures = [(figure, "one test image of each origin")] if shown else []
    return Section(f"Columns that were found ({step})", words, figures=figures)


def _draw(axis: Axes, image: NDArray[Any], sites: dict[str, NDArray[Any]], title: str) -> None:
    """An image with rings and points."""
    axis.imshow(image, cmap="gray", interpolation="nearest")
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
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=7)
