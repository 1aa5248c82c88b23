"""`api.md`, from the modules of the core that plugins and notebooks import."""

from __future__ import annotations

from reference import NOTE

API_HEAD = """\
# Python

What plugins and notebooks import from the core. What a plugin offers stands on [its own page](plugins.md).
"""
# modules of the core that plugins and notebooks import
PUBLIC = (
    "structkit",
    "structkit.verbs",
    "structkit.records",
    "structkit.evaluation.verdict",
    "structkit.evaluation.target",
    "structkit.evaluation.predicted",
    "structkit.testing",
)


def api_page() -> str:
    """`api.md`."""
    blocks = [_module(module) for module in PUBLIC]
    return "\n".join([NOTE, "", API_HEAD, *blocks])


def _module(module: str) -> str:
    directive = f"```{{eval-rst}}\n.. automodule:: {module}\n   :members:\n```"
    return f"## `{module}`\n\n{directive}\n"
