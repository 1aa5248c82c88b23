"""What a run says of a guard: its promises, and what became of them with every seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.table import Table
from structkit.evaluation.intervals import share_interval
from structkit.evaluation.repeats import meant
from structkit.evaluation.target import Headline
from structkit.evaluation.verdict import INTERVAL, NOVEL, SET
from structkit.run import Run

Scores = Mapping[str, Any]


class Trusted:
    """The judgements of a guard, and what they are worth."""

    def __init__(self, run: Run, step: str) -> None:
        self.run, self.step = run, step
        self.record = run.step(step)
        (self.model,) = self.record.inputs
        self.seeds = run.trusts(step)
        self.first = self.seeds[0]
        self.of_parts = run.step(self.model).per != "structure"  # such as atoms
        parts = str(self.first.get("parts", "atoms")) if self.of_parts else "rows"
        self.noun = parts.removesuffix("s")  # what a row is called
        self.classes: list[str] = list(self.first.get("classes", ()))
        self.unit = str(self.first.get("unit", ""))
        self.calibrated_on: list[str] = list(run.resolved["steps"][step].get("calibrate_on", ()))

    @property
    def origins(self) -> list[str]:
        """Those with a test part, in the order of the pipeline."""
        return [o for o in self.record.origins if "test" in self.first["origins"].get(o, {})]

    def promise(self, name: str) -> float | None:
        """What the settings promise: `coverage`, `false_alarms`; None of a guard that has no such setting."""
        value = self.record.settings.get(name)
        return float(value) if isinstance(value, int | float) else None

    def tested(self, origin: str, seed: int = 0) -> Scores:
        """The scores of the test part of an origin."""
        return dict(self.seeds[seed]["origins"].get(origin, {}).get("test", {}))

    def share(self, origin: str, of: Callable[[Scores], Scores | None]) -> Headline | None:
        """A share of the test part of an origin, as the mean over the seeds.

        Args:
            origin: which.
            of: looks up the share in the scores; None where they lack it.
        """
        found = [of(self.tested(origin, seed)) for seed in range(len(self.seeds))]
        if found[0] is None:
            return None
        told = [[_told(one)] for one in found if one is not None]
        return meant(told if len(told) == len(found) else told[:1])[0]

    def coverage(self, origin: str) -> Headline | None:
        """How often sets, or intervals, hold the truth."""
        return self.share(origin, _coverage)

    def false_alarms(self, origin: str) -> Headline | None:
        """How many rows of known classes are refused."""
        return self.share(origin, lambda scores: scores.get("novelty", {}).get("false_alarms"))

    def refused(self, origin: str) -> Headline | None:
        """How many structures, or images, are refused: most of their parts are."""
        return self.share(origin, lambda scores: scores.get("wholes", {}).get("refused"))

    def empty(self, origin: str) -> Headline | None:
        """How many structures, or images, have no parts that could be judged; None where all have some."""
        told = self.share(origin, lambda scores: scores.get("wholes", {}).get("empty"))
        return told if told is not None and told.value else None

    def noticed(self, origin: str, label: str) -> Headline | None:
        """How many rows of an unknown class are refused."""
        return self.share(
            origin, lambda s: s.get("novelty", {}).get("unknown", {}).get(label, {}).get("noticed")
        )

    def strangers(self, origin: str) -> Headline | None:
        """How many rows of all unknown classes of an origin are refused; None where it has none."""
        if not self.tested(origin).get("novelty", {}).get("unknown"):
            return None
        found = [self._strangers(origin, seed) for seed in range(1, len(self.seeds) + 1)]
        told = [[one] for one in found if one is not None]
        return meant(told)[0] if told else None  # of numbers, no label says what is known

    def _strangers(self, origin: str, seed: int) -> Headline | None:
        table = self.run.judged(self.step, seed)
        rows = np.flatnonzero(self._chosen(table, origin) & self.unknown(table))
        if len(rows) == 0:
            return None
        strangers = table.select(rows)
        novel = strangers.stack(NOVEL).astype(float)
        interval = share_interval(novel, strangers.groups)
        return Headline("noticed", "strangers noticed", float(novel.mean()), interval)

    def unknown(self, table: Table) -> Array:
        """Which rows have a label that the model does not know, bool (rows)."""
        labels = table.values("label")
        if not self.classes:
            return np.zeros(len(labels), dtype=bool)
        return np.array([bool(one) and one not in self.classes for one in labels], dtype=bool)

    @cached_property
    def table(self) -> Table:
        """The judgements of the first seed."""
        return self.run.judged(self.step)

    def rows(self, origin: str) -> Table:
        """The judgements of the test part of an origin."""
        return self.table.select(np.flatnonzero(self._chosen(self.table, origin)))

    def _chosen(self, table: Table, origin: str) -> Array:
        parts = np.array(table.values("subset")) == "test"
        return np.asarray(parts & (np.array(table.origins) == origin), dtype=bool)

    def held(self, origin: str) -> tuple[Array, Sequence[str]] | None:
        """Which test rows have their truth in the set or interval, with their groups; None without either."""
        table = self.rows(origin)
        if SET in table.arrays and self.classes:
            places = {name: place for place, name in enumerate(self.classes)}
            truth = np.array([places.get(label or "", -1) for label in table.values("label")])
            rows = np.flatnonzero(truth >= 0)
            inside = table.stack(SET)[rows, truth[rows]]
        elif INTERVAL in table.arrays:
            truth = table.target(self.first["target"])
            rows = np.flatnonzero(np.isfinite(truth))
            ends = table.stack(INTERVAL)[rows]
            inside = (ends[:, 0] <= truth[rows]) & (truth[rows] <= ends[:, 1])
        else:
            return None
        return inside, table.select(rows).groups


def _coverage(scores: Scores) -> Scores | None:
    kind = scores.get("set") or scores.get("interval") or {}
    coverage: Scores | None = kind.get("coverage")
    return coverage


def _told(share: Scores) -> Headline:
    return Headline("share", "share", share["value"], share["interval"])
