"""What is installed, what it offers, and what is wrong with it, as plain values."""

from __future__ import annotations

import re
import sys
from typing import Any

from structkit.components import Declaration, Extension, Kind
from structkit.discovery.declarations import settings_class
from structkit.discovery.plugin import Plugin, import_string, without_digest
from structkit.discovery.registry import Component, Registry
from structkit.discovery.settings import describe
from structkit.discovery.travelling import KEEP_WORDS, lost
from structkit.errors import Problem, SpecError, did_you_mean


def plugin_facts(registry: Registry, plugin: Plugin) -> dict[str, Any]:
    """What a plugin offers, or why it cannot be loaded."""
    mine = [c.declaration for c in registry.components if c.plugin is plugin]
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "entry_point": plugin.entry_point,
        "problem": str(plugin.problem) if plugin.problem else None,
        "components": [{"kind": d.kind, "name": d.name, "summary": d.summary} for d in mine],
        "extensions": [
            {"sort": _sort(extension), "name": extension.name, "summary": extension.summary}
            for extension in registry.offered.get(plugin.registered, [])
        ],
    }


def _sort(extension: Extension) -> str:
    """What an extension is, as people say it: `ready model`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(extension).__name__).lower()


def component_facts(component: Component) -> dict[str, Any]:
    """Everything a declaration says, as plain values."""
    declaration = component.declaration
    words = {
        w: getattr(declaration, w)
        for w in ("produces", "accepts", "offers", "needs")
        if hasattr(declaration, w)
    }
    return {
        "name": declaration.name,
        "kind": declaration.kind,
        "plugin": f"{component.plugin.distribution} {component.plugin.version}",
        "summary": declaration.summary,
        "version": declaration.version,
        "versions": dict(declaration.versions),
        **{word: value if isinstance(value, str) else list(value) for word, value in words.items()},
        "settings": setting_facts(declaration),
        "build": without_digest(declaration.build),
        "references": [
            f"{r.authors}: {r.title}, {r.journal} ({r.year}), doi:{r.doi}"
            for r in declaration.references
        ],
    }


def setting_facts(declaration: Declaration) -> dict[str, dict[str, Any]]:
    """Type, default and text of every setting."""
    schema = settings_class(declaration).model_json_schema()
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


def has_verb(target: Any, verb: str) -> bool:
    """Whether a class defines a method; every class can be called, so that is not asked."""
    return any(callable(vars(kind).get(verb)) for kind in getattr(target, "__mro__", ()))


def faults(registry: Registry, component: Component) -> list[Problem]:
    """What is wrong with a component whose plugin loads: its code, its settings, their texts."""
    declaration = component.declaration
    name = without_digest(declaration.build)
    try:
        target = import_string(declaration.build)
    except Exception as error:
        message = f"{declaration.name}: cannot import {name}: {type(error).__name__}: {without_digest(str(error))}"
        module, _, wanted = declaration.build.partition(":")
        known = [
            word
            for word, value in vars(sys.modules.get(module, object)).items()
            if isinstance(value, type)
        ]
        return [
            Problem(
                "P002", message, fix=did_you_mean(wanted, known, "mend `build` in its declaration")
            )
        ]
    try:
        settings_class(declaration)
    except SpecError as error:
        return list(error.problems)
    verbs = {kind.name: kind.verbs for kind in registry.of(Kind)}[declaration.kind]
    lacking = [verb for verb in verbs if not has_verb(target, verb)]
    undocumented = [
        key for key, facts in setting_facts(declaration).items() if not facts["description"]
    ]
    problems = []
    if lacking:
        problems.append(
            Problem("P006", f"{name} has no {', '.join(lacking)}, a {declaration.kind} needs it")
        )
    if undocumented:
        problems.append(
            Problem(
                "P006",
                f"{declaration.name}: settings without a docstring: {', '.join(undocumented)}",
            )
        )
    return [*problems, *_unbuildable(declaration, target)]


def _unbuildable(declaration: Declaration, target: Any) -> list[Problem]:
    """Whether the class takes the settings that it declares; with required ones nobody can tell."""
    settings = settings_class(declaration)
    if any(field.is_required() for field in settings.model_fields.values()):
        return []
    try:
        usual = settings()
        if words := lost(usual):
            return [Problem("P019", f"settings of {declaration.name}: {words}", fix=KEEP_WORDS)]
        target(**dict(usual))
    except Exception as error:
        message = f"{without_digest(declaration.build)} does not take its settings: {type(error).__name__}: {error}"
        return [Problem("P006", message, fix="give it an __init__(self, **settings)")]
    return []
