"""Checking a whole pipeline against the plugins before anything runs; every problem at once."""

from __future__ import annotations

import dataclasses
import functools
import graphlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from structkit.components import Declaration, Settings
from structkit.discovery.declarations import settings_class
from structkit.discovery.loading import discover
from structkit.discovery.plugin import Permit
from structkit.discovery.registry import Component, Registry
from structkit.discovery.settings import problems_of, validate
from structkit.discovery.travelling import KEEP_WORDS, lost
from structkit.errors import Problem, SpecError, did_you_mean, listed
from structkit.kinds.problems import common_problems
from structkit.kinds.wiring import Asked, matching, step_named
from structkit.pipeline.checked import CheckedPipeline, CheckedStep
from structkit.pipeline.spec import Spec, Step
from structkit.pipeline.vary import MOST_POINTS, vary_problems

MOST = 100  # problems of a kind that are looked for: twenty are shown
MOST_ORIGINS = 1_000


def check(spec: Spec, permit: Permit | None = None) -> CheckedPipeline:
    """Check a pipeline file against the installed plugins.

    Args:
        spec: the file.
        permit: is asked before a loose plugin runs.

    Raises:
        SpecError: every problem found, sorted by line.
    """
    registry = discover(_loose_files(spec), permit)
    checker = _Checker(spec, registry)
    order = checker.order()
    problems = [*spec.problems, *checker.file_problems(), *checker.problems]
    steps: dict[str, CheckedStep] = {}
    for step_id in order:
        try:
            steps[step_id] = checker.step(step_id, steps)
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(*sorted(problems, key=_line))
    return CheckedPipeline(spec, registry, steps)


def _line(problem: Problem) -> tuple[int, str]:
    digits = problem.where.rpartition(":")[2]
    return (int(digits) if digits.isdigit() else 0, problem.code)


def _loose_files(spec: Spec) -> list[Path]:
    return list(
        dict.fromkeys((spec.path.parent / name).resolve() for name in spec.pipeline.plugins)
    )


def _given(step: Step, done: Mapping[str, CheckedStep]) -> list[CheckedStep]:
    """The steps that a step reads; of one named with a point of its `vary`, only the origins that match."""
    given = []
    for name in step.inputs:
        if name in done:
            given.append(done[name])
        elif (base := step_named(name)) in done:
            chosen = tuple(origin for origin in done[base].origins if matching(name, [origin]))
            given.append(dataclasses.replace(done[base], origins=chosen))
    return [each for each in given if each.origins]


class _Checker:
    def __init__(self, spec: Spec, registry: Registry) -> None:
        self.spec, self.registry = spec, registry
        self.steps: Mapping[str, Step] = spec.pipeline.steps
        self.problems: list[Problem] = []
        self.incomplete: set[str] = set()  # steps of which an input, or an input's input, is wrong

    def file_problems(self) -> Iterator[Problem]:
        """A loose plugin that does not load is the file's problem, whatever the steps use."""
        names = self.spec.pipeline.plugins
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(
                "Y024",
                f"'plugins' names '{name}' twice",
                self.spec.where("plugins"),
                "name it once",
            )
        for plugin in self.registry.plugins:
            if plugin.file and plugin.problem:
                where = self.spec.where("plugins")
                message = f"plugin {plugin.file.name}: {plugin.problem.message}"
                yield Problem(plugin.problem.code, message, where, plugin.problem.fix)

    def order(self) -> list[str]:
        """Step ids so that inputs come first; steps in a cycle are reported and left out."""
        graph = {
            step_id: [name for name in map(step_named, step.inputs) if name in self.steps]
            for step_id, step in self.steps.items()
        }
        unknown = (problem for step_id in graph for problem in self._unknown_inputs(step_id))
        self.problems.extend(itertools.islice(unknown, MOST))
        while True:
            try:
                return list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError as error:
                cycle = list(reversed(error.args[1]))
                self.problems.append(self._cycle(cycle))
                bad = set(cycle)
                graph = {
                    k: [v for v in vs if v not in bad] for k, vs in graph.items() if k not in bad
                }

    def _cycle(self, cycle: list[str]) -> Problem:
        start = min(range(len(cycle) - 1), key=lambda i: list(self.steps).index(cycle[i]))
        ring = cycle[start:-1] + cycle[: start + 1]
        return Problem(
            "Y022",
            f"cycle: {' → '.join(ring)}",
            self.spec.where("steps", ring[0], "from"),
            "break it",
        )

    def _unknown_inputs(self, step_id: str) -> Iterator[Problem]:
        for name in self.steps[step_id].inputs:
            if step_named(name) not in self.steps:
                known = f"steps: {listed([s for s in self.steps if s != step_id])}"
                hint = did_you_mean(name, self.steps, known)
                message = f"step '{step_id}' reads '{name}', which is no step"
                yield Problem(
                    "Y021", message, self.spec.where("steps", step_id, "from"), f"{hint} ({known})"
                )

    def step(self, step_id: str, done: Mapping[str, CheckedStep]) -> CheckedStep:
        """Check one step whose inputs have been checked.

        Raises:
            SpecError: what is wrong with it.
        """
        step = self.steps[step_id]
        component = self._component(step_id)
        declaration = component.declaration
        problems: list[Problem] = []
        settings = self._settings(step_id, declaration, step.with_, problems)
        points = self._points(step_id, problems)
        variants = [
            (point, varied)
            for point in points
            if (
                varied := self._settings(
                    step_id, declaration, {**step.with_, **point}, problems if point else []
                )
            )
        ]
        given = _given(step, done)
        problems += itertools.islice(self._unmatched(step_id, done), MOST)
        self._check_number(step_id, given, len(points))
        complete = self._is_complete(step_id, given)
        place = functools.partial(self.spec.where, "steps", step_id)
        split = self.spec.pipeline.split
        asked = Asked(step_id, step, declaration, given, complete, variants, place, split, done)
        kind = self.registry.kind(declaration.kind)
        problems += common_problems(kind, self.registry.kinds, asked)
        wired = kind.wire(asked)
        problems += wired.problems
        if problems or settings is None:
            raise SpecError(*problems)
        words = kind.words(asked)
        vary = tuple(point for point in points if point)
        return CheckedStep(
            step_id,
            component,
            settings,
            inputs=tuple(dict.fromkeys(map(step_named, step.inputs))),
            incoming=asked.incoming,
            origins=wired.origins,
            passes=wired.passes,
            made=wired.made,
            vary=vary,
            **words,
        )

    def _is_complete(self, step_id: str, given: Sequence[CheckedStep]) -> bool:
        """Whether all that comes in is known; else a missing origin is no mistake of its own."""
        step = self.steps[step_id]
        if len(given) < len(step.inputs) or self.incomplete & set(map(step_named, step.inputs)):
            self.incomplete.add(step_id)
            return False
        return True

    def _unmatched(self, step_id: str, done: Mapping[str, CheckedStep]) -> Iterator[Problem]:
        """Words of `from` with a point of `vary` that matches no origin of the step."""
        for name in self.steps[step_id].inputs:
            base = done.get(step_named(name))
            if base is not None and name != base.id and not matching(name, base.origins):
                message = f"'from' names '{name}', which is no origin of '{base.id}'"
                where = self.spec.where("steps", step_id, "from")
                yield Problem("Y021", message, where, did_you_mean(name, base.origins))

    def _settings(
        self,
        step_id: str,
        declaration: Declaration,
        values: Mapping[str, Any],
        problems: list[Problem],
    ) -> Settings | None:
        """Validated settings; what is wrong with them joins the problems."""
        try:
            settings = validate(settings_class(declaration), values)
            if words := lost(settings):
                where = self.spec.where("steps", step_id, "with")
                message = f"settings of {self.steps[step_id].use}: {words}"
                problems.append(Problem("P019", message, where, KEEP_WORDS))
            return settings
        except ValidationError as error:
            prefix, use = ("steps", step_id, "with"), self.steps[step_id].use
            problems += problems_of(
                error, settings_class(declaration), lambda loc: self.spec.where(*loc), prefix, use
            )
            return None

    def _points(self, step_id: str, problems: list[Problem]) -> list[dict[str, Any]]:
        """The points of `vary`; one empty point for a step without it."""
        vary, where = self.steps[step_id].vary, self.spec.where("steps", step_id, "vary")
        if vary is None:
            return [{}]
        count = math.prod(map(len, vary.values())) if isinstance(vary, dict) else len(vary)
        if count > MOST_POINTS:
            message = f"'vary' makes {count} origins (limit {MOST_POINTS})"
            problems.append(Problem("Y007", message, where, "vary less"))
            return [{}]
        if isinstance(vary, dict):
            points = [
                dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())
            ]
        else:
            points = [dict(point) for point in vary]
        problems += vary_problems(points, where)
        return points

    def _check_number(self, step_id: str, given: list[CheckedStep], points: int) -> None:
        origins = sum(len(each.origins) for each in {id(g): g for g in given}.values())
        count = max(1, origins) * points if points > 1 else origins
        if count > MOST_ORIGINS:
            message = f"{count} origins come together in '{step_id}' (limit {MOST_ORIGINS})"
            key, fix = ("vary", "vary less") if points > 1 else ("from", "read fewer steps")
            raise SpecError(Problem("Y007", message, self.spec.where("steps", step_id, key), fix))

    def _component(self, step_id: str) -> Component:
        where = self.spec.where("steps", step_id, "use")
        try:
            component = self.registry.get(self.steps[step_id].use)
            settings_class(component.declaration)
            return component
        except SpecError as error:
            if any(plugin.file and plugin.problem for plugin in self.registry.plugins):
                raise SpecError from error  # it may well be in the loose file that is broken, which is told of
            raise SpecError(
                *(Problem(p.code, p.message, where, p.fix) for p in error.problems)
            ) from error
