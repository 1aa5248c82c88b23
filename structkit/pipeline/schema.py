"""One JSON Schema for pipeline files, from the same settings classes that check them; editors complete with it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from structkit.discovery.declarations import settings_class
from structkit.discovery.registry import Component
from structkit.errors import SpecError
from structkit.pipeline.spec import Pipeline


def pipeline_schema(components: list[Component]) -> dict[str, Any]:
    """The schema: the fixed words of a file, and for each `use` the settings that `with` may hold."""
    schema = Pipeline.model_json_schema(by_alias=True)
    definitions, step = schema["$defs"], schema["$defs"]["Step"]
    shared = Counter(component.declaration.name for component in components)
    branches = []
    for component in components:
        names = [component.qualified]
        if shared[component.declaration.name] == 1:
            names.append(component.declaration.name)
        key = component.qualified.replace("/", ".")
        try:
            definitions[key] = _settings(component, definitions, key)
        except SpecError:
            continue  # a broken plugin is missing, and `plugins check` says what is wrong with it
        branches.append(_branch(names, component.declaration.summary, key, step))
    step["properties"]["use"] = {
        "enum": sorted(name for b in branches for name in b["if"]["properties"]["use"]["enum"])
    }
    step["allOf"] = branches
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "structkit pipeline"
    return schema


def _branch(names: list[str], summary: str, key: str, step: dict[str, Any]) -> dict[str, Any]:
    """If a step uses this component, then these are its settings."""
    chosen = {"properties": {"use": {"enum": names, "description": summary}}, "required": ["use"]}
    return {"if": chosen, "then": {"properties": {"with": {"$ref": f"#/$defs/{key}"}}}}


def _settings(component: Component, definitions: dict[str, Any], key: str) -> dict[str, Any]:
    """A component's settings schema, its inner definitions renamed so that two plugins cannot collide."""
    kind = settings_class(component.declaration)
    own = kind.model_json_schema(ref_template=f"#/$defs/{key}.{{model}}")
    for name, inner in own.pop("$defs", {}).items():
        definitions[f"{key}.{name}"] = inner
    return own
