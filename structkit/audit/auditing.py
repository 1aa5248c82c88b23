"""An audit: every check, on the rows of every model of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from structkit.audit.copies import copies
from structkit.audit.findings import Audit, Finding
from structkit.audit.gathering import Rows, Workshop
from structkit.audit.groups import groups
from structkit.audit.holdouts import Holdout, holdouts, told
from structkit.audit.leaks import leaks
from structkit.audit.suspects import suspects
from structkit.audit.trained import random_rows, trained
from structkit.store.files import digest


def audit(workshop: Workshop, train: bool = False) -> Audit:
    """Audit a pipeline: what its scores would be worth, and, of what is trained, what they are.

    Args:
        workshop: of the pipeline.
        train: whether models are trained under each hold-out.

    Raises:
        StructkitError: as a run, when rows cannot be made; R006, no model.
    """
    findings: list[Finding] = []
    first_of: dict[object, str] = {}
    for step in workshop.models:
        rows = workshop.rows(step)
        ready = list(holdouts(workshop, rows))
        first = first_of.setdefault(_who(rows), step.id)
        if first == step.id:
            findings += _before(workshop, rows, ready)
        else:
            text = f"learns from the same rows as {first}"
            findings.append(Finding("groups", text, False, {}, step.id))
        if first_of.setdefault((_who(rows), step.inputs), step.id) == step.id:
            findings += suspects(rows)
        findings += trained(workshop, step, ready, train)
        if train:
            findings += random_rows(workshop, rows)
    return Audit(workshop.pipeline.spec.pipeline.name, findings)


def _who(rows: Rows) -> tuple[object, ...]:
    """Who the rows of a model are, and what is known of them, whatever they are described by."""
    table = rows.features
    who = digest([table.origins, table.ids, table.groups, list(map(str, rows.truth.strata))])
    return who, type(rows.target), rows.structures is None


def _before(workshop: Workshop, rows: Rows, ready: Sequence[Holdout]) -> Iterator[Finding]:
    """What does not depend on the features."""
    yield from groups(rows)
    yield from copies(rows)
    yield from leaks(rows)
    yield from told(ready, rows, workshop.pipeline.spec.pipeline.split.by)
