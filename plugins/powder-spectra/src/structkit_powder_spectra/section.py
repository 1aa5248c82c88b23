"""The part of the report that shows explained patterns, with their lines named by the planes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from structkit.data.table import Table
from structkit.run import Run, Section
from structkit_powder_spectra.grid import NAMES, UNITS, grid_of
from structkit_powder_spectra.naming import names

SHOWN = 6  # patterns


def section(run: Run, step: str) -> Section:
    """One explained pattern of each label, relevance in colour."""
    table = run.table(step)
    first = {row.label: index for index, row in reversed(list(enumerate(table.rows)))}
    shown = sorted(first.values(), key=lambda index: str(table.rows[index].label))[:SHOWN]
    methods = [name for name in table.arrays if name.startswith("relevance_")]
    passed = [name for name in methods if run.passed(step, name.removeprefix("relevance_"))]
    best = (passed or methods)[0].removeprefix("relevance_")
    verdict = "which passed its tests" if passed else "which passed no test: it is no proof"
    paragraphs = (
        f"Red stretches speak for the predicted class, blue ones against it, by {best}, {verdict}. "
        "The strongest lines are named by the planes that reflect there: those of the row's own structure; of "
        "measured rows, those of the lattice that the settings give their label, where it fits better than by chance.",
    )
    caption = "one test pattern per label"
    figures = [(_figure(table, shown, best), caption)] if shown else []
    return Section(f"Explained patterns ({step})", paragraphs, figures=figures)


def _figure(table: Table, rows: list[int], method: str) -> Figure:
    figure = Figure(figsize=(8, 1.5 * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axis, row in zip(axes, rows, strict=True):
        _draw(axis, table, row, method)
    if "axis" in table.arrays:
        last = {name: table.item(name, rows[-1]) for name in ("spectrum", "axis")}
        grid = grid_of(last)
        axes[-1].set_xlabel(f"{NAMES[grid.axis]} [{UNITS[grid.axis]}]")
    return figure


def _draw(axis: Axes, table: Table, row: int, method: str) -> None:
    spectrum = np.asarray(table.item("spectrum", row), float)
    relevance = np.asarray(table.item(f"relevance_{method}", row), float)
    first, last = 0.0, float(len(spectrum) - 1)
    if "axis" in table.arrays:
        first, last = (float(value) for value in table.item("axis", row)[:2])
    places, ends = np.linspace(first, last, len(spectrum)), (first, last)
    top = max(float(np.abs(relevance).max()), 1e-300)
    height = float(spectrum.max()) * 1.25
    axis.imshow(
        relevance[None] / top, extent=(*ends, 0, height), aspect="auto", cmap="bwr", vmin=-1, vmax=1,
        alpha=0.6, interpolation="nearest",
    )  # fmt: skip
    axis.plot(places, spectrum, color="black", linewidth=0.7)
    planes = names(table.item("line_planes", row))
    for place, name in zip(table.item("line_places", row), planes, strict=True):
        axis.text(float(place), height, name, rotation=90, va="top", ha="center", fontsize=6)
    label = str(table.rows[row].label or table.rows[row].id).replace("$", r"\$")
    scale = float(table.item("lattice_scale", row)[0])
    if scale not in (0.0, 1.0):
        axis.set_title(
            f"planes of the lattice given, {100 * (scale - 1):+.2f} %", fontsize=6, loc="right"
        )
    axis.set(xlim=ends, ylim=(0, height), yticks=[], ylabel=label)
