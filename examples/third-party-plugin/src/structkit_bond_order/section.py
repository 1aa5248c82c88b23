"""The section of the report: the invariants of every class."""

from __future__ import annotations

from collections.abc import Iterator

from structkit.evaluation.intervals import mean_interval
from structkit.run import Run, Section


def section(run: Run, step: str) -> Section:
    """Mean invariants by origin and label, with 95 % intervals over groups."""
    degrees = run.steps[step]["with"]["degrees"]
    header = ("origin", "label", "rows", *(f"mean q{degree} of atoms" for degree in degrees))
    text = ("Ideal: fcc q4 0.191, q6 0.575; bcc (14 bonds) 0.036, 0.511; hcp 0.097, 0.485; sc 0.764, 0.354.",)
    return Section(f"Bond order ({step})", text, header, list(_rows(run, step, len(degrees))))


def _rows(run: Run, step: str, count: int) -> Iterator[tuple[str, ...]]:
    table = run.table(step)
    kinds = sorted({(row.origin, str(row.label)) for row in table.rows})
    for origin, label in kinds:
        rows = [i for i, row in enumerate(table.rows) if (row.origin, str(row.label)) == (origin, label)]
        values = table.stack("vector", rows)[:, :count].astype(float)
        groups = [table.rows[i].group for i in rows]
        cells = []
        for column in values.T:
            interval = mean_interval(column, groups)
            cells.append(f"{column.mean():.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""))
        yield origin, label, str(len(rows)), *cells
