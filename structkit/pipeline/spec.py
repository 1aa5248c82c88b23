"""The pipeline file: its shape, its words, and the line of everything in it.

`load` reads and checks what can be checked without plugins; `structkit.pipeline.check` does the
rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from structkit.components import Settings
from structkit.discovery.settings import problems_of
from structkit.errors import Problem, SpecError, did_you_mean
from structkit.pipeline.yaml_reader import Node, parse, read_document

FORMAT = 1
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Subset = Literal["train", "valid", "calibration", "test"]


class Split(Settings):
    """How groups are dealt out to the train, validation and test parts."""

    valid: float = Field(0.15, gt=0, lt=1)
    """fraction of each class's groups that decides when to stop"""
    calibration: float = Field(0.0, ge=0, lt=1)
    """fraction of each class's groups that guards learn from, and models never; a guard needs it"""
    test: float = Field(0.15, gt=0, lt=1)
    """fraction of each class's groups that is never trained on"""
    by: str | None = Field(None, min_length=1, max_length=64)
    """what is never parted beside groups: `element`, `source`, or a word that rows note in `meta`"""

    @model_validator(mode="after")
    def _leaves_something(self) -> Split:
        given = self.fractions()
        if sum(given.values()) >= 1:
            raise ValueError(
                f"{' + '.join(given)} = {sum(given.values()):g} leaves nothing to train on"
            )
        return self

    def fractions(self) -> dict[str, float]:
        """The fractions by name; without `calibration` where nothing is kept for it."""
        words = {"valid": self.valid, "calibration": self.calibration, "test": self.test}
        return {name: value for name, value in words.items() if value}

    def words(self) -> dict[str, Any]:
        """What a file says: the fractions, and `by` where anything is asked for."""
        return {**self.fractions(), **({"by": self.by} if self.by else {})}


class Repeat(Settings):
    """How often everything from the split on is done."""

    seeds: int = Field(ge=1, le=100)
    """so many times, each with a seed and a split of its own; scores are told with their spread"""


class Only(Settings):
    """Which rows an explainer is run on."""

    subset: Subset | None = "test"
    """part of the split; null for all rows"""
    per_label: int | None = Field(10, ge=1)
    """rows per label and origin; null for all"""
    origins: tuple[str, ...] | None = Field(None, min_length=1)
    """only rows of these origins; null for all"""
    atoms: int | None = Field(None, ge=1)
    """atoms, or pixels, explained of each row, where a model speaks of these; null for eight"""


class Step(Settings):
    """One step: a component, its inputs and its settings."""

    use: str
    """name of a component, or distribution/name"""
    from_: str | list[str] = Field(default_factory=list, alias="from")
    """step or steps whose results this one reads"""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """settings of the component"""
    train_on: list[str] | None = Field(None, min_length=1)
    """origins a model learns on; default: all"""
    calibrate_on: list[str] | None = Field(None, min_length=1)
    """origins whose calibration part a guard learns from; default: those that the model learnt on"""
    target: str | None = Field(None, min_length=1, max_length=64)
    """what a model is to say: a number that rows have, or a per-atom array; default: the label"""
    members: int | None = Field(None, ge=1, le=100)
    """so many models, each with a seed of its own, speak as one; default: one"""
    vary: dict[str, list[Any]] | list[dict[str, Any]] | None = Field(None, min_length=1)
    """settings to vary: lists of values, of which every combination is an origin, or a list of chosen points"""
    only: Only | None = None
    """rows an explainer is run on; default: ten test rows per label and origin"""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of the steps this one reads."""
        return (self.from_,) if isinstance(self.from_, str) else tuple(self.from_)


class Pipeline(Settings):
    """A pipeline file."""

    structkit: Literal[1]
    """version of the file format"""
    name: Name
    """name of the run folder"""
    seed: int = Field(0, ge=0, lt=2**63)
    """of every random number"""
    threads: int | None = Field(None, ge=1, le=1024)
    """of numerical libraries; default: every core (the count decides the last bits of a trained model)"""
    split: Split = Split()
    """how groups are dealt out to train, validation and test"""
    repeat: Repeat = Repeat(seeds=1)
    """how often everything from the split on is done"""
    plugins: list[str] = Field(default_factory=list)
    """loose plugin files, relative to this file"""
    steps: dict[Name, Step] = Field(min_length=1, max_length=1000)
    """the steps, by id: at least one, at most a thousand"""

    @field_validator("structkit", mode="before")
    @classmethod
    def _whole_number(cls, value: Any) -> Any:
        if type(value) is not int:  # Python says True == 1 == 1.0
            raise ValueError(f"expected 1, found {value!r}")
        return value


@dataclass(frozen=True)
class Spec:
    """A pipeline file as read: its content, its text, and where everything stands in it."""

    path: Path
    text: str
    pipeline: Pipeline
    root: Node
    overrides: tuple[str, ...] = ()
    # of words that could be left out, so that the rest is checked too
    problems: tuple[Problem, ...] = ()

    def where(self, *path: str | int) -> str:
        """`file:line` of a place in the file."""
        return _place(self.path, self.root, self.overrides, path)


def _place(file: Path, root: Node, overrides: Sequence[str], path: tuple[str | int, ...]) -> str:
    """`file:line`, or the command line for a value that was set there."""
    if any(override.split("=")[0] == ".".join(map(str, path)) for override in overrides):
        return "--set"
    return f"{file}:{root.line_of(path)}"


def load(path: Path, overrides: Sequence[str] = ()) -> Spec:
    """Read a pipeline file and apply `--set key.path=value` overrides.

    What is wrong with words that a pipeline can do without is kept in `problems`, for `check` to
    tell with the rest.

    Raises:
        SpecError: everything that is wrong with the file's shape, all at once.
    """
    text, root = read_document(path)
    for override in overrides:
        _override(root, override)
    plain = root.plain()
    try:
        return Spec(path, text, _validated(plain), root, tuple(overrides))
    except ValidationError as error:
        found = problems_of(error, Pipeline, lambda loc: _place(path, root, overrides, loc))
        problems = tuple(map(_split_code, found))
        try:
            rest = _validated(_without(plain, [finding["loc"] for finding in error.errors()]))
        except ValidationError:
            raise SpecError(*problems) from error
        return Spec(path, text, rest, root, tuple(overrides), problems)


def _validated(plain: Any) -> Pipeline:
    return Pipeline.model_validate_json(json.dumps(plain), strict=True)


def _without(plain: Any, places: Sequence[tuple[str | int, ...]]) -> Any:
    """The file's values without the word of a step, or of the file, that each finding is about."""
    for place in places:
        depth = 3 if place[0] == "steps" else 1
        target = plain
        for key in place[: depth - 1]:
            target = target.get(key, {}) if isinstance(target, dict) else {}
        if isinstance(target, dict) and len(place) >= depth:
            target.pop(place[depth - 1], None)
    return plain


def _split_code(problem: Problem) -> Problem:
    """A split that leaves a part empty has a code of its own."""
    if not re.match(r"split(\.(?!by)|:)", problem.message) or problem.code in ("Y010", "Y011"):
        return problem
    return Problem(
        "D040",
        problem.message,
        problem.where,
        "fractions lie between 0 and 1 and sum to less than 1",
    )


def _override(root: Node, override: str) -> None:
    """Apply one `--set a.b.c=value`; the value is read as YAML."""
    path, equals, text = override.partition("=")
    keys = path.split(".")
    if not equals or not all(keys) or not override.isprintable():
        raise SpecError(
            Problem(
                "Y006", f"cannot read '{override}'", "--set", "write --set steps.ID.with.KEY=VALUE"
            )
        )
    value = parse(f"value: {text}", "--set").value["value"]
    node = root
    for key in keys[:-1]:
        if (
            key in ("with", "split", "only")
            and isinstance(node.value, dict)
            and key not in node.value
        ):
            node.value[key] = Node({}, node.line)
            node.key_lines[key] = node.line
        if not isinstance(node.value, dict) or key not in node.value:
            known = node.value if isinstance(node.value, dict) else {}
            hint = did_you_mean(key, known)
            raise SpecError(
                Problem("Y006", f"'{path}' names nothing in the file: no '{key}'", "--set", hint)
            )
        node = node.value[key]
    if not isinstance(node.value, dict):
        raise SpecError(Problem("Y006", f"'{path}' names nothing in the file", "--set"))
    node.value[keys[-1]] = value
    node.key_lines.setdefault(keys[-1], node.line)
