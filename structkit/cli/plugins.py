"""What the `plugins` verbs do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from structkit.cli.output import say
from structkit.discovery.catalogue import component_facts, faults, plugin_facts
from structkit.discovery.loading import discover
from structkit.errors import Problem, SpecError, StepError, did_you_mean


def list_plugins(as_json: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit plugins list`, with loose files beside the installed plugins."""
    registry = discover(loose)
    facts = [plugin_facts(registry, plugin) for plugin in registry.plugins]
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
        for one in plugin["extensions"]:
            say(f"  {one['sort']:<11} {one['name']:<25}{one['summary']}")


def _say_broken(plugin: dict[str, Any]) -> None:
    import typer

    line = (
        f"{plugin['distribution']} {plugin['version']} (entry point {plugin['entry_point']}) BROKEN"
    )
    typer.secho(f"{line}: {plugin['problem']}", fg=typer.colors.RED)


def show_component(name: str, as_json: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit plugins show`."""
    component = discover(loose).get(name)
    facts = component_facts(component)
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


def check_plugin(distribution: str, as_json: bool) -> None:
    """`structkit plugins check`: load the plugin, import what it declares, make its settings.

    Args:
        distribution: its name, or the path of a loose plugin, which ends in .py.
        as_json: for programs.

    Raises:
        SpecError: no such plugin.
        StepError: what is wrong with it.
    """
    loose = [Path(distribution)] if distribution.endswith(".py") else []
    registry = discover(loose)
    found = [p for p in registry.plugins if p.file in loose or p.distribution == distribution]
    if not found:
        hint = did_you_mean(distribution, {p.distribution for p in registry.plugins})
        raise SpecError(
            Problem("P001", f"no plugin distribution '{distribution}' is installed", fix=hint)
        )
    mine = [c for c in registry.components if c.plugin in found]
    problems = [
        *(p.problem for p in found if p.problem),
        *(fault for c in mine for fault in faults(registry, c)),
    ]
    if as_json:
        facts = [plugin_facts(registry, plugin) for plugin in found]
        together = {**facts[0], "components": [c for one in facts for c in one["components"]]}
        say(json.dumps({**together, "problems": [str(p) for p in problems]}, indent=1))
    if problems:
        raise StepError(*problems)
    if not as_json:
        say(
            f"{distribution}: {len(mine)} component{'' if len(mine) == 1 else 's'}, no problem found"
        )
