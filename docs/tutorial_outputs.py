"""Do what the tutorials say, and write below every block what it printed.

.venv/bin/python docs/tutorial_outputs.py [PAGE …]

A page is `docs/tutorials/PAGE.md`. Its files, commands and Python are saved, typed and run in a new
folder, one after the other; what stood below a block before is replaced. What Python saves with
`figure.savefig("NAME.png")` becomes `docs/pictures/PAGE-NAME.png`, which the page shows below.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).parent / "tutorials"
PICTURES = Path(__file__).parent / "pictures"
MARK = "<!-- what it prints -->"
BLOCK = re.compile(r"```(python|yaml|sh)\n(.*?)```\n", re.DOTALL)
PRINTED = re.compile(rf"\n{MARK}\n```text\n.*?```\n", re.DOTALL)
MOST_LINES = 24
AROUND = {"OMP_NUM_THREADS": "1", "COLUMNS": "100", "NO_COLOR": "1"}


def main() -> None:
    """Write the outputs of every page, or of those that are named."""
    names = sys.argv[1:] or sorted(path.stem for path in PAGES.glob("*.md"))
    for name in names:
        path = PAGES / f"{name}.md"
        path.write_text(with_outputs(path.read_text(encoding="utf-8"), name), encoding="utf-8")


def with_outputs(text: str, name: str) -> str:
    """A page with the outputs of all its blocks; its pictures are `docs/pictures/NAME-….png`."""
    text = PRINTED.sub("", text)
    with tempfile.TemporaryDirectory() as folder:
        whole = BLOCK.sub(lambda block: block[0] + _below(block[1], block[2], folder), text)
        for picture in re.findall(r"\.savefig\(\"([\w-]+\.png)\"", text):
            shutil.copyfile(Path(folder, picture), PICTURES / f"{name}-{picture}")
    return whole


def _below(language: str, text: str, folder: str) -> str:
    """What stands below a block; nothing where it prints nothing."""
    printed = "".join(_printed(language, text, Path(folder))).replace(f"{folder}/", "")
    if not printed.strip():
        return ""
    lines = printed.rstrip().splitlines()
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    return "\n".join(["", MARK, "```text", *lines, "```", ""])


def _printed(language: str, text: str, folder: Path) -> Iterator[str]:
    """Save a file that the block names in its first line, type its commands, or run its Python."""
    named = re.match(r"# (\w+\.(?:yaml|py))\n", text)
    if named:
        (folder / named[1]).write_text(text, encoding="utf-8")
        return
    if language == "python":
        yield _run([sys.executable, "-c", text], folder)
        return
    commands = text.splitlines()
    for command in commands:
        said = _run(
            [str(Path(sys.executable).with_name("structkit")), *command.split()[1:]], folder
        )
        yield f"$ {command}\n{said}" if len(commands) > 1 else said


def _run(words: list[str], folder: Path) -> str:
    """What a command prints on its standard output; it must succeed."""
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **AROUND}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(words[:4])}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
