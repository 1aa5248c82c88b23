"""The verdict that the report opens with: what is recognised, how often rightly, what is refused, what fails.

Every sentence is made of numbers in the run. Without a guard nothing is refused, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from structkit.evaluation.target import Headline
from structkit.records import SCORES
from structkit.run import Run, StepRecord
from structkit_html_report.alone import alone
from structkit_html_report.compare import Compared, best_other, compared, ranked
from structkit_html_report.failings import fails
from structkit_html_report.texts import Block
from structkit_html_report.trusted import Trusted
from structkit_html_report.view import View
from structkit_html_report.views import view_of
from structkit_html_report.wording import listed, measured, percent, several

JUDGED = ("classes", "numbers")  # by the guards that are known to the report
Line = tuple[str, list[Block]]  # what is told, and its sentences


def opening(run: Run) -> dict[str, Any]:
    """What is said of every guarded model, and of the best one of those that nothing guards."""
    models = run.steps_with(SCORES)
    same = compared(run)
    guarded = [model for model in models if run.guards(model)]
    shown = [*guarded, *_best_unguarded(run, same)]
    return {
        "verdicts": [
            alone(model, _Verdict(run, model, same)) for model in models if model in shown
        ],
        "unguarded": [model for model in models if model not in guarded],
        "guards": bool(guarded),
        "candidate": _candidate(run, models),
    }


def _best_unguarded(run: Run, same: Sequence[Compared]) -> Iterator[str]:
    """Of models that say the same, none of them guarded, the best on the most origins."""
    for group in same:
        if any(run.guards(model) for model in group.told):
            continue
        first = next(iter(group.told))
        higher = view_of(run.target(first)).higher
        yield first if higher is None else _winner(group, higher)


def _winner(group: Compared, higher: bool) -> str:
    """The model that is best on the most origins; of equal ones the first."""
    won = dict.fromkeys(group.told, 0)
    for origin in {origin: None for told in group.told.values() for origin in told}:
        order = ranked(group.told, origin, higher)
        if order:
            won[order[0]] += 1
    return max(won, key=lambda model: won[model])


def _candidate(run: Run, models: Sequence[str]) -> str:
    """A model that an installed guard could judge; nothing where there is none."""
    for model in models:
        record = run.step(model)
        if record.per == "structure" and record.predicts in JUDGED:
            return model
    return ""


class _Verdict:
    """What is said of one model, by itself and by its first guard."""

    def __init__(self, run: Run, model: str, same: Sequence[Compared]) -> None:
        self.run, self.model, self.same = run, model, same

    def __call__(self) -> dict[str, Any]:
        """The sentences, for the template."""
        view = view_of(self.run.target(self.model))
        guards = self.run.guards(self.model)
        lines: list[Line] = [
            (view.lead, [self._recognises(view)]),
            (view.measured, list(self._right(view))),
        ]
        if guards:
            trusted = Trusted(self.run, guards[0])
            lines.append(("Refuses", list(refuses(trusted))))
            lines.append(("Fails", list(fails(self.run, trusted, view))))
        else:
            part = view.worst_part(self.run, self.model)
            lines.append(("Fails", [Block(part)] if part else []))
            lines.append(("Unknown", [Block(_without_guard(view))]))
        return {"guard": guards[0] if guards else "", "lines": lines, "others": guards[1:]}

    def _recognises(self, view: View) -> Block:
        """What it says, and what it learnt that from."""
        record, table = self.run.step(self.model), self.run.predictions(self.model)
        parts, origins = np.array(table.values("subset")), np.array(table.origins)
        learnt = np.flatnonzero((parts == "train") & np.isin(origins, record.train_on))
        groups = len(set(table.select(learnt).groups))
        source = f"{several(len(learnt), 'row')} in {several(groups, 'group')}"
        says = view.says(self.run.metrics(self.model)) or _declared(record)
        return Block(f"{says}, learnt from {source} of {listed(record.train_on)}.")

    def _right(self, view: View) -> Iterator[Block]:
        """How good it is on groups that it never saw, origin by origin, beside what else there is."""
        tested = self.run.tested(self.model)
        for origin, told in self.run.headlines(self.model).items():
            scores = tested[origin]
            of = f"{several(scores['n'], 'row')} in {several(scores['groups'], 'group')}"
            beside = [one for one in (self._rival(view, origin), _trivial(view, told[0])) if one]
            rivals = f"; beside it {', '.join(beside)}" if beside else ""
            yield Block(f"On {origin}, {view.how_good(told[0])}: {of} that it never saw{rivals}.")

    def _rival(self, view: View, origin: str) -> str:
        """The best other model."""
        if view.higher is None:
            return ""
        name = best_other(self.same, self.model, origin, view.higher)
        rivals = [one.told[name] for one in self.same if name in one.told]
        return f"{name} {view.amount(rivals[0][origin].first)}" if rivals else ""


def _declared(record: StepRecord) -> str:
    """What a model says by its declaration alone."""
    return f"{record.predicts.capitalize()} per {record.per}: {record.target}"


def _without_guard(view: View) -> str:
    """What nobody can say without a guard."""
    return (
        "What a single prediction is worth: no guard judges this model, and "
        f"{view.unguarded}. The scores hold on average, for what is like the test part."
    )


def _trivial(view: View, told: Headline) -> str:
    """What the trivial baseline reaches."""
    if told.trivial is None:
        return ""
    alone = replace(told, value=told.trivial, interval=None, spread=None)
    return f"{told.baseline or 'trivial baseline'} {view.amount(alone)}"


def refuses(trusted: Trusted) -> Iterator[Block]:
    """How many strangers are noticed, and how many of what is known are refused for nothing."""
    for origin in trusted.origins:
        strangers = trusted.strangers(origin)
        if strangers is not None:
            count = trusted.tested(origin)["novelty"]["unknown"]
            rows_of = several(sum(one["noticed"]["n"] for one in count.values()), trusted.noun)
            kinds = several(len(count), "class")
            words = f"of {rows_of} of {kinds} that it does not know, {measured(strangers)}"
            yield Block(f"On {origin}, {words} are noticed and refused.")
    yield from _false_alarms(trusted)


def _false_alarms(trusted: Trusted) -> Iterator[Block]:
    """What is refused though it is known, beside what was allowed."""
    alarms = []
    for origin in trusted.origins:
        share = trusted.false_alarms(origin)
        if share is not None:
            alarms.append(f"{measured(share)} of {origin}")
    if not alarms:
        yield Block("This guard refuses nothing: it has no measure of what is unlike the training.")
        return
    allowed = trusted.promise("false_alarms")
    told = "" if allowed is None else f", where {percent(allowed)} was allowed"
    where = f" on {listed(trusted.calibrated_on)}" if told and trusted.calibrated_on else ""
    yield Block(
        f"False alarms, {trusted.noun}s of what it knows: {'; '.join(alarms)}{told}{where}."
    )
