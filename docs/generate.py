"""Write the parts of the documentation that the code knows: .venv/bin/python docs/generate.py .

`components.md` comes from the declarations, `hooks.md` from the hook specifications,
`command-line.md` from the commands, `formats.md` from the table of formats, `gallery.md` from the
scripts of the gallery; a test holds them up to date.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from structkit import hookspecs
from structkit.cli.app import app
from structkit.discovery.catalogue import component_facts
from structkit.discovery.loading import discover
from structkit.discovery.registry import Component

DOCS = Path(__file__).parent
PLUGINS = """
core structure-files baselines composition crystal-source diffraction-fingerprint
cnn-classifier response-maps guards md-glass-source energy-source particle-descriptors
local-structure ready-models attention-mpnn powder-spectra stem-images explorer
"""
OURS = tuple(f"structkit-{name}" for name in PLUGINS.split())
KINDS = ("source", "transform", "descriptor", "model", "explainer", "guard")  # as rows go
NOTE = "<!-- made by docs/generate.py: change the code, not this file -->"

COMPONENTS_HEAD = """\
# Components and their settings

Everything a pipeline file can name with `use:`, and every word allowed under `with:`. `structkit plugins show NAME`
prints the same for any installed plugin, and `structkit schema --write` writes a JSON Schema of it, with which an
editor completes and checks the file as it is typed.
"""

HOOKS_HEAD = (DOCS / "hooks_text.md").read_text(encoding="utf-8")


def components_page(components: list[Component]) -> str:
    """`components.md`."""
    facts = [component_facts(c) for c in components if c.plugin.distribution in OURS]
    blocks = [_component(one) for one in facts]
    return "\n".join([NOTE, "", COMPONENTS_HEAD, *_by_kind(facts), "", *blocks])


def _by_kind(facts: list[dict[str, object]]) -> Iterator[str]:
    """A table of the components of each kind, with links to their settings."""
    kinds: dict[str, list[str]] = {}
    for one in facts:
        kinds.setdefault(str(one["kind"]), []).append(str(one["name"]))
    yield "| kind | what there is |\n|---|---|"
    for kind in sorted(kinds, key=lambda kind: (KINDS.index(kind) if kind in KINDS else 99, kind)):
        links = ", ".join(f"[{name}](#{name})" for name in kinds[kind])
        yield f"| {kind} | {links} |"


def _component(facts: dict[str, object]) -> str:
    said = f"{str(facts['kind']).capitalize()} of {str(facts['plugin']).split()[0]}: {facts['summary']}."
    lines = [f"## `{facts['name']}`", "", said, ""]
    for word in ("produces", "accepts", "offers", "needs"):
        if value := facts.get(word):
            words = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
            lines.append(f"{word.capitalize()}: {', '.join(f'`{w}`' for w in words)}.  ")
    return "\n".join([*lines, "", *_settings(facts), ""])


def _settings(facts: dict[str, object]) -> Iterator[str]:
    settings = facts["settings"]
    if not isinstance(settings, dict) or not settings:
        yield "No settings."
        return
    yield "| setting | type | default | meaning |\n|---|---|---|---|"
    for name, about in settings.items():
        default = "required" if about["required"] else f"`{_yaml(about['default'])}`"
        cells = (f"`{name}`", about["type"], default, about["description"])
        yield (
            "| "
            + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
            + " |"
        )


def _yaml(value: object) -> str:
    """A default as YAML spells it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def hooks_page() -> str:
    """`hooks.md`."""
    named = [f for name, f in vars(hookspecs).items() if name.startswith("structkit_")]
    hooks = sorted(named, key=lambda hook: hook.__module__ != hookspecs.__name__)  # events last
    return "\n".join([NOTE, "", HOOKS_HEAD, *map(_hook, hooks)])


def _hook(function: object) -> str:
    if not callable(function):
        raise TypeError(function)
    name = getattr(function, "__name__", "")
    head, _, example = inspect.cleandoc(inspect.getdoc(function) or "").partition("Example::\n")
    code = textwrap.dedent(example).strip("\n")
    signature = str(inspect.signature(function)).replace("'", "")
    return f"## `{name}{signature}`\n\n{_paragraphs(head)}\n\n```python\n{code}\n```\n"


def _paragraphs(text: str) -> str:
    """A docstring as Markdown: its `Args:` become a list."""
    before, found, arguments = text.partition("Args:\n")
    if not found:
        return text.strip()
    block, _, after = arguments.partition("\n\n")
    entries = [line.strip() for line in textwrap.dedent(block).splitlines()]
    listed = "\n".join(
        f"* `{entry.partition(':')[0]}`:{entry.partition(':')[2]}" for entry in entries
    )
    return f"{before.strip()}\n\n{listed}\n\n{after.strip()}".strip()


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


FORMATS_HEAD = """\
# Formats of structure files

What the source `files` reads, and what its readers do with what a file says. Afterwards, whatever the format, there are
finite numbers, a cell with a volume, elements that exist, no two atoms in one place (`min_distance`), units as they
are said, nearest neighbours as far apart as atoms are, and a right-handed cell.

A format that is not in the first two tables is refused (`S004`): convert it to CIF, POSCAR or extended XYZ. Or set
`trust_reader: true`: it is read as ase reads it, and a warning (`S008`) stands in the report. The third table says
what is then lost. Names of species are mapped by `type_map` in every format.
"""


def formats_page() -> str:
    """`formats.md`."""
    from structkit_structure_files.formats import FORMATS, READ_HERE

    trusted = {name: form for name, form in FORMATS.items() if form.trusted}
    others = {name: form for name, form in FORMATS.items() if not form.trusted}
    parts = [
        NOTE,
        "",
        FORMATS_HEAD,
        "## Read line by line by structkit",
        "",
        *_formats(READ_HERE),
        "",
    ]
    parts += ["## Read by ase", "", *_formats(trusted), ""]
    parts += ["## Refused, or read with `trust_reader: true`", "", *_formats(others), ""]
    return "\n".join(parts)


def _formats(formats: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a table."""
    columns = ("names", "symmetry", "occupancy", "units", "box", "missing")
    heads = ("elements", "symmetry", "occupancies", "units", "box", "missing values")
    yield "| format | files | " + " | ".join(heads) + " |"
    yield "|" + "---|" * (len(heads) + 2)
    for name, form in formats.items():
        cells = [name, form.about, *(getattr(form, column) for column in columns)]
        yield f"| {' | '.join(cells)} |"


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
        links = [f"[`{one}`](../components.md#{one})" for one in own]
        lines += ["## Settings", "", f"{', '.join(links)}.", ""]
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


GALLERY_HEAD = """\
# Gallery

Pictures, each with all of the code that made it. `.venv/bin/python docs/gallery NAME` draws one anew.
"""


def gallery_page() -> str:
    """`gallery.md`: the scripts of `docs/gallery`, with their pictures."""
    scripts = sorted(path for path in DOCS.glob("gallery/*.py") if path.stem != "__main__")
    return "\n".join([NOTE, "", GALLERY_HEAD, *map(_picture, scripts)])


def _picture(script: Path) -> str:
    words = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    title, _, text = words.partition("\n\n")
    name = script.stem.replace("_", "-")
    code = f"```{{literalinclude}} gallery/{script.name}\n:language: python\n```"
    return f"## {title.rstrip('.')}\n\n![{title.rstrip('.')}](pictures/{name}.png)\n\n{text}\n\n{code}\n"


def plugins_page(names: list[str]) -> str:
    """`plugins.md`: the list of the plugins of this repository."""
    listed = "\n".join(f"plugins/{name}" for name in names)
    head = "# Plugins\n\nOne page for each: the science behind it, its settings, its Python.\n"
    return f"{NOTE}\n\n{head}\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    components = discover().components
    names = sorted(path.parent.name for path in DOCS.glob("../plugins/*/README.md"))
    plugins = {DOCS / "plugins" / f"{n}.md": plugin_page(n, components) for n in names}
    return {
        **plugins,
        DOCS / "plugins.md": plugins_page(names),
        DOCS / "api.md": api_page(),
        DOCS / "gallery.md": gallery_page(),
        DOCS / "components.md": components_page(components),
        DOCS / "hooks.md": hooks_page(),
        DOCS / "command-line.md": commands_page(),
        DOCS / "formats.md": formats_page(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
