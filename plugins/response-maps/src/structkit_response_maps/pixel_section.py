"""The part of the report that shows which pixels carry the verdict on single ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from structkit.evaluation.faithfulness import relevance
from structkit.run import Run, Section

SHOWN = 6  # pixels, one of each class of each origin first
TICK = 5.0  # Å between ticks
SIDE = 2.6  # inches of a panel
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Shown:
    """An explained pixel.

    Args:
        title: the row and its origin.
        label: the class that was said of the pixel.
        pixel: its row and column.
        image: (height, width).
        sampling: Å a pixel; None where it is not known.
        maps: by method, (height, width).
    """

    title: str
    label: str
    pixel: tuple[int, int]
    image: NDArray[Any]
    sampling: float | None
    maps: Arrays


def pixel_section(run: Run, step: str) -> Section:
    """The image, the explained pixel, and the maps, with their scales."""
    shown = _shown(run, step)
    paragraphs = (
        "Each line is one pixel (the cross) and what was said of it. Red speaks for that, blue against it; "
        "the maps are in units of the logit, and those of integrated gradients sum to how far it lies from "
        "that of a grey image.",
        _verdict(run, step),
    )
    caption = "image, and the maps of single pixels · test"
    figures = [(_figure(shown), caption)] if shown else []
    return Section(f"What carries the verdict on a pixel ({step})", paragraphs, figures=figures)


def _verdict(run: Run, step: str) -> str:
    """Which methods passed their tests."""
    names = relevance({name: np.empty(0) for name in run.table(step).arrays})
    passed = [name.replace("_", " ") for name in names if run.passed(step, name)]
    if not passed:
        return "No map passed its tests (above), so they are no proof of what the network uses."
    return f"Passed their tests (above), in every origin: {', '.join(passed)}."


def _shown(run: Run, step: str) -> list[Shown]:
    """The first explained pixel of every class and origin, then of every class."""
    (model,) = run.step(step).inputs
    classes = run.metrics(model)["classes"]
    table, first = run.table(step), dict[tuple[str, str], Shown]()
    for index, row in enumerate(table.rows):
        inputs = _inputs(run, model, row)
        for place, said in enumerate(table.item("said", index).tolist()):
            key = (row.origin, str(classes[said]))
            if inputs is not None and key not in first:
                arrays = {name: table.item(name, index) for name in table.arrays}
                first[key] = _one(f"{row.id} · {row.origin}", key[1], inputs, arrays, place)
    return list(first.values())[:SHOWN]


def _inputs(run: Run, model: str, row: Any) -> Arrays | None:
    """What the model read of a row."""
    several = (run.arrays(step, row) for step in run.step(model).inputs)
    return next((arrays for arrays in several if arrays is not None), None)


def _one(title: str, label: str, inputs: Arrays, arrays: Arrays, place: int) -> Shown:
    image = inputs["image"].sum(axis=0)
    pixel = divmod(int(arrays["explained"][place]), image.shape[1])
    sampling = float(inputs["sampling"][0]) if "sampling" in inputs else None
    maps = {name: values[place] for name, values in relevance(arrays).items() if name != "nearness"}
    return Shown(title, label, pixel, image, sampling, maps)


def _figure(shown: list[Shown]) -> Figure:
    """A line a pixel: the image and its maps."""
    wide = 1 + len(shown[0].maps)
    figure = Figure(figsize=(SIDE * wide * 1.2, SIDE * len(shown)), layout="constrained")
    axes = figure.subplots(len(shown), wide, squeeze=False)
    for line, one in zip(axes, shown, strict=True):
        line[0].imshow(one.image, cmap="gray", interpolation="nearest")
        line[0].set_title(f"class {one.label}: {one.title}".replace("$", r"\$"), fontsize=7)
        for axis, (name, values) in zip(line[1:], one.maps.items(), strict=True):
            top = max(float(np.abs(values).max()), 1e-12)
            drawn = axis.imshow(values, cmap="RdBu_r", vmin=-top, vmax=top, interpolation="nearest")
            axis.set_title(name.replace("_", " "), fontsize=7)
            bar = figure.colorbar(drawn, ax=axis, shrink=0.8)
            bar.set_label("logit", fontsize=7)
            bar.ax.tick_params(labelsize=6)
        for axis in line:
            axis.plot(one.pixel[1], one.pixel[0], "+", color="tab:green", markersize=9)
            _scale(axis, one.sampling)
    return figure


def _scale(axis: Axes, sampling: float | None) -> None:
    """Ticks in Å; none where the sampling is not known."""
    if sampling is None:
        axis.set(xticks=[], yticks=[])
        return
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(MultipleLocator(TICK / sampling))
        side.set_major_formatter(FuncFormatter(lambda pixel, _: f"{pixel * sampling:.0f}"))
    axis.tick_params(labelsize=6)
    axis.set_xlabel("x [Å]", fontsize=7)
    axis.set_ylabel("y [Å]", fontsize=7)
