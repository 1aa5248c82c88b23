"""Finding plugins and loading each one alone: a broken plugin is a value, fatal only to who asks for it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from structkit import hookspecs
from structkit.components import KINDS, Declaration
from structkit.errors import Problem, SpecError, Stopped, did_you_mean

GROUP = "structkit"
API = 1
BLOCK_VARIABLE = "STRUCTKIT_BLOCK"
PATIENCE = 5.0  # seconds
COMPONENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
COLLECTIONS = {kind.kind: f"structkit_{kind.kind}s" for kind in KINDS}
log = logging.getLogger("structkit")


@dataclass(frozen=True)
class Plugin:
    """A plugin as found: loaded, or with the problem that kept it from loading."""

    distribution: str
    version: str
    entry_point: str
    module: ModuleType | None = None
    problem: Problem | None = None
    file: Path | None = None  # of a loose plugin

    @functools.cached_property
    def code_digest(self) -> str:
        """SHA-256 over the plugin's source files: an edited plugin never meets its old results."""
        place = Path(self.module.__file__ or "") if self.module else Path()
        files = [place] if self.file else sorted(place.parent.rglob("*.py"))
        total = hashlib.sha256()
        for path in files:
            total.update(str(path.relative_to(place.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
        return total.hexdigest()


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

    def find(self, use: str) -> list[Component]:
        """The components that `use` can mean: by short name, or by `distribution/name`."""
        return [c for c in self.components if use in (c.declaration.name, c.qualified)]

    def get(self, use: str) -> Component:
        """The one component that `use` means.

        Raises:
            SpecError: none (P001), one whose plugin is broken (P002), or several (P003).
        """
        found = self.find(use)
        if len(found) == 1:
            return found[0]
        raise SpecError(self._ambiguous(use, found) if found else self._missing(use))

    def _ambiguous(self, use: str, found: Sequence[Component]) -> Problem:
        names = ", ".join(component.qualified for component in found)
        return Problem("P003", f"{len(found)} plugins provide '{use}'", fix=f"say which: {names}")

    def _missing(self, use: str) -> Problem:
        broken = [plugin for plugin in self.plugins if plugin.problem]
        named = [plugin for plugin in broken if use.split("/")[0] in (plugin.distribution, plugin.entry_point)]
        if plugin := next(iter(named), None):
            return Problem("P002", f"plugin {plugin.distribution} is broken: {plugin.problem}")
        hint = did_you_mean(use, {c.declaration.name for c in self.components}, "see: structkit plugins list")
        if broken:
            hint += f"; these plugins failed to load: {', '.join(p.distribution for p in broken)}"
        if "mean" not in hint:
            hint += f" (or install the plugin, perhaps structkit-{use.split('/')[-1]})"
        return Problem("P001", f"no installed plugin provides '{use}'", fix=hint)

    def call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call an event or report hook in each plugin alone: an exception is logged, never fatal."""
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            wanted = {name: arguments[name] for name in implementation.argnames}
            try:
                result = implementation.function(*wanted.values())
                yield implementation.plugin_name, list(result) if result is not None else None
            except Exception as error:
                log.warning("%s failed in plugin %s: %s", hook, implementation.plugin_name, error, exc_info=True)

    def notify(self, hook: str, **arguments: Any) -> None:
        """Tell every plugin what happened."""
        for _ in self.call(hook, **arguments):
            pass


def discover(loose: Iterable[Path] = ()) -> Registry:
    """Find and load every installed plugin, and the given loose files, each one alone."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    blocked = set(filter(None, os.environ.get(BLOCK_VARIABLE, "").split(",")))
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        name = entry.dist.name if entry.dist else entry.module
        if not blocked & {name, entry.name}:
            version = entry.dist.version if entry.dist else "?"
            _admit(registry, Plugin(name, version, entry.name), functools.partial(_import, entry.module))
    for path in loose:
        _admit(registry, Plugin(path.stem, "0", str(path), file=path), functools.partial(load_loose, path))
    return registry


def _import(module: str) -> ModuleType:
    return importlib.import_module(module)


def load_loose(path: Path) -> ModuleType:
    """Import a plugin from a file of its own, under a module name no package can have taken."""
    name = f"structkit_loose_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"no Python file at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that `build: "structkit_loose_x:Class"` finds it
    spec.loader.exec_module(module)
    return module


def _admit(registry: Registry, plugin: Plugin, load: Callable[[], ModuleType]) -> None:
    """Load, check and register one plugin; whatever it does wrong becomes its `problem`."""
    try:
        with _impatience(plugin):
            module = load()
        _check_api(module)
        plugin = Plugin(plugin.distribution, plugin.version, plugin.entry_point, module, file=plugin.file)
        components = _register(registry.manager, plugin)
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # a plugin may even call sys.exit on import
        log.debug("plugin %s failed to load", plugin.distribution, exc_info=True)
        registry.plugins.append(_broken(plugin, error))
        return
    registry.plugins.append(plugin)
    registry.components.extend(components)


@contextlib.contextmanager
def _impatience(plugin: Plugin) -> Iterator[None]:
    """Say whom everybody is waiting for, when an import takes long."""
    name = plugin.distribution
    fix = f"Ctrl-C stops; {BLOCK_VARIABLE}={name} leaves it out"
    problem = Problem("P014", f"plugin {name} has been importing for {PATIENCE:g} s", fix=fix)
    timer = threading.Timer(PATIENCE, lambda: sys.stderr.write(f"{problem}\n"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _broken(plugin: Plugin, error: BaseException) -> Plugin:
    if isinstance(error, SpecError):
        problem = error.problems[0]
    else:
        lines = str(error).strip().splitlines()
        cause = f"{type(error).__name__}: {lines[0] if lines else ''}"
        problem = Problem("P002", f"failed to import: {cause}", fix="see run.log or use --debug for the traceback")
    return Plugin(plugin.distribution, plugin.version, plugin.entry_point, None, problem, plugin.file)


def _check_api(module: ModuleType) -> None:
    found = getattr(module, "STRUCTKIT_API", None)
    if found is None:
        raise SpecError(Problem("P004", "plugin does not say its API", fix=f"add STRUCTKIT_API = {API} to it"))
    if found != API:
        message = f"needs structkit API {found!r}, this is {API}"
        raise SpecError(Problem("P004", message, fix="install matching versions of structkit-core and the plugin"))


def _register(manager: pluggy.PluginManager, plugin: Plugin) -> list[Component]:
    """Register the module; a misspelt hook or wrong arguments are found here, not at the first call."""
    try:
        manager.register(plugin.module, plugin.distribution)
        manager.check_pending()
        return list(_declared(manager, plugin))
    except BaseException as error:
        if manager.has_plugin(plugin.distribution):
            manager.unregister(name=plugin.distribution)
        if isinstance(error, pluggy.PluginValidationError):
            raise SpecError(_wrong_hook(str(error))) from error
        raise


def _wrong_hook(text: str) -> Problem:
    """A misspelt hook, or one with arguments that its specification does not have."""
    unknown = re.match(r"unknown hook '(\w+)'", text)
    fix = did_you_mean(unknown.group(1), _hook_names()) if unknown else "docs/hooks.md lists every hook's arguments"
    return Problem("P005", " ".join(text.split()), fix=fix)


def _hook_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("structkit_")]


def _declared(manager: pluggy.PluginManager, plugin: Plugin) -> Iterator[Component]:
    seen: set[str] = set()
    for kind in KINDS:
        for implementation in getattr(manager.hook, COLLECTIONS[kind.kind]).get_hookimpls():
            if implementation.plugin_name != plugin.distribution:
                continue
            for declaration in implementation.function():
                _check_declaration(declaration, kind, seen)
                yield Component(declaration, plugin)


def _check_declaration(declaration: Any, kind: type[Declaration], seen: set[str]) -> None:
    if not isinstance(declaration, kind):
        found = type(declaration).__name__
        raise SpecError(Problem("P006", f"{COLLECTIONS[kind.kind]} gave a {found}, expected a {kind.__name__}"))
    if not COMPONENT_NAME.fullmatch(declaration.name):
        raise SpecError(Problem("P006", f"component name {declaration.name!r}", fix="use kebab-case: my-component"))
    if declaration.name in seen:
        raise SpecError(Problem("P006", f"component '{declaration.name}' is declared twice in one plugin"))
    seen.add(declaration.name)


def import_string(path: str) -> Any:
    """The object behind `"package.module:Name"`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
