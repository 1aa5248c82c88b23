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
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from structkit import API, hookspecs
from structkit.components import KINDS, Declaration, Settings
from structkit.errors import Problem, SpecError, Stopped, did_you_mean, printable

GROUP = "structkit"
BLOCK_VARIABLE = "STRUCTKIT_BLOCK"
PATIENCE = 5.0  # seconds
BUILD = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
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
        folder, files = self._code()
        # a package is imported once in a process, a loose file by every `discover`; the digest is that of what runs
        return (_digest if self.file else _digest_once)(self.module, folder, tuple(files))

    def _code(self) -> tuple[Path, list[Path]]:
        """The whole top-level package that the plugin is in, or its one file; of the core, only what is built in."""
        place = Path(self.module.__file__ or "") if self.module else Path()
        package = (self.module.__package__ or "") if self.module and not self.file else ""
        if not package:
            return place.parent, [place]
        above = 0 if package.startswith("structkit.") else package.count(".")
        folder = place.parents[above]
        return folder, sorted(folder.rglob("*.py"))

    @property
    def registered(self) -> str:
        """What the plugin manager knows it by: one distribution may have several entry points."""
        return f"{self.distribution}:{self.entry_point}"


@dataclass(frozen=True)
class Component:
    """A declaration together with the plugin that made it."""

    declaration: Declaration
    plugin: Plugin

    @property
    def qualified(self) -> str:
        """`distribution/name`, which is never ambiguous."""
        return f"{self.plugin.distribution}/{self.declaration.name}"


def _digest(module: ModuleType | None, folder: Path, files: tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


_digest_once = functools.cache(_digest)


@dataclass
class Registry:
    """Every plugin found and every component declared."""

    manager: pluggy.PluginManager
    plugins: list[Plugin] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)

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
        mine = [c.declaration.name for c in self.components if c.plugin.distribution == use]
        if mine:
            return Problem("P001", f"'{use}' is a distribution, no component", fix=f"it has {', '.join(mine)}")
        named = [plugin for plugin in broken if use.split("/")[0] in (plugin.distribution, plugin.entry_point)]
        if plugin := next(iter(named), None):
            return Problem("P002", f"plugin {plugin.distribution} is broken: {plugin.problem}")
        hint = did_you_mean(use, {c.declaration.name for c in self.components}, "see: structkit plugins list")
        if broken:
            hint += f"; these plugins failed to load: {', '.join(p.distribution for p in broken)}"
        elif self.blocked:
            hint += f"; {BLOCK_VARIABLE} leaves out {', '.join(sorted(self.blocked))}"
        elif "mean" not in hint:
            hint += f" (or install the plugin, perhaps structkit-{use.split('/')[-1]})"
        return Problem("P001", f"no installed plugin provides '{use}'", fix=hint)

    def implements(self, hook: str) -> bool:
        """Whether any plugin has an implementation of a hook."""
        return bool(getattr(self.manager.hook, hook).get_hookimpls())

    def call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook in each plugin alone: what one raises is told and logged, never fatal.

        Yields:
            The plugin's distribution, and what it returned.
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
                result = read(implementation.function(*wanted.values()))
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


def discover(loose: Iterable[Path] = ()) -> Registry:
    """Find and load every installed plugin, and the given loose files, each one alone."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    blocked = registry.blocked = set(filter(None, os.environ.get(BLOCK_VARIABLE, "").split(",")))
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        name = entry.dist.name if entry.dist else entry.name
        if not blocked & {name, entry.name}:
            version = entry.dist.version if entry.dist else "?"
            _admit(registry, Plugin(name, version, entry.name), functools.partial(_import, entry.value))
    for path in loose:
        _admit(registry, Plugin(path.stem, "0", str(path), file=path), functools.partial(load_loose, path))
    return registry


def _import(module: str) -> ModuleType:
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module):
        fix = "write the import path of a module: my_rings.plugin"
        raise SpecError(Problem("P002", f"its entry point names no module: '{module}'", fix=fix))
    return importlib.import_module(module)


def loose_name(path: Path) -> str:
    """The module name of a loose plugin: two files of one name are two modules."""
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    return f"structkit_loose_{re.sub(r'[^0-9a-zA-Z_]', '_', path.stem)}_{place}"


def without_digest(build: str) -> str:
    """An import path as a person knows it: `rings:Rings`, also for the class of a loose plugin."""
    return re.sub(r"structkit_loose_(\w+)_[0-9a-f]{8}", r"\1", build)


def load_loose(path: Path) -> ModuleType:
    """Import a plugin from a file of its own, under a module name that nothing else can have taken."""
    name = loose_name(path)
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
        with _impatience(plugin), contextlib.redirect_stdout(sys.stderr):  # what a plugin prints is no result
            module = load()
        _check_api(module)
        plugin = Plugin(plugin.distribution, plugin.version, plugin.entry_point, module, file=plugin.file)
        components = _register(registry.manager, plugin)
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # a plugin may even call sys.exit on import
        log.debug("plugin %s failed to load", plugin.distribution, exc_info=True)
        if "--debug" in sys.orig_argv:
            traceback.print_exception(error)
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
        problem = Problem("P002", f"failed to import: {cause}", fix="--debug shows where")
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
        manager.register(plugin.module, plugin.registered)
        manager.check_pending()
        _check_marked(plugin.module)
        return list(_declared(manager, plugin))
    except BaseException as error:
        if manager.get_plugin(plugin.registered) is plugin.module:
            manager.unregister(name=plugin.registered)
        if isinstance(error, pluggy.PluginValidationError):
            raise SpecError(_wrong_hook(str(error))) from error
        raise


def _check_marked(module: ModuleType | None) -> None:
    """A function with the name of a hook is meant to be one."""
    mark = f"{hookspecs.PROJECT}_impl"
    for name in _hook_names():
        if callable(found := getattr(module, name, None)) and not hasattr(found, mark):
            raise SpecError(Problem("P005", f"{name} is not marked", fix="write @hookimpl above it"))


def _wrong_hook(text: str) -> Problem:
    """A misspelt hook, or one with arguments that its specification does not have."""
    unknown = re.match(r"unknown hook '(\w+)'", text)
    fix = did_you_mean(unknown.group(1), _hook_names()) if unknown else "docs/hooks.md lists every hook's arguments"
    if unknown:
        return Problem("P005", f"there is no hook '{unknown.group(1)}'", fix=fix)
    wrong = re.search(r"for hook '(\w+)'.*Argument\(s\) \{([^}]*)\}", text, re.DOTALL)
    message = f"{wrong[1]} takes no argument {wrong[2]}" if wrong else " ".join(text.split())
    return Problem("P005", message, fix=fix)


def _hook_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("structkit_")]


def _declared(manager: pluggy.PluginManager, plugin: Plugin) -> Iterator[Component]:
    seen: set[str] = set()
    for kind in KINDS:
        for implementation in getattr(manager.hook, COLLECTIONS[kind.kind]).get_hookimpls():
            if implementation.plugin_name != plugin.registered:
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
    build: object = declaration.build
    if not (isinstance(build, str) and BUILD.fullmatch(build)):
        message = f"component '{declaration.name}': build is {build!r}"
        raise SpecError(Problem("P006", message, fix="name a class: 'package.module:Class'"))
    settings: object = declaration.settings
    if not (isinstance(settings, type) and issubclass(settings, Settings)):
        message = f"component '{declaration.name}': settings is {settings!r}"
        raise SpecError(Problem("P006", message, fix="give a class that inherits from structkit.Settings"))
    if declaration.name in seen:
        raise SpecError(Problem("P006", f"component '{declaration.name}' is declared twice in one plugin"))
    seen.add(declaration.name)


def import_string(path: str) -> Any:
    """The object behind `"package.module:Name"`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
