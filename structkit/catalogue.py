"""`structkit plugins`: what is installed, what it offers, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from structkit.commands import say
from structkit.components import Declaration
from structkit.errors import Problem, SpecError, StepError, did_you_mean
from structkit.plugins import Component, Plugin, Registry, discover, import_string
from structkit.validation import describe


def list_plugins(as_json: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit plugins list`, with loose files beside the installed plugins."""
    registry = discover(loose)
    facts = [_plugin_facts(registry, plugin) for plugin in registry.plugins]
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


def _say_broken(plugin: dict[str, Any]) -> None:
    import typer

    line = f"{plugin['distribution']} {plugin['version']} (entry point {plugin['entry_point']}) BROKEN"
    typer.secho(f"{line}: {plugin['problem']}", fg=typer.colors.RED)


def _plugin_facts(registry: Registry, plugin: Plugin) -> dict[str, Any]:
    mine = [c.declaration for c in registry.components if c.plugin is plugin]
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "entry_point": plugin.entry_point,
        "problem": str(plugin.problem) if plugin.problem else None,
        "components": [{"kind": d.kind, "name": d.name, "summary": d.summary} for d in mine],
    }


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
            say(f"{word}: {facts[word] if isinstance(facts[word], str) else ', '.join(facts[word])}")
    say("settings:" if facts["settings"] else "settings: none")
    for key, setting in facts["settings"].items():
        default = "required" if setting["required"] else f"default {json.dumps(setting['default'])}"
        say(f"  {key}: {setting['type']} ({default})\n      {setting['description']}")
    for reference in facts["references"]:
        say(f"cite: {reference}")


def component_facts(component: Component) -> dict[str, Any]:
    """Everything a declaration says, as plain values."""
    declaration = component.declaration
    words = {w: getattr(declaration, w) for w in ("produces", "accepts", "offers", "needs") if hasattr(declaration, w)}
    return {
        "name": declaration.name,
        "kind": declaration.kind,
        "plugin": f"{component.plugin.distribution} {component.plugin.version}",
        "summary": declaration.summary,
        "version": declaration.version,
        **{word: value if isinstance(value, str) else list(value) for word, value in words.items()},
        "settings": setting_facts(declaration),
        "references": [f"{r.authors}: {r.title}, {r.journal} ({r.year}), doi:{r.doi}" for r in declaration.references],
    }


def setting_facts(declaration: Declaration) -> dict[str, dict[str, Any]]:
    """Type, default and text of every setting."""
    schema = declaration.settings.model_json_schema()
    required = schema.get("required", [])
    return {
        name: {
            "type": describe(facts, schema),
            "required": name in required,
            "default": facts.get("default"),
            "description": facts.get("description", ""),
        }
        for name, facts in schema.get("properties", {}).items()
    }


def check_plugin(distribution: str, as_json: bool) -> None:
    """`structkit plugins check`: load the plugin, import what it declares, make its settings.

    Args:
        distribution: its name, or the path of a loose plugin, which ends in .py.

    Raises:
        SpecError: no such plugin.
        StepError: what is wrong with it.
    """
    loose = [Path(distribution)] if distribution.endswith(".py") else []
    registry = discover(loose)
    found = [p for p in registry.plugins if p.file in loose or p.distribution == distribution]
    if not found:
        hint = did_you_mean(distribution, {p.distribution for p in registry.plugins})
        raise SpecError(Problem("P001", f"no plugin distribution '{distribution}' is installed", fix=hint))
    mine = [c for c in registry.components if c.plugin in found]
    problems = [*(p.problem for p in found if p.problem), *(fault for c in mine for fault in _faults(c))]
    if as_json:
        facts = [_plugin_facts(registry, plugin) for plugin in found]
        together = {**facts[0], "components": [c for one in facts for c in one["components"]]}
        say(json.dumps({**together, "problems": [str(p) for p in problems]}, indent=1))
    if problems:
        raise StepError(*problems)
    if not as_json:
        say(f"{distribution}: {len(mine)} component{'' if len(mine) == 1 else 's'}, no problem found")


VERBS = {
    "source": ("tasks", "samples"),
    "transform": ("__call__",),
    "descriptor": ("__call__",),
    "model": ("fit", "predict", "save", "load"),
    "explainer": ("explain",),
}


def _faults(component: Component) -> list[Problem]:
    declaration = component.declaration
    try:
        target = import_string(declaration.build)
    except Exception as error:
        message = f"{declaration.name}: cannot import {declaration.build}: {type(error).__name__}: {error}"
        return [Problem("P002", message, fix="mend `build` in plugin.py")]
    lacking = [verb for verb in VERBS[declaration.kind] if not callable(getattr(target, verb, None))]
    undocumented = [key for key, facts in setting_facts(declaration).items() if not facts["description"]]
    problems = []
    if lacking:
        problems.append(
            Problem("P006", f"{declaration.build} has no {', '.join(lacking)}, a {declaration.kind} needs it")
        )
    if undocumented:
        problems.append(Problem("P006", f"{declaration.name}: settings without a docstring: {', '.join(undocumented)}"))
    return [*problems, *_unbuildable(declaration, target)]


def _unbuildable(declaration: Declaration, target: Any) -> list[Problem]:
    """Whether the class takes the settings that it declares; with required ones nobody can tell."""
    if any(field.is_required() for field in declaration.settings.model_fields.values()):
        return []
    try:
        target(**dict(declaration.settings()))
    except Exception as error:
        message = f"{declaration.build} does not take its settings: {type(error).__name__}: {error}"
        return [Problem("P006", message, fix="give it an __init__(self, **settings)")]
    return []
