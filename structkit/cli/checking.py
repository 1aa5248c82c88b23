"""What the verbs do that look at a pipeline file and compute nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.cli.output import plugins_print_aside, say
from structkit.discovery.kept import kept
from structkit.store.files import write_text

if TYPE_CHECKING:
    from structkit.discovery.registry import Registry
    from structkit.pipeline.checked import CheckedPipeline

SCHEMA = Path("structkit.schema.json")


def checked(file: Path, overrides: Sequence[str]) -> CheckedPipeline:
    """A pipeline file, read and checked."""
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    return check(load(file, overrides))


def validate_file(file: Path, overrides: Sequence[str]) -> None:
    """`structkit validate`."""
    from structkit.kinds.outside import check_outside

    pipeline = checked(file, overrides)
    with plugins_print_aside():
        check_outside(pipeline)
    say(f"{file}: {len(pipeline.steps)} steps, no problem found")


def show_schema(write: bool, loose: Sequence[Path] = ()) -> None:
    """`structkit schema`."""
    if loose:
        from structkit.discovery.loading import discover

        answer = _schema(discover(loose))
    else:
        answer = kept("schema", _schema)
    text = json.dumps(answer, indent=1, sort_keys=True) + "\n"
    if write:
        write_text(SCHEMA, text)
        say(f"{SCHEMA} written; begin a pipeline with:  # yaml-language-server: $schema={SCHEMA}")
    else:
        say(text.rstrip())


def _schema(registry: Registry) -> dict[str, Any]:
    """The JSON Schema of pipeline files."""
    from structkit.pipeline.schema import pipeline_schema

    return pipeline_schema(registry.components)
