"""One JSON Schema for pipeline files, from the same settings classes that check them; editors complete with it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from structkit.commands import say
from structkit.files import write_text
from structkit.plugins import Component, discover
from structkit.spec import Pipeline

FILE = Path("structkit.schema.json")


def show_schema(write: bool) -> None:
    """`structkit schema`."""
    text = json.dumps(pipeline_schema(discover().components), indent=1, sort_keys=True) + "\n"
    if write:
        write_text(FILE, text)
        say(f"{FILE} written; begin a pipeline with:  # yaml-language-server: $schema={FILE}")
    else:
        say(text.rstrip())


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
        definitions[key] = _settings(component, definitions, key)
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
    own = component.declaration.settings.model_json_schema(ref_template=f"#/$defs/{key}.{{model}}")
    for name, inner in own.pop("$defs", {}).items():
        definitions[f"{key}.{name}"] = inner
    return own
