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
from structkit.audit.trained import trained


def audit(workshop: Workshop, train: bool = False) -> Audit:
    """Audit a pipeline: what its scores would be worth, and, of what is trained, what they are.

    Args:
        workshop: of the pipeline.
        train: whether models are trained under each hold-out.

    Raises:
        StructkitError: as a run, when rows cannot be made; R006, no model.
    """
    findings: list[Finding] = []
    looked_at: dict[tuple[object, ...], str] = {}
    for step in workshop.models:
        rows = workshop.rows(step)
        same = (step.inputs, step.train_on, step.target, type(rows.target))
        ready = list(holdouts(workshop, rows))
        if (first := looked_at.setdefault(same, step.id)) == step.id:
            findings += _before(workshop, rows, ready)
        else:
            text = f"reads the same rows as {first}"
            findings.append(Finding("groups", text, False, {}, step.id))
        findings += trained(workshop, step, ready, train)
    return Audit(workshop.pipeline.spec.pipeline.name, findings)


def _before(workshop: Workshop, rows: Rows, ready: Sequence[Holdout]) -> Iterator[Finding]:
    """What can be known before training."""
    yield from groups(rows)
    yield from copies(rows)
    yield from leaks(rows)
    yield from told(ready, rows, workshop.pipeline.spec.pipeline.split.by)
    yield from suspects(rows)
