"""Write the parts of the documentation that the code knows: .venv/bin/python docs/generate.py .

`components.md` and `components/` come from the declarations and the classes behind them, `hooks.md`
from the hook specifications, `command-line.md` from the commands, `formats.md` from the table of
formats, `gallery.md` from the scripts of the gallery; a test holds them up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # `reference` stands beside this file

from reference import DOCS  # noqa: E402
from reference.api import api_page  # noqa: E402
from reference.commands import commands_page  # noqa: E402
from reference.component import component_pages  # noqa: E402
from reference.components import components_page  # noqa: E402
from reference.formats import formats_page  # noqa: E402
from reference.gallery import gallery_page  # noqa: E402
from reference.hooks import hooks_page  # noqa: E402
from reference.plugins import plugin_page, plugins_page  # noqa: E402

from structkit.discovery.loading import discover  # noqa: E402


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    components = discover().components
    names = sorted(path.parent.name for path in DOCS.glob("../plugins/*/README.md"))
    plugins = {DOCS / "plugins" / f"{n}.md": plugin_page(n, components) for n in names}
    single = component_pages(components)
    return {
        **plugins,
        **{DOCS / "components" / f"{name}.md": text for name, text in single.items()},
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
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
