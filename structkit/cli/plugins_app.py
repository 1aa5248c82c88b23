"""The verbs of `structkit plugins`."""

from __future__ import annotations

from typing import Annotated

import typer

from structkit.cli.options import Json, Loose

plugins_app = typer.Typer(no_args_is_help=True, help="What is installed.")


@plugins_app.command("list")
def plugins_list(json: Json = False, file: Loose = None) -> None:
    """Every plugin and its components; a broken one with its cause."""
    from structkit.cli.plugins import list_plugins

    list_plugins(json, file or ())


@plugins_app.command("show")
def plugins_show(
    name: Annotated[str, typer.Argument(help="component, or distribution/component")],
    json: Json = False,
    file: Loose = None,
) -> None:
    """A component: what it does, takes, makes, and every setting."""
    from structkit.cli.plugins import show_component

    show_component(name, json, file or ())


@plugins_app.command("check")
def plugins_check(
    distribution: Annotated[
        str, typer.Argument(help="distribution name of a plugin, or a loose file")
    ],
    json: Json = False,
) -> None:
    """Whether a plugin loads, and all that it declares."""
    from structkit.cli.plugins import check_plugin

    check_plugin(distribution, json)
