"""Arguments and options that several verbs share."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Optional

import typer

# typer reads these at run time, where Python 3.11 has no other spelling for an optional value.
File = Annotated[Path, typer.Argument(help="pipeline file (YAML)")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="change a value: steps.ID.with.KEY=VALUE")
]  # noqa: UP007, UP045
Out = Annotated[Optional[Path], typer.Option("--out", help="run folder; default: runs/NAME")]  # noqa: UP007, UP045
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Loose = Annotated[
    list[Path] | None, typer.Option("--file", help="a loose plugin, beside those installed")
]  # noqa: UP007, UP045
Allowed = Annotated[
    list[Path] | None, typer.Option("--allow-plugin", help="run this loose plugin of the run")
]  # noqa: UP007, UP045


class Method(enum.StrEnum):
    """How features are laid out on a map."""

    pca = "pca"
    umap = "umap"


class OnBad(enum.StrEnum):
    """What becomes of a file that cannot be used."""

    refuse = "refuse"
    skip = "skip"


Device = Annotated[str, typer.Option("--device", help="for torch: cpu, cuda, cuda:1")]
Place = Annotated[
    str | None,
    typer.Option("--executor", help="where work is done: here, processes, or a plugin's"),
]  # noqa: UP007, UP045
Paranoid = Annotated[
    bool, typer.Option("--paranoid", help="read every byte of what is used, changed or not")
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=1024, help="processes; the number changes no byte")
]
