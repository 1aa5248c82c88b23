"""Finding plugins and loading each one alone: a broken plugin is a value, fatal only to who asks for it."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from structkit import API, hookspecs
from structkit.components import (
    Declaration,
    Executor,
    Explorer,
    Extension,
    Item,
    Kind,
    ReadyModel,
    Target,
)
from structkit.discovery.declarations import BUILD, check_declaration
from structkit.discovery.imported import watch
from structkit.discovery.plugin import Permit, Plugin, load_loose
from structkit.discovery.registry import BLOCK_VARIABLE, Component, Registry
from structkit.errors import Problem, SpecError, Stopped, did_you_mean
from structkit.randomness import chance_restored
from structkit.surroundings import left_as_found

GROUP = "structkit"
BUILTIN = "structkit.builtin.plugin"
PATIENCE = 5.0  # seconds
KINDS_HOOK = "structkit_kinds"
EXTENSIONS: dict[str, type[Extension]] = {
    KINDS_HOOK: Kind,
    "structkit_items": Item,
    "structkit_targets": Target,
    "structkit_executors": Executor,
    "structkit_ready_models": ReadyModel,
    "structkit_explorers": Explorer,
}
log = logging.getLogger("structkit")


def discover(loose: Iterable[Path] = (), permit: Permit | None = None) -> Registry:
    """Find and load every installed plugin, and the given loose files that `permit` lets, each one alone."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    blocked = registry.blocked = set(filter(None, os.environ.get(BLOCK_VARIABLE, "").split(",")))
    with chance_restored():
        loaded = [*_installed(blocked), *(_loose(path, permit) for path in loose)]
        for plugin in _with_kinds(registry, loaded):
            _admit(registry, plugin)
    return registry


def _loose(path: Path, permit: Permit | None) -> Plugin:
    """A plugin of one file, imported where that is permitted."""
    plugin = Plugin(path.stem, "0", str(path), file=path)
    return _loaded(plugin, functools.partial(load_loose, path, permit))


def _installed(blocked: set[str]) -> Iterator[Plugin]:
    """Every installed plugin, imported; the core's own comes first."""
    entries = importlib.metadata.entry_points(group=GROUP)
    for entry in sorted(entries, key=lambda entry: (entry.value != BUILTIN, entry.name)):
        name = entry.dist.name if entry.dist else entry.name
        if not blocked & {name, entry.name}:
            version = entry.dist.version if entry.dist else "?"
            yield _loaded(
                Plugin(name, version, entry.name), functools.partial(_import, entry.value)
            )


def _with_kinds(registry: Registry, plugins: Sequence[Plugin]) -> list[Plugin]:
    """Add the collection hook of every kind, before any plugin that declares a component of it is checked."""
    return [
        _attempted(plugin, functools.partial(_add_kinds, registry, plugin)) for plugin in plugins
    ]


def _add_kinds(registry: Registry, plugin: Plugin) -> Plugin:
    declare = getattr(plugin.module, KINDS_HOOK, None)
    for kind in declare() if declare else ():
        _add_kind(registry, kind)
    return plugin


def _add_kind(registry: Registry, kind: Any) -> None:
    if not isinstance(kind, Kind):
        raise SpecError(
            Problem("P006", f"{KINDS_HOOK} gave a {type(kind).__name__}, expected a Kind")
        )
    if kind.hook in registry.hooks:
        raise SpecError(Problem("P006", f"the hook {kind.hook} of the kind '{kind.name}' is taken"))
    if kind.hook not in _hook_names():  # those of the core are written out, with an example each
        registry.manager.add_hookspecs(
            type(kind.name, (), {kind.hook: staticmethod(_collection(kind))})
        )
    registry.hooks[kind.hook] = kind.declares


def _collection(kind: Kind) -> Callable[[], Iterable[Declaration]]:
    def declare() -> Iterable[Declaration]:
        return ()

    declare.__name__ = kind.hook
    declare.__doc__ = f"Declare {kind.name}s: {kind.summary}."
    marked: Callable[[], Iterable[Declaration]] = hookspecs.hookspec(declare)
    return marked


def _import(module: str) -> ModuleType:
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module):
        fix = "write the import path of a module: my_rings.plugin"
        raise SpecError(Problem("P002", f"its entry point names no module: '{module}'", fix=fix))
    watch(module)
    return importlib.import_module(module)


def _loaded(plugin: Plugin, load: Callable[[], ModuleType]) -> Plugin:
    """Import one plugin; whatever it does wrong becomes its `problem`."""

    def load_it() -> Plugin:
        with _impatience(plugin), contextlib.redirect_stdout(sys.stderr):
            module = load()  # what a plugin prints is no result
        _check_api(module)
        return replace(plugin, module=module)

    return _attempted(plugin, load_it)


def _admit(registry: Registry, plugin: Plugin) -> None:
    """Check and register one plugin; whatever it does wrong becomes its `problem`."""

    def register() -> Plugin:
        components, extensions = _register(registry, plugin)
        registry.components.extend(components)
        registry.extensions.extend(extensions)
        registry.offered[plugin.registered] = extensions
        return plugin

    registry.plugins.append(plugin if plugin.problem else _attempted(plugin, register))


def _attempted(plugin: Plugin, action: Callable[[], Plugin]) -> Plugin:
    """What an action makes of a plugin; a broken plugin, when it fails."""
    try:
        with left_as_found(f"plugin {plugin.distribution}", "when it was imported"):
            return action()
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # a plugin may even call sys.exit on import
        log.debug("plugin %s failed to load", plugin.distribution, exc_info=True)
        if "--debug" in sys.orig_argv:
            traceback.print_exception(error)
        return _broken(plugin, error)


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
        problem = Problem("P002", f"failed to import: {cause}", fix="--debug shows where")
    return replace(plugin, module=None, problem=problem)


def _check_api(module: ModuleType) -> None:
    api = getattr(module, "STRUCTKIT_API", None)
    if api is None:
        raise SpecError(
            Problem("P004", "plugin does not say its API", fix=f"add STRUCTKIT_API = {API} to it")
        )
    if api != API:
        message = f"needs structkit API {api!r}, this is {API}"
        raise SpecError(
            Problem(
                "P004", message, fix="install matching versions of structkit-core and the plugin"
            )
        )


def _register(registry: Registry, plugin: Plugin) -> tuple[list[Component], list[Extension]]:
    """Register the module; a misspelt hook or wrong arguments are found here, not at the first call."""
    manager = registry.manager
    try:
        manager.register(plugin.module, plugin.registered)
        manager.check_pending()
        _check_marked(plugin.module, [*_hook_names(), *registry.hooks])
        components = list(_declared(registry, plugin))
        return components, list(_extensions(registry, plugin))
    except BaseException as error:
        if manager.get_plugin(plugin.registered) is plugin.module:
            manager.unregister(name=plugin.registered)
        if isinstance(error, pluggy.PluginValidationError):
            raise SpecError(_wrong_hook(str(error), [*_hook_names(), *registry.hooks])) from error
        raise


def _check_marked(module: ModuleType | None, hooks: Sequence[str]) -> None:
    """A function with the name of a hook is meant to be one."""
    mark = f"{hookspecs.PROJECT}_impl"
    for name in hooks:
        if callable(function := getattr(module, name, None)) and not hasattr(function, mark):
            raise SpecError(
                Problem("P005", f"{name} is not marked", fix="write @hookimpl above it")
            )


def _wrong_hook(text: str, hooks: Sequence[str]) -> Problem:
    """A misspelt hook, or one with arguments that its specification does not have."""
    unknown = re.match(r"unknown hook '(\w+)'", text)
    fix = (
        did_you_mean(unknown.group(1), hooks)
        if unknown
        else "docs/hooks.md lists every hook's arguments"
    )
    if unknown:
        return Problem("P005", f"there is no hook '{unknown.group(1)}'", fix=fix)
    wrong = re.search(r"for hook '(\w+)'.*Argument\(s\) \{([^}]*)\}", text, re.DOTALL)
    message = f"{wrong[1]} takes no argument {wrong[2]}" if wrong else " ".join(text.split())
    return Problem("P005", message, fix=fix)


def _hook_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("structkit_")]


def _given(registry: Registry, plugin: Plugin, hook: str) -> Iterator[Any]:
    """What one plugin declares through a hook."""
    for implementation in getattr(registry.manager.hook, hook).get_hookimpls():
        if implementation.plugin_name == plugin.registered:
            yield from implementation.function()


def _declared(registry: Registry, plugin: Plugin) -> Iterator[Component]:
    seen: set[str] = set()
    for hook, declares in registry.hooks.items():
        for declaration in _given(registry, plugin, hook):
            check_declaration(declaration, declares, hook, seen)
            yield Component(declaration, plugin)


def _extensions(registry: Registry, plugin: Plugin) -> Iterator[Extension]:
    for hook, sort in EXTENSIONS.items():
        for extension in _given(registry, plugin, hook):
            if not isinstance(extension, sort):
                given = type(extension).__name__
                raise SpecError(
                    Problem("P006", f"{hook} gave a {given}, expected a {sort.__name__}")
                )
            if not BUILD.fullmatch(extension.build):
                message = (
                    f"{sort.__name__.lower()} '{extension.name}': build is {extension.build!r}"
                )
                raise SpecError(
                    Problem("P006", message, fix="name a class: 'package.module:Class'")
                )
            yield extension
