"""Draw the pictures of the gallery, or those that are named: .venv/bin/python docs/gallery [NAME …] ."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__main__")


def main() -> None:
    """Write docs/pictures/NAME.png for each."""
    for name in sys.argv[1:] or NAMES:
        figure = runpy.run_path(str(HERE / f"{name}.py"))["draw"]()
        figure.savefig(HERE.parent / "pictures" / f"{name.replace('_', '-')}.png", dpi=90)


if __name__ == "__main__":
    main()
