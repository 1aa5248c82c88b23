"""The part of the report that shows bonds: configurations with their bonds shaded, and which kinds carry the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.geometry import find_mic
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from structkit.data.items.structure import to_sample
from structkit.data.table import Row, Table
from structkit.evaluation.intervals import mean_interval
from structkit.run import Run, Section
from structkit_particle_descriptors import is_flat

Floats = NDArray[np.float64]
# of a structure without a kind of bond, as `_by_kind` has it
ABSENT = (
    0.0,
    np.nan,
    0.0,
    np.nan,
    np.nan,
)
TOP = 0.1  # of the bonds: the most relevant
PREFIX = "relevance_"
HEADER = (
    "label",
    "bonds",
    "share of all, %",
    "relevance, mean",
    "share of the top tenth, %",
    "length",
    "in the top tenth",
)


def section(run: Run, step: str) -> Section:
    """A picture of one explained row of each label that lies in a plane, and a table of local environments.

    Of several maps the one that says most of what a prediction rests on is shown.
    """
    table, shown = run.table(step), shown_map(run, step)
    labels = sorted({str(row.label) for row in table.rows})
    rows = [line for label in labels for line in _environments(table, label, shown)]
    words = shown.removeprefix(PREFIX).replace("_", " ")
    text = (
        f"The map shown is {words}: the mean over both directions of a bond. Attention is one on average in every "
        "structure; the other maps say by how much a bond speaks for the class that is predicted. "
        "Bonds by the species of their ends; intervals are 95 % over groups. Whether a map says what a prediction "
        "rests on is tested above: unless it passed, this describes the network's inside and explains nothing.",
    )
    figure = _figure(run, step, table, shown)
    figures = (
        [(figure, f"one row of each label; the darker a bond, the higher its {words}")]
        if figure
        else []
    )
    return Section(f"Bonds ({step})", text, HEADER, rows, figures)


def shown_map(run: Run, step: str) -> str:
    """The array of the map whose deletion test gained most among those that passed, or the first map."""
    best = (0.0, next(name for name in run.table(step).arrays if name.startswith(PREFIX)))
    for found in run.faithfulness(step).values():
        for method, test in found["methods"].items():
            if test["passed"]:
                best = max(best, (float(test["over_random"]["value"]), PREFIX + method))
    return best[1]


def _environments(table: Table, label: str, shown: str) -> Iterator[tuple[str, ...]]:
    chosen = [i for i, row in enumerate(table.rows) if str(row.label) == label]
    found = [_by_kind(_arrays(table, i, shown)) for i in chosen]
    groups = [table.rows[i].group for i in chosen]
    for kind in sorted({kind for row in found for kind in row}):
        # a structure may have no bond of the kind, or none among its strongest: no share, and no length
        values = np.array([row.get(kind, ABSENT) for row in found if row])
        inside = [group for row, group in zip(found, groups, strict=True) if kind in row]
        means = [
            float(np.nanmean(column)) if np.isfinite(column).any() else np.nan
            for column in values.T
        ]
        share, mean, top, length, top_length = means
        interval = mean_interval(values[np.isfinite(values[:, 1]), 1], inside)
        words = f"{mean:.4f}" + (f" [{interval[0]:.4f}, {interval[1]:.4f}]" if interval else "")
        yield (
            label,
            kind,
            f"{100 * share:.0f}",
            words,
            f"{100 * top:.0f}",
            f"{length:.3f}",
            f"{top_length:.3f}" if np.isfinite(top_length) else "–",
        )


def _arrays(table: Table, index: int, shown: str) -> dict[str, NDArray[Any]]:
    """The graph of a row, with the shown map as `relevance`."""
    names = ("senders", "receivers", "distances", "numbers")
    return {
        **{name: table.item(name, index) for name in names},
        "relevance": table.item(shown, index),
    }


def _by_kind(
    arrays: Mapping[str, NDArray[Any]],
) -> dict[str, tuple[float, float, float, float, float]]:
    """Of each pair of species: share of bonds, mean relevance, share of the top tenth, mean length, that in the top."""
    relevance, distances = arrays["relevance"], arrays["distances"]
    if len(relevance) == 0:
        return {}
    ends = np.sort(
        np.stack([arrays["numbers"][arrays[name]] for name in ("senders", "receivers")]), axis=0
    )
    top = relevance >= np.quantile(relevance, 1 - TOP)
    result = {}
    for a, b in combinations_with_replacement(np.unique(arrays["numbers"]), 2):
        mine = (ends[0] == a) & (ends[1] == b)
        if mine.any():
            high = float(distances[mine & top].mean()) if (mine & top).any() else float("nan")
            name = f"{chemical_symbols[a]}–{chemical_symbols[b]}"
            share, in_top = float(mine.mean()), float(mine[top].mean())
            result[name] = (
                share,
                float(relevance[mine].mean()),
                in_top,
                float(distances[mine].mean()),
                high,
            )
    return result


def _figure(run: Run, step: str, table: Table, shown: str) -> Figure | None:
    first = {row.label: index for index, row in reversed(list(enumerate(table.rows)))}
    rows = [
        (index, _structure(run, step, table.rows[index]))
        for _, index in sorted(first.items(), key=str)
    ]
    flat = [(index, atoms) for index, atoms in rows if atoms is not None and is_flat(atoms)]
    if not flat:
        return None
    figure = Figure(figsize=(4.2 * len(flat), 4.4), layout="constrained")
    for axis, (index, atoms) in zip(
        figure.subplots(1, len(flat), squeeze=False)[0], flat, strict=True
    ):
        _draw(axis, atoms, _arrays(table, index, shown))
        axis.set_title(str(table.rows[index].label).replace("$", r"\$"), fontsize=10)
    return figure


def _structure(run: Run, step: str, row: Row) -> Atoms | None:
    """The structure that a row was made of."""
    (model,) = run.steps[step]["from"]
    for features in run.steps[model]["from"]:
        for name in run.steps[features]["from"]:
            table = run.table(name)
            for index, other in enumerate(table.rows):
                if (other.origin, other.id) == (row.origin, row.id):
                    return to_sample(table, index).atoms
    return None


def _draw(axis: Any, atoms: Atoms, arrays: Mapping[str, NDArray[Any]]) -> None:
    senders, receivers = (atoms.positions[arrays[name]] for name in ("senders", "receivers"))
    way, _ = find_mic(senders - receivers, atoms.cell, atoms.pbc)  # to the nearest image
    start = receivers[:, :2]
    end = start + way[:, :2]
    weight = arrays["relevance"]
    shade = (
        np.clip(weight / max(float(np.quantile(weight, 0.98)), 1e-9), 0.03, 1)
        if len(weight)
        else weight
    )
    colours = np.column_stack([np.zeros((len(shade), 3)), shade])
    axis.add_collection(
        LineCollection(list(np.stack([start, end], axis=1)), colors=colours, linewidths=1.6)
    )
    kinds = {number: f"C{i}" for i, number in enumerate(np.unique(atoms.numbers)[::-1])}
    axis.scatter(
        *atoms.positions[:, :2].T,
        s=14,
        c=[kinds[number] for number in atoms.numbers],
        zorder=3,
        edgecolors="none",
    )
    axis.set(aspect="equal")
    axis.axis("off")
