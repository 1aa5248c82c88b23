"""Everything that plugins declared: components, and what they add to structkit itself."""

from __future__ import annotations

import functools
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pluggy

from structkit.components import Declaration, Extension, Item, Kind, Target
from structkit.discovery.plugin import Plugin, import_string
from structkit.errors import IntegrityError, Problem, SpecError, did_you_mean, printable
from structkit.surroundings import left_as_found

ARRAYS = "arrays"  # the item that holds any representation
BLOCK_VARIABLE = "STRUCTKIT_BLOCK"
# what to install for a component whose distribution is not called after it
DISTRIBUTIONS = {"files": "structkit-structure-files"}
log = logging.getLogger("structkit")
E = TypeVar("E", bound=Extension)


@dataclass(frozen=True)
class Component:
    """A declaration together with the plugin that made it."""

    declaration: Declaration
    plugin: Plugin

    @property
    def qualified(self) -> str:
        """`distribution/name`, which is never ambiguous."""
        return f"{self.plugin.distribution}/{self.declaration.name}"


@dataclass
class Registry:
    """Every plugin found and every component declared."""

    manager: pluggy.PluginManager
    plugins: list[Plugin] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    offered: dict[str, list[Extension]] = field(default_factory=dict)
    # the collection hook of every kind
    hooks: dict[str, type[Declaration]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    @functools.cached_property
    def kinds(self) -> dict[str, Any]:
        """The object of every kind of step, by name."""
        return {kind.name: import_string(kind.build)() for kind in self.of(Kind)}

    def kind(self, name: str) -> Any:
        """The object of a kind of step."""
        return self.kinds[name]

    def of(self, sort: type[E]) -> list[E]:
        """The extensions of a sort."""
        return [extension for extension in self.extensions if isinstance(extension, sort)]

    def extension(self, sort: type[E], name: str) -> E:
        """The one extension of a sort that a name means.

        Raises:
            SpecError: P001, none.
        """
        named = {extension.name: extension for extension in self.of(sort)}
        if name not in named:
            words = re.sub(r"(?<!^)(?=[A-Z])", " ", sort.__name__).lower()  # ready model
            message = f"no installed plugin provides the {words} '{name}'"
            raise SpecError(Problem("P001", message, fix=did_you_mean(name, named)))
        return named[name]

    def item(self, holds: str) -> Item:
        """What rows hold, by what a source `makes`: plain arrays where no plugin says otherwise."""
        named = {item.name: item for item in self.of(Item)}
        return named.get(holds) or named[ARRAYS]

    def target(self, predicts: str, per: str) -> Target:
        """The target that a model `predicts`.

        Raises:
            SpecError: P001, none.
        """
        for target in self.of(Target):
            if (target.name, target.per) == (predicts, per):
                return target
        known = [f"{target.name} per {target.per}" for target in self.of(Target)]
        message = f"no installed plugin provides the target '{predicts} per {per}'"
        raise SpecError(Problem("P001", message, fix=did_you_mean(f"{predicts} per {per}", known)))

    def find(self, use: str) -> list[Component]:
        """The components that `use` can mean: by short name, or by `distribution/name`."""
        return [c for c in self.components if use in (c.declaration.name, c.qualified)]

    def get(self, use: str) -> Component:
        """The one component that `use` means.

        Raises:
            SpecError: none (P001), one whose plugin is broken (P002), or several (P003).
        """
        components = self.find(use)
        if len(components) == 1:
            return components[0]
        raise SpecError(self._ambiguous(use, components) if components else self._missing(use))

    def _ambiguous(self, use: str, components: Sequence[Component]) -> Problem:
        names = ", ".join(component.qualified for component in components)
        return Problem(
            "P003", f"{len(components)} plugins provide '{use}'", fix=f"say which: {names}"
        )

    def _missing(self, use: str) -> Problem:
        broken = [plugin for plugin in self.plugins if plugin.problem]
        mine = [c.declaration.name for c in self.components if c.plugin.distribution == use]
        if mine:
            return Problem(
                "P001", f"'{use}' is a distribution, no component", fix=f"it has {', '.join(mine)}"
            )
        named = [
            plugin
            for plugin in broken
            if use.split("/")[0] in (plugin.distribution, plugin.entry_point)
        ]
        if plugin := next(iter(named), None):
            return Problem("P002", f"plugin {plugin.distribution} is broken: {plugin.problem}")
        short = use.rpartition("/")[2]
        if elsewhere := ", ".join(c.qualified for c in self.find(short)):
            fix = f"it is {elsewhere} here"
            return Problem("P001", f"no installed plugin provides '{use}'", fix=fix)
        hint = did_you_mean(
            use, {c.declaration.name for c in self.components}, "see: structkit plugins list"
        )
        if broken:
            hint += f"; these plugins failed to load: {', '.join(p.distribution for p in broken)}"
        elif self.blocked:
            hint += f"; {BLOCK_VARIABLE} leaves out {', '.join(sorted(self.blocked))}"
        elif "mean" not in hint:
            distribution = DISTRIBUTIONS.get(short, f"structkit-{short}")
            hint += f" (or install the plugin, perhaps {distribution})"
        return Problem("P001", f"no installed plugin provides '{use}'", fix=hint)

    def implements(self, hook: str) -> bool:
        """Whether any plugin has an implementation of a hook."""
        return bool(getattr(self.manager.hook, hook).get_hookimpls())

    def call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook in each plugin alone: what one raises is told and logged, never fatal.

        Yields:
            The plugin's distribution, and what it returned.

        Raises:
            IntegrityError: what a plugin was about to read is damaged.
        """
        return self._call_each(hook, arguments, lambda result: result)

    def collect(self, hook: str, **arguments: Any) -> Iterator[tuple[str, list[Any]]]:
        """Call a hook that gives several things; a generator, too, fails in its plugin alone."""
        return self._call_each(hook, arguments, lambda result: list(result or ()))

    def _call_each(
        self, hook: str, arguments: Mapping[str, Any], read: Callable[[Any], Any]
    ) -> Iterator[tuple[str, Any]]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            wanted = {name: arguments[name] for name in implementation.argnames}
            distribution = implementation.plugin_name.partition(":")[0]
            try:
                with left_as_found(distribution, f"in {hook}"):
                    result = read(implementation.function(*wanted.values()))
            except IntegrityError:
                raise  # what is stored is damaged, whoever reads it
            except (Exception, SystemExit) as error:
                _tell_failure(hook, distribution, error)
            else:
                yield distribution, result

    def notify(self, hook: str, **arguments: Any) -> None:
        """Tell every plugin what happened."""
        for _ in self.call(hook, **arguments):
            pass


def _tell_failure(hook: str, distribution: str, error: BaseException) -> None:
    """Say in one line that a hook failed; the log keeps the traceback."""
    message = " ".join(str(error).split())
    line = f"{hook} failed in plugin {distribution}: {type(error).__name__}: {message}"
    log.warning(line, exc_info=error)
    sys.stderr.write(printable(line) + "\n")
    if "--debug" in sys.orig_argv:
        traceback.print_exception(error)
