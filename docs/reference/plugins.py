"""`plugins.md` and a page for each plugin, after its README."""

from __future__ import annotations

from reference import NOTE
from structkit.discovery.registry import Component

PLUGIN_HEAD = """\
On the site, the [README of {name}](../../plugins/{name}/README.md) stands here.

<!-- after the README -->
"""


def plugin_page(name: str, components: list[Component]) -> str:
    """What the page of a plugin says after its README: its components, and its Python.

    Args:
        name: of its folder.
        components: of all plugins.
    """
    own = [c.declaration.name for c in components if c.plugin.distribution == f"structkit-{name}"]
    lines = [NOTE, "", PLUGIN_HEAD.format(name=name)]
    if own:
        links = [f"[`{one}`](../components/{one}.md)" for one in own]
        lines += ["## Components", "", f"One page for each: {', '.join(links)}.", ""]
    module = f"structkit_{name.replace('-', '_')}"
    lines += [
        "## Python",
        "",
        "```{eval-rst}",
        f".. automodule:: {module}",
        "   :members:",
        "```",
        "",
    ]
    return "\n".join(lines)


def plugins_page(names: list[str]) -> str:
    """`plugins.md`: the list of the plugins of this repository."""
    listed = "\n".join(f"plugins/{name}" for name in names)
    head = "# Plugins\n\nOne page for each: the science behind it, its settings, its Python.\n"
    return f"{NOTE}\n\n{head}\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
