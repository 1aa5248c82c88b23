"""Settings in words, and pydantic's findings as problems: `Y011 with.epochs: expected integer ≥ 1, found 'ten'`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from structkit.components import Settings
from structkit.errors import Problem, did_you_mean, quoted

MOST = 100  # findings that are told of: twenty are shown
Location = tuple[str | int, ...]
OUT_OF_RANGE = (
    "greater_than",
    "less_than",
    "too_short",
    "too_long",
    "literal_error",
    "string_pattern",
    "enum",
    "value_error",
    "assertion_error",
    "multiple_of",
    "string_too",
)


S = TypeVar("S", bound=Settings)


def validate(kind: type[S], values: Mapping[str, Any]) -> S:
    """Settings from a file: strict, so that `true` is no integer and `'10'` no number."""
    return kind.model_validate_json(json.dumps(values), strict=True)


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    where: Callable[[Location], str],
    prefix: Location = (),
    of: str = "",
) -> list[Problem]:
    """One problem per finding. `prefix` is where the model stands in the file; `of` names a component."""
    schema = model.model_json_schema(by_alias=True)
    seen: dict[Location, Problem] = {}
    for finding in error.errors(include_url=False)[:MOST]:
        location = _in_file(finding["loc"], schema)
        problem = _problem(dict(finding), location, schema, where((*prefix, *location)), prefix, of)
        seen.setdefault(location, problem)  # a union reports each branch; one line is enough
    return list(seen.values())


def _problem(
    finding: dict[str, Any],
    location: Location,
    schema: dict[str, Any],
    where: str,
    prefix: Location,
    of: str,
) -> Problem:
    place = ".".join(map(str, (*prefix, *location)))
    kind, owner = finding["type"], f" for {of}" if of else ""
    if kind == "extra_forbidden":
        allowed = _at(schema, location[:-1], schema).get("properties", {})
        here = (
            f" in {'.'.join(map(str, (*prefix, *location[:-1])))}"
            if len(prefix) + len(location) > 1
            else ""
        )
        message = f"unknown option '{location[-1]}'{owner}{here}"
        return Problem("Y010", message, where, did_you_mean(str(location[-1]), allowed))
    if kind == "missing":
        message = f"{of} needs '{location[-1]}'" if of else f"missing '{place}'"
        fix = _at(schema, location, schema).get("description", "")
        return Problem("Y013", message, where, f"add it ({fix})" if fix else "add it")
    if kind in ("value_error", "assertion_error"):
        message = f"{place}: {finding['msg'].removeprefix('Value error, ')}"
        return Problem("Y012", message, where)
    code = "Y012" if kind.startswith(OUT_OF_RANGE) else "Y011"
    expected = describe(_at(schema, location, schema), schema) or finding["msg"].removeprefix(
        "Input should be "
    )
    length = finding.get("ctx", {}).get("actual_length")
    found = quoted(finding["input"]) if length is None else f"{length} of them"
    return Problem(code, f"{place}: expected {expected}, found {found}", where)


def _in_file(location: Location, schema: dict[str, Any]) -> Location:
    """Pydantic's location without the names of union branches and `[key]` marks, which no file holds."""
    kept: list[str | int] = []
    for step in location:
        inside = _at(schema, (*kept, step), schema)
        if isinstance(step, int) or inside or _is_model(_at(schema, tuple(kept), schema)):
            kept.append(step)
    return tuple(kept)


def _is_model(schema: dict[str, Any]) -> bool:
    return "properties" in schema or schema.get("type") == "object"


def _at(schema: dict[str, Any], location: Location, root: dict[str, Any]) -> dict[str, Any]:
    """The part of a JSON schema that describes a location; empty where there is none."""
    schema = _deref(schema, root)
    if not location:
        return schema
    head, rest = location[0], location[1:]
    inner = _inner(schema, head)
    if inner is not None:
        return _at(inner, rest, root)
    for option in schema.get("anyOf", ()):
        if found := _at(option, location, root):
            return found
    return {}


def _inner(schema: dict[str, Any], head: str | int) -> dict[str, Any] | None:
    if isinstance(head, int):
        fixed = schema.get("prefixItems", [])
        inner = fixed[head] if head < len(fixed) else schema.get("items")
    elif head == "[key]":
        inner = None
    else:
        inner = schema.get("properties", {}).get(head) or schema.get("additionalProperties")
        patterns = list(schema.get("patternProperties", {}).values())
        inner = inner or (patterns[0] if patterns else None)
    return inner if isinstance(inner, dict) else None


def _deref(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not reference:
        return schema
    target = root.get("$defs", {}).get(reference.rpartition("/")[2], {})
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}

COUNTED = {"Length": "characters", "Items": "items", "Properties": "entries"}


def describe(schema: dict[str, Any], root: dict[str, Any]) -> str:
    """A JSON schema in words: `integer ≥ 1`, `one of 'a', 'b'`, `list of number`."""
    schema = _deref(schema, root)
    if "anyOf" in schema:
        words = [describe(option, root) for option in schema["anyOf"]]
        return " or ".join(dict.fromkeys(filter(None, words)))
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(map(repr, schema["enum"]))
    return _describe_plain(schema, root)


def _describe_plain(schema: dict[str, Any], root: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    word = {"object": "mapping", "array": "list", "boolean": "true or false"}.get(kind, kind)
    if kind == "array" and isinstance(schema.get("items"), dict):
        word += f" of {describe(schema['items'], root) or 'values'}"
    if kind == "array" and schema.get("prefixItems"):
        word = f"list of {len(schema['prefixItems'])} values"
    if kind == "string" and "pattern" in schema:
        word += f" matching {schema['pattern']}"
    bounds = [f"{sign} {schema[key]}" for key, sign in BOUNDS.items() if key in schema]
    words = [word, " and ".join(bounds), _length(schema)]
    return " ".join(filter(None, words))


def _length(schema: dict[str, Any]) -> str:
    """How many characters, items or entries there may be: `with 1 to 1000 entries`; that it is not empty goes unsaid."""
    if "prefixItems" in schema:
        return ""
    for noun, counted in COUNTED.items():
        least, most = schema.get(f"min{noun}", 0), schema.get(f"max{noun}")
        if most is not None:
            return f"with {least} to {most} {counted}"
        if least > 1:
            return f"with at least {least} {counted}"
    return ""
