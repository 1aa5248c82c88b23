"""The report's tables: what was run, and on which data."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from structkit.run import Run


def step_rows(run: Run) -> list[dict[str, str]]:
    """One row per step: what it is, what it reads, how it is set."""
    return [
        {
            "id": step,
            "kind": facts["kind"],
            "use": facts["use"].rpartition("/")[2],
            "plugin": f"{facts['use'].rpartition('/')[0]} {facts['version']}",
            "summary": facts["summary"],
            "from": ", ".join(facts["from"]),
            "settings": ", ".join(f"{key}: {_short(value)}" for key, value in facts["with"].items()),
        }
        for step, facts in run.steps.items()
    ]


def _short(value: Any, limit: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def data_card(run: Run) -> list[dict[str, Any]]:
    """For each step that makes structures: how many of each label, from how many groups, how large."""
    steps = [step for step in run.steps if run.steps[step]["kind"] in ("source", "transform")]
    return [_card(run, step) for step in steps]


def _card(run: Run, step: str) -> dict[str, Any]:
    table = run.table(step)
    labels = Counter(row.label for row in table.rows)
    groups: dict[str | None, set[str]] = {}
    for row in table.rows:
        groups.setdefault(row.label, set()).add(row.group)
    sizes = [len(table.item("numbers", index)) for index in range(len(table))]
    rows = [(label or "no label", labels[label], len(groups[label])) for label in sorted(labels, key=str)]
    total = ("all", len(table), len({row.group for row in table.rows}))
    return {
        "step": step,
        "rows": [*rows, total],
        "notes": run.notes(step),
        "smallest": min(sizes, default=0),
        "largest": max(sizes, default=0),
    }
