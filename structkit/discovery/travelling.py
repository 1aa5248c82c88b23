"""Settings on their way: into keys, into `resolved.yaml`, to workers, and back from there unchanged.

They travel as JSON and are read again wherever a component is built. Settings that would then be
others (a validator that multiplies, a field that is not written, a serializer that rounds) are
refused when they are first read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from structkit.components import Settings
from structkit.discovery.settings import validate

KEEP_WORDS = (
    "let validators change nothing of what they have once made, and write every field whole"
)


def dumped(settings: Settings) -> dict[str, Any]:
    """Settings as JSON holds them: every field, and sets in an order that no process decides."""
    written = settings.model_dump(mode="json", round_trip=True)
    return {name: _in_order(getattr(settings, name, word), word) for name, word in written.items()}


def _in_order(value: Any, written: Any) -> Any:
    """What was written of a value, with the items of every set in it sorted."""
    if isinstance(written, list):
        if isinstance(value, set | frozenset):
            return sorted(written, key=_text)
        if isinstance(value, list | tuple) and len(value) == len(written):
            return [_in_order(item, word) for item, word in zip(value, written, strict=True)]
    if isinstance(written, dict):
        inner = dict(value) if isinstance(value, BaseModel | Mapping) else {}
        if len(inner) == len(written):
            pairs = zip(inner.values(), written.items(), strict=True)
            return {name: _in_order(item, word) for item, (name, word) in pairs}
    return written


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def lost(settings: Settings) -> str:
    """The field that would not come back as it is, in words; nothing where all do."""
    kind = type(settings)
    try:
        written = dumped(settings)
        again = [validate(kind, written), kind(**dict(settings))]
        texts = [dumped(copy) for copy in again]
    except ValidationError as error:
        place = error.errors(include_url=False)[0]["loc"]
        return _words(".".join(map(str, place)))
    except Exception as error:
        return f"they cannot be written: {type(error).__name__}: {error}"
    for copy, text in zip(again, texts, strict=True):
        if name := _differs(settings, copy, written, text):
            return _words(name)
    return ""


def _words(name: str) -> str:
    return f"'{name}' does not come back from what is written of it" if name else ""


def _differs(
    settings: Settings, copy: Settings, written: Mapping[str, Any], text: Mapping[str, Any]
) -> str:
    """The first field in which two settings differ."""
    for name in type(settings).model_fields:
        same = _is_same(getattr(settings, name), getattr(copy, name))
        if not same or _text(written.get(name)) != _text(text.get(name)):
            return name
    private = (settings.__pydantic_private__ or {}, copy.__pydantic_private__ or {})
    return next((name for name in private[0] if not _is_same(*(p.get(name) for p in private))), "")


def _is_same(one: Any, other: Any) -> bool:
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:
        return False


def lost_by_design(kind: type[Settings]) -> str:
    """A field of a settings class that is never written, or not in the clear, in words; no validator runs for it."""
    for name, field in kind.model_fields.items():
        if field.exclude or _is_secret(field.annotation):
            return _words(name)
    return ""


def _is_secret(annotation: Any) -> bool:
    return annotation in (SecretStr, SecretBytes) or any(map(_is_secret, get_args(annotation)))
