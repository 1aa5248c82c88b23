"""The verbs of `structkit store`."""

from __future__ import annotations

from typing import Annotated

import typer

from structkit.cli.options import Json

store_app = typer.Typer(no_args_is_help=True, help="What has been computed.")


@store_app.command("list")
def store_list(json: Json = False) -> None:
    """Every stored result: key, component, size."""
    from structkit.cli.store import list_store

    list_store(json)


@store_app.command("verify")
def store_verify() -> None:
    """Check every byte of every stored result."""
    from structkit.cli.store import verify_store

    verify_store()


@store_app.command("gc")
def store_gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would go")] = False,
    json: Json = False,
) -> None:
    """Remove results that no run folder uses."""
    from structkit.cli.store import collect_garbage

    collect_garbage(dry_run, json)
