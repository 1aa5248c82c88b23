"""After training: the score of each model under each hold-out, beside that of the split of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from structkit.audit.at_random import at_random
from structkit.audit.findings import Finding
from structkit.audit.gathering import Rows, Workshop
from structkit.audit.holdouts import Holdout, varied
from structkit.engine.jobs import Job
from structkit.errors import DataError
from structkit.evaluation.target import Headline
from structkit.pipeline.checked import CheckedStep
from structkit.store.reading import read_json

RANDOM = "row"  # what is dealt out, in the facts of a finding


def trained(
    workshop: Workshop, step: CheckedStep, holdouts: Sequence[Holdout], train: bool
) -> Iterator[Finding]:
    """The scores of a model on what was held out, by each split that the data allow.

    Args:
        workshop: of the pipeline.
        step: the model's.
        holdouts: splits to try.
        train: whether models are trained that are not in the store.
    """
    words: list[str | None] = [None, *(holdout.by for holdout in holdouts if not holdout.problem)]
    for word in words:
        pipeline = varied(workshop.pipeline, word)
        other = Workshop(pipeline, workshop.store, workshop.progress, workshop.device)
        try:
            scores = _scores(other, step, train)
        except DataError as error:
            text = f"held out by {word or 'group'}: {error}"
            yield Finding("hold-outs", text, False, {"by": word}, step.id)
            continue
        for origin, headline in scores:
            text = f"{origin}, held out by {word or 'group'}: {_said(headline)}"
            yield _finding(step, word, origin, headline, text)


def random_rows(workshop: Workshop, rows: Rows) -> Iterator[Finding]:
    """What a split of single rows would have claimed: copies of what was learnt from are in its test part.

    Args:
        workshop: of the pipeline.
        rows: of the model, which is trained for this.
    """
    try:
        scores = list(at_random(workshop, rows))
    except DataError as error:
        text = f"rows dealt out at random: {error}"
        yield Finding("hold-outs", text, False, {"by": RANDOM}, rows.step.id)
        return
    for origin, headline in scores:
        text = f"{origin}, rows dealt out at random, groups parted: {_said(headline)}"
        yield _finding(rows.step, RANDOM, origin, headline, text)


def _finding(
    step: CheckedStep, by: str | None, origin: str, headline: Headline, text: str
) -> Finding:
    facts: dict[str, Any] = {"by": by, "origin": origin, "score": headline.name}
    facts |= {"value": headline.value, "interval": _plain(headline.interval)}
    return Finding("hold-outs", text, False, facts, step.id)


def _scores(workshop: Workshop, step: CheckedStep, train: bool) -> Iterator[tuple[str, Headline]]:
    """The first of what is told of the test part, by origin that is learnt from; nothing where it is not made."""
    job = _score_job(workshop, step)
    if not workshop.store.has(job.key):
        if not train:
            return iter(())
        workshop.make([job])
    path = workshop.store.open(job.key).folder / "metrics.json"
    origins = read_json(path)["origins"]
    target = workshop.pipeline.target(step.id)
    tested = [
        (name, origins[name]["test"]) for name in step.train_on if "test" in origins.get(name, {})
    ]
    return iter([(name, target.headlines(scores)[0]) for name, scores in tested])


def _score_job(workshop: Workshop, step: CheckedStep) -> Job:
    """The scores of the first seed."""
    jobs = workshop.graph.of(step.id, "score")
    return next(job for job in jobs if not job.options.get("turn"))


def _said(headline: Headline) -> str:
    if headline.value is None:
        return f"{headline.words} cannot be computed"
    interval = _plain(headline.interval)
    reach = "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"
    trivial = "" if headline.trivial is None else f"; {headline.baseline} {headline.trivial:.3f}"
    return f"{headline.words} {headline.value:.3f}{reach}{trivial}"


def _plain(interval: Any) -> list[float] | None:
    return None if interval is None else [float(end) for end in interval]
