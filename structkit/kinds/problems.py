"""What can be wrong with any step, whatever its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from structkit.errors import Problem
from structkit.kinds.base import Kind
from structkit.kinds.wiring import MOST, Asked


def common_problems(kind: Kind, kinds: Mapping[str, Kind], asked: Asked) -> Iterator[Problem]:
    """What every kind asks: the right number of inputs, of steps that it can read, each once, no strange words."""
    yield from _count(kind, asked)
    for given in asked.given:
        if not kind.can_read(given, asked.declaration):
            message = f"{asked.use} reads {kind.wants(asked.declaration)}, got {kinds[given.kind].gives(given)}"
            yield Problem(
                "Y023", f"{message} from '{given.id}'", asked.reads_at, f"read from {kind.reads}"
            )
    yield from _duplicates(asked)
    yield from _misplaced(kind, kinds, asked)


def _count(kind: Kind, asked: Asked) -> Iterator[Problem]:
    step = asked.step
    if kind.inputs == (0, 0) and step.inputs:
        message = f"{kind.name} {step.use} reads nothing, but has 'from'"
        yield Problem("Y024", message, asked.reads_at, "remove 'from'")
    if kind.inputs[0] and not step.inputs:
        message = f"step '{asked.id}' ({kind.name} {step.use}) needs 'from'"
        yield Problem("Y024", message, asked.place(), f"name {kind.reads}")
    most = kind.inputs[1]
    if most and len(step.inputs) > most:
        message = f"{kind.name} {step.use} reads {most} step, got {len(step.inputs)}"
        yield Problem("Y024", message, asked.reads_at)


def _duplicates(asked: Asked) -> Iterator[Problem]:
    """The same rows must not come in twice, by one step or by two."""
    names = Counter(asked.step.inputs)
    for name in sorted(name for name, count in names.items() if count > 1)[:MOST]:
        yield Problem("Y024", f"'from' names '{name}' twice", asked.reads_at, "name it once")
    counts = Counter(origin for given in asked.given for origin in given.origins)
    for origin, count in counts.items():
        if count > 1 and len(names) > 1:
            yield Problem(
                "Y024",
                f"the rows of '{origin}' come in {count} times",
                asked.reads_at,
                "read them once",
            )


def _misplaced(kind: Kind, kinds: Mapping[str, Kind], asked: Asked) -> Iterator[Problem]:
    """Words that mean something for another kind of step only."""
    owners: dict[str, list[str]] = {}
    for owner in kinds.values():
        for word in owner.owns:
            owners.setdefault(word, []).append(owner.name)
    for word, names in owners.items():
        if kind.name not in names and getattr(asked.step, word, None) is not None:
            message = f"'{word}' is for {' or '.join(names)} steps, '{asked.id}' is a {kind.name}"
            yield Problem("Y010", message, asked.place(word), "remove it")
