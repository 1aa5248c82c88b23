"""The tutorials are done as they are written: files saved, commands typed, Python run, in one folder."""

import re
import runpy
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[1] / "docs/tutorials").glob("*.md"))
SCORES = {
    "atoms-of-a-trajectory": 0,
    "a-cluster": 3,
    "crystals-from-files": 2,
    "a-glass": 2,
    "a-spectrum": 2,
    "your-own-plugin": 1,
}


def do(language, text, cli):
    """Do what a block says: save a file that it names in its first line, type commands, or run Python."""
    if named := re.match(r"# (\w+\.(?:yaml|py))\n", text):
        Path(named.group(1)).write_text(text)
    elif language == "sh":
        for line in text.splitlines():
            result = cli(*line.removeprefix("structkit ").split())
            assert result.code == 0, f"{line}: {result}"
            yield result.out
    else:
        Path("block.py").write_text(text)
        runpy.run_path("block.py")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_works_as_it_is_written(page, quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(python|yaml|sh)\n(.*?)```", page.read_text(), re.DOTALL)
    said = "\n".join(out for language, text in blocks for out in do(language, text, quick))
    assert len(re.findall(r" · test: accuracy", said)) == SCORES[page.stem], said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_shows_what_its_commands_print(page):
    """`docs/tutorial_outputs.py` wrote it."""
    text = page.read_text()
    below = re.findall(r"```sh\n[^`]*```\n\n(.*)", text)
    assert below and all(line == "<!-- what it prints -->" for line in below)
