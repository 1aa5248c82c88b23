"""The part of the report that shows mixtures: what was measured, what the phases make of it, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from structkit.data.table import Row, Table
from structkit.run import Run, Section
from structkit_powder_spectra.fractions import OF_PHASES, WEIGHED
from structkit_powder_spectra.grid import grid_of

DRAWN = 2  # patterns of each origin, the worst fitted
MOST = 6  # patterns
LISTED = 40  # rows of the table
HEADER = (
    "row",
    "weighed",
    "found, in % by weight with 95 % intervals",
    "residual",
    "something else",
)
PARAGRAPHS = (
    "Measured points are grey, the phases that were found red on their background (blue); what they leave is below.",
    "A peak away from all their lines (orange) is something else: weights are then of the phases that were found, "
    "and no interval counts what has no reference.",
)


def mixture_section(run: Run, step: str) -> Section:
    """A table of mixtures, and the patterns that are fitted worst."""
    table, phases = run.predictions(step), run.metrics(step)["phases"]
    rows = [row for row in range(len(table)) if table.rows[row].subset != "train"]
    cells = [_cells(table, row, phases) for row in rows[:LISTED]]
    more = [f"The first {LISTED} of {len(rows)} are listed."] if len(rows) > LISTED else []
    shown = _worst(table, rows)
    caption = "of each origin the patterns that are fitted worst"
    figures = [(_figure(run, step, table, shown), caption)] if shown else []
    return Section(f"Mixtures ({step})", [*PARAGRAPHS, *more], HEADER, cells, figures)


def _worst(table: Table, rows: Sequence[int]) -> list[int]:
    """The worst fitted rows of each origin."""
    of_origin: dict[str, list[int]] = {}
    for row in sorted(rows, key=lambda row: -float(table.item("residual", row))):
        of_origin.setdefault(str(table.rows[row].origin), []).append(row)
    return [row for several in of_origin.values() for row in several[:DRAWN]][:MOST]


def _cells(table: Table, row: int, phases: Sequence[str]) -> list[str]:
    item = {name: table.item(name, row) for name in (*OF_PHASES, WEIGHED)}
    order = np.argsort(-item["fractions"], kind="stable").tolist()
    found = [_share(phases[place], item, place) for place in order if item["fractions"][place] > 0]
    height, place = (float(table.item(name, row)) for name in ("stray_height", "stray_place"))
    return [
        table.rows[row].id,
        table.rows[row].label or "",
        ", ".join(found) or "no reference fits",
        f"{float(table.item('residual', row)):.2f}",
        f"a peak at {place:.2f}, {100 * height:.0f} %" if height > 0 else "",
    ]


def _share(name: str, item: Mapping[str, Any], place: int) -> str:
    share, low, high = (100 * float(item[array][place]) for array in OF_PHASES)
    return f"{name} {share:.1f} [{low:.0f}, {high:.0f}]"


def _measured(run: Run, step: str, row: Row) -> Mapping[str, Any]:
    """The pattern that a model read, of the input step that has it."""
    given = [run.arrays(name, row) for name in run.step(step).inputs]
    return next(arrays for arrays in given if arrays is not None)


def _figure(run: Run, step: str, table: Table, rows: Sequence[int]) -> Figure:
    figure = Figure(figsize=(8, 1.9 * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axis, row in zip(axes, rows, strict=True):
        _draw(axis, table, row, _measured(run, step, table.rows[row]))
    return figure


def _draw(axis: Axes, table: Table, row: int, arrays: Mapping[str, Any]) -> None:
    places, measured = grid_of(arrays).values, np.asarray(arrays["spectrum"], float)
    fitted = np.asarray(table.item("fitted", row), float)
    left, top = measured - fitted, float(measured.max())
    axis.plot(places, measured, color="0.6", linewidth=0.9)
    axis.plot(places, fitted, color="tab:red", linewidth=0.7)
    axis.plot(places, table.item("background", row), color="tab:blue", linewidth=0.6)
    axis.plot(places, left - 0.25 * top, color="0.3", linewidth=0.5)
    if float(table.item("stray_height", row)) > 0:
        axis.axvline(float(table.item("stray_place", row)), color="tab:orange", linewidth=0.8)
    named = table.rows[row].label or table.rows[row].id
    title = f"{named}, residual {float(table.item('residual', row)):.2f}".replace("$", r"\$")
    axis.set_title(title, fontsize=8, loc="left")
    axis.set(xlim=(places[0], places[-1]), yticks=[])
