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


def drawn(text):
    """The pictures that a page's Python saves."""
    return re.findall(r'savefig\("([\w-]+\.png)"', text)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_works_as_it_is_written(page, quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(python|yaml|sh)\n(.*?)```", page.read_text(), re.DOTALL)
    said = "\n".join(out for language, text in blocks for out in do(language, text, quick))
    assert all(Path(picture).is_file() for picture in drawn(page.read_text()))
    assert len(re.findall(r" · test: accuracy", said)) == SCORES[page.stem], said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_shows_what_its_commands_print(page):
    """`docs/tutorial_outputs.py` wrote it."""
    text = page.read_text()
    below = re.findall(r"```sh\n[^`]*```\n\n(.*)", text)
    assert below and all(line == "<!-- what it prints -->" for line in below)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_shows_what_its_python_draws(page):
    """Below the block that draws it, with words for who cannot see it."""
    for picture in drawn(page.read_text()):
        path = f"../pictures/{page.stem}-{picture}"
        shown = rf'savefig\("{picture}"[^`]*```\n\n!\[([^\]]+)\]\({re.escape(path)}\)'
        (words,) = re.findall(shown, page.read_text())
        assert len(words.split()) > 8
        assert (page.parent / path).stat().st_size < 100_000


@pytest.fixture(scope="module")
def notebooks():
    return runpy.run_path(str(PAGES[0].parents[1] / "notebooks.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_notebook_of_a_tutorial_holds_what_the_page_does_prints_and_draws(page, notebooks):
    nbformat = pytest.importorskip("nbformat")
    text = page.read_text()
    made = notebooks["notebook"](text)
    nbformat.validate(made)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    blocks = re.findall(r"```(python|yaml|sh)\n(.*?)```", text, re.DOTALL)
    assert len(code) == len(blocks)
    for cell, (language, block) in zip(code, blocks, strict=True):
        lines = [f"!{line}" if language == "sh" else line for line in block.splitlines() if line]
        assert [line for line in cell.source.splitlines() if line in lines] == lines
    outputs = [output for cell in code for output in cell.outputs]
    printed = [output.text for output in outputs if output.output_type == "stream"]
    assert printed == re.findall(r"<!-- what it prints -->\n```text\n(.*?)```", text, re.DOTALL)
    pictures = [output for output in outputs if output.output_type == "display_data"]
    assert len(pictures) == len(drawn(text))


def test_the_build_writes_the_notebooks(notebooks, tmp_path):
    pytest.importorskip("nbformat")
    notebooks["write_notebooks"](tmp_path / "tutorials")
    assert {path.stem for path in tmp_path.glob("tutorials/*.ipynb")} == {p.stem for p in PAGES}
