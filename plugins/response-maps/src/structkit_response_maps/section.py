"""The part of the report that shows the response maps layer by layer."""

from __future__ import annotations

from matplotlib.figure import Figure

from structkit.data.table import Table
from structkit.run import Run, Section
from structkit_response_maps.picture import bright


def section(run: Run, step: str) -> Section:
    """One row of maps for one explained structure of each label."""
    table = run.table(step)
    first = {row.label: index for index, row in reversed(list(enumerate(table.rows)))}
    paragraphs = (
        "Which part of the image the strongest filters of each convolution layer respond to, carried "
        "back to the image; red, green and blue are the channels. Deeper layers respond to larger constellations.",
        _verdict(run, step),
    )
    shown = sorted(first.values(), key=lambda index: str(table.rows[index].label))
    caption = "rows: one test structure per label; columns: convolution layers"
    figures = [(_figure(table, shown), caption)] if shown else []
    return Section(f"Response maps by layer ({step})", paragraphs, figures=figures)


def _verdict(run: Run, step: str) -> str:
    if "relevance_response" in run.table(step).arrays and run.passed(step, "response"):
        return "The maps of the last column passed their faithfulness tests (above); the others are unvalidated."
    return "These maps are unvalidated: they have passed no test (above), so they are no proof of what the network uses."


def _figure(table: Table, rows: list[int]) -> Figure:
    layers = table.item("layers", rows[0])
    figure = Figure(
        figsize=(1.25 * len(layers) + 1.4, 1.25 * len(rows) + 0.3), layout="constrained"
    )
    axes = figure.subplots(len(rows), len(layers), squeeze=False)
    for axis, number in zip(axes[0], layers, strict=True):
        axis.set_title(f"layer {number + 1}")
    for line, row in zip(axes, rows, strict=True):
        response = table.item("response", row)
        for axis, layer in zip(line, response, strict=True):
            axis.imshow(bright(layer), interpolation="nearest")
            axis.set(xticks=[], yticks=[])
        label = str(table.rows[row].label or table.rows[row].id).replace("$", r"\$")
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return figure
