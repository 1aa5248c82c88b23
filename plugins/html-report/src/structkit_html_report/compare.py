"""All models beside each other and the trivial baseline, origin by origin."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from structkit.errors import IntegrityError
from structkit.evaluation.target import Headline
from structkit.records import SCORES
from structkit.run import Run
from structkit.words import number, valued
from structkit_html_report.plot import Axis
from structkit_html_report.strip import Dot, ruler, strip

log = logging.getLogger("structkit")


@dataclass(frozen=True)
class Tested:
    """How a model did on the test part of an origin.

    Args:
        headlines: the first of them is compared.
        of: how many rows in how many groups, in words.
    """

    headlines: Sequence[Headline]
    of: str

    @property
    def first(self) -> Headline:
        """The score that models are compared by."""
        return self.headlines[0]


Told = Mapping[str, Tested]  # by origin


@dataclass(frozen=True)
class Compared:
    """Models that say the same of rows.

    Args:
        says: what, in words.
        told: the headlines of each, by model and origin.
    """

    says: str
    told: Mapping[str, Told]


def compared(run: Run) -> list[Compared]:
    """The models of a run by what they say; one that cannot be read is left out, and its own part says why."""
    kinds: dict[tuple[str, str, str], dict[str, Told]] = {}
    for step in run.steps_with(SCORES):
        told = _told(run, step)
        if told:
            record = run.step(step)
            kinds.setdefault((record.target, record.predicts, record.per), {})[step] = told
    return [Compared(_says(*kind), told) for kind, told in kinds.items()]


def _told(run: Run, step: str) -> Told:
    try:
        scores = run.tested(step)
        told = {origin: several for origin, several in run.headlines(step).items() if several}
        return {
            origin: Tested(several, f"{scores[origin]['n']} in {scores[origin]['groups']}")
            for origin, several in told.items()
        }
    except IntegrityError:
        raise
    except Exception:
        log.warning("the scores of '%s' are not compared", step, exc_info=True)
        return {}


def _says(target: str, predicts: str, per: str) -> str:
    if (predicts, per) == ("classes", "structure"):
        return "classes of structures" if target == "label" else f"classes: {target}"
    return f"{predicts} per {per}: {target}"


def comparison(run: Run) -> dict[str, Any]:
    """A table for each sort of target."""
    return {"tables": [_table(same) for same in compared(run)]}


def _table(same: Compared) -> dict[str, Any]:
    """Rows of one table: for each origin its models, and what a trivial baseline reaches."""
    axis = _axis(same)
    first = next(_first(same))
    one = next(iter(next(iter(same.told.values())).values()))
    further = [headline.words for headline in one.headlines[1:]]
    origins = dict.fromkeys(origin for told in same.told.values() for origin in told)
    return {
        "says": same.says,
        "words": first.words,
        "further": further,
        "ruler": ruler(axis),
        "origins": [(origin, list(_lines(same, origin, axis))) for origin in origins],
    }


def _lines(same: Compared, origin: str, axis: Axis) -> Iterator[dict[str, Any]]:
    """The lines of an origin."""
    trivial: dict[str, float] = {}
    for place, (model, told) in enumerate(same.told.items()):
        if origin not in told:
            continue
        first, *further = told[origin].headlines
        if first.trivial is not None:
            trivial.setdefault(first.baseline or "trivial baseline", first.trivial)
        dot = None if first.value is None else Dot(first.value, first.interval, place)
        words = f"{model}, {origin}: {valued(first)}"
        yield {
            "name": model,
            "rows": told[origin].of,
            "value": valued(first),
            "strip": strip(axis, dot, words),
            "further": [valued(one) for one in further],
            "baseline": False,
        }
    for name, value in trivial.items():
        yield _trivial(name, value, next(_first(same)), axis)


def _trivial(name: str, value: float, first: Headline, axis: Axis) -> dict[str, Any]:
    """The line of a trivial baseline."""
    text = number(value, first.unit)
    return {
        "name": name,
        "rows": "",
        "value": f"{text} {first.unit}".rstrip(),
        "strip": strip(axis, Dot(value, None, -1), f"{name}: {text}"),
        "further": [],
        "baseline": True,
    }


def _first(same: Compared) -> Iterator[Headline]:
    """The first headline of every model and origin."""
    for told in same.told.values():
        for one in told.values():
            yield one.first


def _axis(same: Compared) -> Axis:
    """An axis that holds all values, intervals and baselines: of shares up to one, of errors from zero."""
    values: list[float] = []
    for one in _first(same):
        values += [
            end for end in (one.value, one.trivial, *(one.interval or ())) if end is not None
        ]
    first = next(_first(same))
    unit = f" [{first.unit}]" if first.unit else ""
    around = Axis.around(first.words + unit, np.array(values), room=5)
    if not values or min(values) < 0:
        return around
    if first.unit:
        return Axis(around.label, 0.0, around.high, room=5)
    return Axis(around.label, max(around.low, -0.02), min(around.high, 1.02), room=5)


def best_other(same: Sequence[Compared], model: str, origin: str, higher: bool) -> str:
    """Which other model is best on an origin; nothing where there is none."""
    for group in same:
        if model in group.told:
            others = {name: told for name, told in group.told.items() if name != model}
            return next(iter(ranked(others, origin, higher)), "")
    return ""


def ranked(told: Mapping[str, Told], origin: str, higher: bool) -> list[str]:
    """The models that were tested on an origin, the best first."""
    values: dict[str, float] = {}
    for model, tested in told.items():
        value = tested[origin].first.value if origin in tested else None
        if value is not None:
            values[model] = value
    return sorted(values, key=lambda model: values[model], reverse=higher)
