"""What the `plugins` verbs do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.cli.output import say
from structkit.discovery.kept import kept
from structkit.errors import Problem, SpecError, StepError, did_you_mean

if TYPE_CHECKING:
    from structkit.discovery.registry import Registry


def list_plugins(as_json: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit plugins list`, with loose files beside the installed plugins."""
    facts = _plugins(_registry(loose)) if loose else kept("plugins", _plugins)
    if as_json:
        say(json.dumps(facts, indent=1))
        return
    for plugin in facts:
        if plugin["problem"]:
            _say_broken(plugin)
            continue
        say(f"{plugin['distribution']} {plugin['version']}")
        for component in plugin["components"]:
            say(f"  {component['kind']:<11}{component['name']:<26}{component['summary']}")
        for extension in plugin["extensions"]:
            say(f"  {extension['sort']:<11} {extension['name']:<25}{extension['summary']}")


def _registry(loose: Sequence[Path]) -> Registry:
    """Everything that is declared, also by loose files."""
    from structkit.discovery.loading import discover

    return discover(loose)


def _plugins(registry: Registry) -> list[dict[str, Any]]:
    """What every plugin offers."""
    from structkit.discovery.catalogue import plugin_facts

    return [plugin_facts(registry, plugin) for plugin in registry.plugins]


def _say_broken(plugin: dict[str, Any]) -> None:
    import typer

    line = (
        f"{plugin['distribution']} {plugin['version']} (entry point {plugin['entry_point']}) BROKEN"
    )
    typer.secho(f"{line}: {plugin['problem']}", fg=typer.colors.RED)


def show_component(name: str, as_json: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit plugins show`."""
    facts = (None if loose else _kept_component(name)) or _component(name, loose)
    if as_json:
        say(json.dumps(facts, indent=1))
        return
    say(f"{facts['name']}: {facts['kind']} of {facts['plugin']}\n{facts['summary']}")
    for word in ("produces", "accepts", "offers", "needs"):
        if facts.get(word):
            say(
                f"{word}: {facts[word] if isinstance(facts[word], str) else ', '.join(facts[word])}"
            )
    say("settings:" if facts["settings"] else "settings: none")
    for key, setting in facts["settings"].items():
        default = "required" if setting["required"] else f"default {json.dumps(setting['default'])}"
        say(f"  {key}: {setting['type']} ({default})\n      {setting['description']}")
    for reference in facts["references"]:
        say(f"cite: {reference}")
    say(f"in Python: {facts['build']}, whose docstring says more")


def _kept_component(name: str) -> dict[str, Any] | None:
    """What a component says of itself, where a name means one that is installed."""
    components = kept("components", _components)
    named = [c for c in components if name in (c["name"], f"{c['plugin'].split()[0]}/{c['name']}")]
    return named[0] if len(named) == 1 else None


def _components(registry: Registry) -> list[dict[str, Any]]:
    """What every component says of itself; those with broken settings say nothing."""
    from structkit.discovery.catalogue import component_facts

    facts = []
    for component in registry.components:
        with contextlib.suppress(SpecError):
            facts.append(component_facts(component))
    return facts


def _component(name: str, loose: Sequence[Path]) -> dict[str, Any]:
    """What a component says of itself.

    Raises:
        SpecError: P001 to P003, none, a broken one, or several.
    """
    from structkit.discovery.catalogue import component_facts

    return component_facts(_registry(loose).get(name))


def check_plugin(distribution: str, as_json: bool) -> None:
    """`structkit plugins check`: load the plugin, import what it declares, make its settings.

    Args:
        distribution: its name, or the path of a loose plugin, which ends in .py.
        as_json: for programs.

    Raises:
        SpecError: no such plugin.
        StepError: what is wrong with it.
    """
    from structkit.discovery.catalogue import faults, plugin_facts
    from structkit.discovery.loading import discover

    loose = [Path(distribution)] if distribution.endswith(".py") else []
    registry = discover(loose)
    plugins = [p for p in registry.plugins if p.file in loose or p.distribution == distribution]
    if not plugins:
        hint = did_you_mean(distribution, {p.distribution for p in registry.plugins})
        raise SpecError(
            Problem("P001", f"no plugin distribution '{distribution}' is installed", fix=hint)
        )
    mine = [c for c in registry.components if c.plugin in plugins]
    problems = [
        *(p.problem for p in plugins if p.problem),
        *(fault for c in mine for fault in faults(registry, c)),
    ]
    if as_json:
        facts = [plugin_facts(registry, plugin) for plugin in plugins]
        together = {**facts[0], "components": [c for plugin in facts for c in plugin["components"]]}
        say(json.dumps({**together, "problems": [str(p) for p in problems]}, indent=1))
    if problems:
        raise StepError(*problems)
    if not as_json:
        say(
            f"{distribution}: {len(mine)} component{'' if len(mine) == 1 else 's'}, no problem found"
        )
