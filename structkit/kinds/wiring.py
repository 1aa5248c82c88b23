"""What comes into a step and what it passes on: what every kind of step has to say about that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from structkit.components import Declaration, Settings
from structkit.errors import Problem, did_you_mean
from structkit.pipeline.checked import CheckedStep, Origin
from structkit.pipeline.spec import Split, Step

MOST = 100  # problems of a sort that are looked for: twenty are shown
STRUCTURE = "structure"
POINT = re.compile(r"\[([^\[\]]*)\]")  # of `vary`, in the name of an origin


@dataclass(frozen=True)
class Asked:
    """A step of the file, with all that is known of it before its wiring is.

    Args:
        id: of the step.
        step: as the file has it.
        declaration: of its component.
        given: the steps it reads, checked.
        complete: whether all of them could be checked; else the origins are not known.
        variants: the settings of each point of `vary` with the point itself; one, with nothing
            varied, without `vary`.
        place: `file:line` of a word of the step.
        split: how groups are dealt out.
        before: every step that was checked before it.
    """

    id: str
    step: Step
    declaration: Declaration
    given: Sequence[CheckedStep]
    complete: bool
    variants: Sequence[tuple[Mapping[str, Any], Settings]]
    place: Callable[..., str]
    split: Split = Split()
    before: Mapping[str, CheckedStep] = field(default_factory=dict)

    @property
    def use(self) -> str:
        """The component, as the file names it."""
        return self.step.use

    @property
    def reads_at(self) -> str:
        """Where `from` stands."""
        return self.place("from")

    @property
    def incoming(self) -> tuple[str, ...]:
        """Names of the origins whose rows come in."""
        return tuple(dict.fromkeys(name for step in self.given for name in step.origins))


@dataclass(frozen=True)
class Wired:
    """What a kind says of a step.

    Args:
        origins: names of the origins of its rows.
        passes: what its rows hold.
        made: the origins that it makes.
        problems: what is wrong.
    """

    origins: tuple[str, ...]
    passes: str = ""
    made: tuple[Origin, ...] = ()
    problems: tuple[Problem, ...] = ()


def rows_hold(passes: str) -> str:
    """What rows hold, as a message says it."""
    return "structures" if passes == STRUCTURE else "features"


def step_named(name: str) -> str:
    """The step that a word of `from` names, with or without a point of its `vary`."""
    return name.partition("[")[0]


def matching(name: str, origins: Sequence[str]) -> list[str]:
    """The origins that a word means: itself, or, of a step with `vary`, all points or those that match.

    `damaged` means all of `damaged[...]`, `damaged[vacancies=0.0]` those with that value, and
    `damaged+turned` all that the transform `turned` made of them.
    """
    if name in origins:
        return [name]
    return [origin for origin in origins if "[" in origin and _is_meant(origin, name)]


def _is_meant(origin: str, name: str) -> bool:
    own, wanted = (set(",".join(POINT.findall(words)).split(",")) for words in (origin, name))
    return POINT.sub("", origin) == POINT.sub("", name) and wanted - {""} <= own


def named_origins(
    asked: Asked, path: Sequence[str], names: Sequence[str] | None
) -> tuple[list[str], list[Problem]]:
    """The origins that a list of the file names, and what is wrong with the list."""
    chosen: list[str] = []
    problems: list[Problem] = []
    words, counts = ".".join(path), Counter(names or ())
    for name in list(counts)[:MOST]:
        meant = matching(name, asked.incoming)
        chosen += meant
        if counts[name] > 1:
            problems.append(
                Problem(
                    "Y024", f"'{words}' names '{name}' twice", asked.place(*path), "name it once"
                )
            )
        if not meant:
            hint = did_you_mean(name, asked.incoming)
            problems.append(
                Problem(
                    "Y021",
                    f"{words} names '{name}', which is no origin here",
                    asked.place(*path),
                    hint,
                )
            )
    return list(dict.fromkeys(chosen)), problems if asked.complete else []


def origins_made(asked: Asked) -> tuple[Origin, ...]:
    """The origins that a step makes: one, or one for each origin that comes in, times the points of `vary`.

    A step of one origin makes an origin of its own name; of several, `parent+name` for each.
    """
    parents: Sequence[str | None] = asked.incoming or (None,)
    return tuple(
        _origin(asked, parent, len(parents) > 1, point, settings)
        for parent in parents
        for point, settings in asked.variants
    )


def _origin(
    asked: Asked, parent: str | None, several: bool, point: Mapping[str, Any], settings: Settings
) -> Origin:
    name = f"{asked.id}[{point_text(point)}]" if point else asked.id
    inherited = next((o.varied for step in asked.given for o in step.made if o.name == parent), {})
    varied = {**inherited, **{f"{asked.id}.{key}": value for key, value in point.items()}}
    return Origin(f"{parent}+{name}" if several else name, asked.id, parent, settings, varied)


def point_text(point: Mapping[str, Any]) -> str:
    """A point of a grid as an origin's name has it: `displacement=0.02,vacancies=0.0`."""
    return ",".join(f"{key}={_text(value)}" for key, value in sorted(point.items()))


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
