"""`command-line.md`, from the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference import NOTE
from structkit.cli.app import app

COMMANDS_HEAD = """\
# The command line

`--debug` before or after any verb shows tracebacks. `python -P -m structkit` is the same as `structkit`; without `-P`,
Python looks for modules in the working folder first ([trust](trust.md)). Exit codes:
0 done · 2 your file or usage · 3 your data · 4 a plugin or a step failed · 5 run folder busy · 6 stored bytes are
damaged · 130, 143 stopped. Errors go to standard error, one line each; results go to standard output.
"""


def commands_page() -> str:
    """`command-line.md`."""
    from typer.main import get_command

    return "\n".join([NOTE, "", COMMANDS_HEAD, *_commands(get_command(app), "structkit")])


def _commands(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
            continue
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        words = [
            (p.metavar or str(p.name).upper()).removesuffix("...") + ("…" if p.nargs == -1 else "")
            for p in arguments
        ]
        yield f"## `{' '.join([path, name, *words])}`\n\n{command.help}\n"
        yield from (f"* `{' '.join(o.opts)}`: {o.help}" for o in options)
        yield ""
