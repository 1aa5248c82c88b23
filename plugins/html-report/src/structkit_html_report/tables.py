"""The report's tables: what was run, and on which data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from markupsafe import Markup

from structkit.data.table import Table
from structkit.records import ORIGINS
from structkit.run import Run, StepRecord
from structkit_html_report.histograms import histogram
from structkit_html_report.texts import Block

MOST_ROWS = 200  # of the labels of a table
MOST_HISTOGRAMS = 6  # of the numbers of a step's rows
STRUCTURE = "structure"  # what rows of structures hold


def step_rows(run: Run) -> list[dict[str, str]]:
    """One row per step: what it is, what it reads, how it is set."""
    return [_step_row(run.step(step)) for step in run.steps]


def _step_row(step: StepRecord) -> dict[str, str]:
    settings = [f"{_short(key)[1:-1]}: {_short(value)}" for key, value in step.settings.items()]
    return {
        "id": step.id,
        "kind": step.kind,
        "use": step.component,
        "plugin": f"{step.use.rpartition('/')[0]} {step.version}",
        "summary": step.summary,
        "from": ", ".join(step.inputs),
        "settings": Block(", ".join(settings)),
    }


def _short(value: Any, limit: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def makers(run: Run) -> list[str]:
    """The steps that make rows."""
    return run.steps_with(ORIGINS)


def data_card(run: Run, step: str) -> dict[str, Any]:
    """How many rows of each label a step made, in how many groups, of what size and targets."""
    table, holds = run.table(step), run.step(step).passes
    labels = table.values("label")
    groups: dict[str | None, set[str]] = {}
    for label, group in zip(labels, table.groups, strict=True):
        groups.setdefault(label, set()).add(group)
    counts = Counter(labels)
    names = sorted((name for name in counts if len(counts) > 1 or name), key=str)
    rows = [(label or "no label", counts[label], len(groups[label])) for label in names[:MOST_ROWS]]
    if len(names) > MOST_ROWS:
        more = set().union(*(groups[label] for label in names[MOST_ROWS:]))
        count = sum(counts[label] for label in names[MOST_ROWS:])
        rows.append((f"{len(names) - MOST_ROWS} more labels", count, len(more)))
    return {
        "counted": "structures" if holds == STRUCTURE else "rows",
        "rows": [*rows, ("all", len(table), len(set(table.groups)))],
        "labelled": bool(names),
        "notes": run.notes(step),
        "histograms": list(_histograms(table)),
        "asides": [_size(table) if holds == STRUCTURE else f"each a {holds}", *_targets(table)],
    }


def _histograms(table: Table) -> Iterator[Markup]:
    """How the numbers that rows have are spread."""
    for name, unit in list(table.targets.items())[:MOST_HISTOGRAMS]:
        values = table.target(name)
        known = values[np.isfinite(values)]
        if len(known) > 1 and known.min() < known.max():
            yield histogram(known, f"{name} [{unit}]" if unit else name)


def _size(table: Table) -> str:
    sizes = [len(table.item("numbers", index)) for index in range(len(table))]
    return f"{min(sizes, default=0)} to {max(sizes, default=0)} atoms"


def _targets(table: Table) -> Iterator[str]:
    """The numbers that rows have, and how far they reach."""
    for name, unit in table.targets.items():
        values = table.target(name)
        known = values[np.isfinite(values)]
        if len(known):
            reach = f"{known.min():.5g} to {known.max():.5g} {unit}".rstrip()
            yield f"{name}: {reach}, known of {len(known)}"
