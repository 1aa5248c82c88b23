"""Checking a whole pipeline against the plugins before anything runs; every problem at once."""

from __future__ import annotations

import graphlib
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from structkit.components import Declaration, Descriptor, Explainer, Model, Settings
from structkit.errors import Problem, SpecError, did_you_mean, listed
from structkit.pipeline.spec import Only, Spec, Step
from structkit.plugins.loading import Component, Registry, discover
from structkit.plugins.settings import problems_of, validate

READS = {
    "source": (),
    "transform": ("source", "transform"),
    "descriptor": ("source", "transform"),
    "model": ("descriptor",),
    "explainer": ("model",),
}
MAKES = {
    "source": "structures",
    "transform": "structures",
    "descriptor": "features",
    "model": "a model",
    "explainer": "explanations",
}


MOST = 100  # problems of a kind that are looked for: twenty are shown
MOST_ORIGINS = 1_000


@dataclass(frozen=True)
class CheckedStep:
    """A step with its component found and its settings validated."""

    id: str
    component: Component
    settings: Settings
    inputs: tuple[str, ...]
    origins: tuple[str, ...]
    train_on: tuple[str, ...] = ()
    only: Only = Only()

    @property
    def kind(self) -> str:
        """`source`, `transform`, `descriptor`, `model` or `explainer`."""
        return self.declaration.kind

    @property
    def declaration(self) -> Declaration:
        """What the plugin declared."""
        return self.component.declaration


@dataclass(frozen=True)
class CheckedPipeline:
    """A pipeline that can run: its steps in an order in which each comes after its inputs."""

    spec: Spec
    registry: Registry
    steps: Mapping[str, CheckedStep]


def check(spec: Spec) -> CheckedPipeline:
    """Check a pipeline file against the installed plugins.

    Raises:
        SpecError: every problem found, sorted by line.
    """
    registry = discover(_loose_files(spec))
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
    return list(dict.fromkeys((spec.path.parent / name).resolve() for name in spec.pipeline.plugins))


class _Checker:
    def __init__(self, spec: Spec, registry: Registry) -> None:
        self.spec, self.registry = spec, registry
        self.steps: Mapping[str, Step] = spec.pipeline.steps
        self.problems: list[Problem] = []

    def file_problems(self) -> Iterator[Problem]:
        """A loose plugin that does not load is the file's problem, whatever the steps use."""
        names = self.spec.pipeline.plugins
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("Y024", f"'plugins' names '{name}' twice", self.spec.where("plugins"), "name it once")
        for plugin in self.registry.plugins:
            if plugin.file and plugin.problem:
                where = self.spec.where("plugins")
                message = f"plugin {plugin.file.name}: {plugin.problem.message}"
                yield Problem(plugin.problem.code, message, where, plugin.problem.fix)

    def order(self) -> list[str]:
        """Step ids so that inputs come first; steps in a cycle are reported and left out."""
        graph = {step_id: [name for name in step.inputs if name in self.steps] for step_id, step in self.steps.items()}
        unknown = (problem for step_id in graph for problem in self._unknown_inputs(step_id))
        self.problems.extend(itertools.islice(unknown, MOST))
        while True:
            try:
                return list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError as error:
                cycle = list(reversed(error.args[1]))
                self.problems.append(self._cycle(cycle))
                bad = set(cycle)
                graph = {k: [v for v in vs if v not in bad] for k, vs in graph.items() if k not in bad}

    def _cycle(self, cycle: list[str]) -> Problem:
        start = min(range(len(cycle) - 1), key=lambda i: list(self.steps).index(cycle[i]))
        ring = cycle[start:-1] + cycle[: start + 1]
        return Problem("Y022", f"cycle: {' → '.join(ring)}", self.spec.where("steps", ring[0], "from"), "break it")

    def _unknown_inputs(self, step_id: str) -> Iterator[Problem]:
        for name in self.steps[step_id].inputs:
            if name not in self.steps:
                known = f"steps: {listed([s for s in self.steps if s != step_id])}"
                hint = did_you_mean(name, self.steps, known)
                message = f"step '{step_id}' reads '{name}', which is no step"
                yield Problem("Y021", message, self.spec.where("steps", step_id, "from"), f"{hint} ({known})")

    def step(self, step_id: str, done: Mapping[str, CheckedStep]) -> CheckedStep:
        """Check one step whose inputs have been checked.

        Raises:
            SpecError: what is wrong with it.
        """
        step = self.steps[step_id]
        component = self._component(step_id)
        problems: list[Problem] = []
        try:
            settings = validate(component.declaration.settings, step.with_)
        except ValidationError as error:
            prefix = ("steps", step_id, "with")
            problems += problems_of(
                error, component.declaration.settings, lambda loc: self.spec.where(*loc), prefix, step.use
            )
        ready = [done[name] for name in step.inputs if name in done]
        if (count := sum(len(given.origins) for given in {id(g): g for g in ready}.values())) > MOST_ORIGINS:
            message = f"{count} origins come together in '{step_id}' (limit {MOST_ORIGINS})"
            raise SpecError(Problem("Y007", message, self.spec.where("steps", step_id, "from"), "read fewer steps"))
        problems += self._wiring(step_id, component, ready)
        origins = _origins(step_id, component.declaration.kind, ready)
        if len(ready) == len(step.inputs):  # else the origins are not known, and the reason is told already
            problems += self._named_origins(step_id, component, origins)
        if problems:
            raise SpecError(*problems)
        only, train_on = step.only or Only(), tuple(step.train_on or ()) or origins
        explained = tuple(origin for origin in origins if only.origins is None or origin in only.origins)
        return CheckedStep(step_id, component, settings, step.inputs, explained, train_on, only)

    def _component(self, step_id: str) -> Component:
        where = self.spec.where("steps", step_id, "use")
        try:
            return self.registry.get(self.steps[step_id].use)
        except SpecError as error:
            if any(plugin.file and plugin.problem for plugin in self.registry.plugins):
                raise SpecError from error  # it may well be in the loose file that is broken, which is told of
            raise SpecError(*(Problem(p.code, p.message, where, p.fix) for p in error.problems)) from error

    def _wiring(self, step_id: str, component: Component, inputs: list[CheckedStep]) -> Iterator[Problem]:
        """Whether what comes in is what the component takes."""
        step, kind = self.steps[step_id], component.declaration.kind
        where = self.spec.where("steps", step_id, "from")
        yield from self._count(step_id, kind, where)
        allowed = READS[kind]
        for given in inputs:
            if allowed and given.kind not in allowed:
                message = f"{step.use} reads {MAKES[allowed[0]]}, got {MAKES[given.kind]} from '{given.id}'"
                yield Problem("Y023", message, where, f"read from a {' or '.join(allowed)} step")
            else:
                yield from self._fit(step.use, component.declaration, given, where)
        yield from self._duplicates(step, inputs, where)
        yield from self._misplaced(step_id, kind)

    def _count(self, step_id: str, kind: str, where: str) -> Iterator[Problem]:
        step = self.steps[step_id]
        if kind == "source" and step.inputs:
            yield Problem("Y024", f"source {step.use} reads nothing, but has 'from'", where, "remove 'from'")
        if kind != "source" and not step.inputs:
            where = self.spec.where("steps", step_id)
            names = " or ".join(READS[kind])
            yield Problem("Y024", f"step '{step_id}' ({kind} {step.use}) needs 'from'", where, f"name a {names} step")
        if kind == "explainer" and len(step.inputs) > 1:
            yield Problem("Y024", f"explainer {step.use} reads one model, got {len(step.inputs)}", where)

    def _fit(self, use: str, taker: Declaration, given: CheckedStep, where: str) -> Iterator[Problem]:
        maker = given.declaration
        if isinstance(taker, Model) and isinstance(maker, Descriptor) and maker.produces not in taker.accepts:
            message = f"{use} accepts {' or '.join(taker.accepts)}, got {maker.produces} from '{given.id}'"
            yield Problem("Y023", message, where, "use a descriptor that produces what it accepts")
        if isinstance(taker, Explainer) and isinstance(maker, Model) and (lack := set(taker.needs) - set(maker.offers)):
            offered = ", ".join(maker.offers) or "nothing"
            message = f"{use} needs {', '.join(sorted(lack))}, '{given.id}' ({maker.name}) offers {offered}"
            yield Problem("Y023", message, where, "explain a model that offers it")

    def _duplicates(self, step: Step, inputs: list[CheckedStep], where: str) -> Iterator[Problem]:
        """The same rows must not come in twice, by one step or by two."""
        for name in sorted(name for name, count in Counter(step.inputs).items() if count > 1)[:MOST]:
            yield Problem("Y024", f"'from' names '{name}' twice", where, "name it once")
        counts = Counter(origin for given in inputs for origin in given.origins)
        for origin in (origin for origin, count in counts.items() if count > 1 and len(set(step.inputs)) > 1):
            yield Problem("Y024", f"the rows of '{origin}' come in {counts[origin]} times", where, "read them once")

    def _misplaced(self, step_id: str, kind: str) -> Iterator[Problem]:
        """Words that mean something for another kind of step only."""
        for word, owner in (("train_on", "model"), ("only", "explainer")):
            if getattr(self.steps[step_id], word) is not None and kind != owner:
                where = self.spec.where("steps", step_id, word)
                yield Problem("Y010", f"'{word}' is for {owner} steps, '{step_id}' is a {kind}", where, "remove it")

    def _named_origins(self, step_id: str, component: Component, origins: tuple[str, ...]) -> Iterator[Problem]:
        """Whether what a model learns on, or an explainer is run on, comes in at all, and is named once."""
        step, kind = self.steps[step_id], component.declaration.kind
        places = {
            "model": (("train_on",), step.train_on),
            "explainer": (("only", "origins"), step.only and step.only.origins),
        }
        path, named = places.get(kind, ((), None))
        counts = Counter(named or ())
        for name in list(counts)[:MOST]:
            words, where = ".".join(path), self.spec.where("steps", step_id, *path)
            if counts[name] > 1:
                yield Problem("Y024", f"'{words}' names '{name}' twice", where, "name it once")
            if name not in origins:
                hint = did_you_mean(name, origins)
                yield Problem("Y021", f"{words} names '{name}', which is no origin here", where, hint)


def _origins(step_id: str, kind: str, inputs: list[CheckedStep]) -> tuple[str, ...]:
    """Names of the groups of rows a step passes on: the steps that made the structures.

    A transform of one origin makes an origin of its own name; of several, `parent+name` for each.
    """
    incoming = tuple(dict.fromkeys(origin for step in inputs for origin in step.origins))
    if kind == "source":
        return (step_id,)
    if kind == "transform":
        return (step_id,) if len(incoming) <= 1 else tuple(f"{origin}+{step_id}" for origin in incoming)
    return incoming
