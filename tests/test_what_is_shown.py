"""Every public name has an example, every picture of the gallery can be drawn, every link leads to a heading."""

import ast
import doctest
import functools
import importlib
import re
import runpy
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")]
SCRIPTS = sorted(path for path in ROOT.glob("docs/gallery/*.py") if path.stem != "__main__")
PACKAGES = sorted(path.parent.name for path in ROOT.glob("plugins/*/src/structkit_*/__init__.py"))


def examples():
    """All Python that is shown to people."""
    for page in PAGES:
        blocks = re.findall(r"```(?:python|py)\n(.*?)```", page.read_text(), re.DOTALL)
        yield from map(textwrap.dedent, blocks)
        for session in re.findall(r"```pycon\n(.*?)```", page.read_text(), re.DOTALL):
            yield doctest.script_from_examples(session)
    for script in [*SCRIPTS, *ROOT.glob("examples/**/*.py")]:
        yield script.read_text()


@functools.cache
def shown():
    """The names in it: what is imported, called or looked up."""
    nodes = [node for text in examples() for node in ast.walk(ast.parse(text))]
    imported = {node.name for node in nodes if isinstance(node, ast.alias)}
    return imported | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("package", ["structkit", "structkit.testing", *PACKAGES])
def test_every_public_name_has_an_example(package):
    module = importlib.import_module(package)
    names = set(getattr(module, "__all__", ()))
    lacking = sorted(names - shown())
    assert not lacking, f"show how they are used, in a README or a page: {', '.join(lacking)}"


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_picture_of_the_gallery_can_be_drawn(script):
    assert (ROOT / "docs/pictures" / f"{script.stem.replace('_', '-')}.png").is_file()
    text = script.read_text()
    if "trained(" in text or "MdGlass" in text:
        pytest.skip("takes minutes: .venv/bin/python docs/gallery draws it")
    figure = runpy.run_path(str(script))["draw"]()
    assert all(axis.has_data() for axis in figure.axes)


def anchors(page):
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_to_headings_lead_there():
    wrong = []
    for page in PAGES:
        for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
            there = (page.parent / target) if target else page
            if heading not in anchors(there):
                wrong.append(f"{page.relative_to(ROOT)}: {target}#{heading}")
    assert not wrong


SAID = """accuracy, ambiguous, attention, audit, AUROC, balanced accuracy, Brier score, calibration,
calibration error, component, conformal set, confusion matrix, coverage, deletion, faithfulness,
false alarm, Grad-CAM, group, guard, integrated gradients, interval, key, leak, none of these,
novelty, novelty p, origin, p-value, residual, risk against coverage, run folder, split, store,
target, temperature, trivial, unvalidated, verdict"""


def test_words_of_reports_and_messages_are_in_the_glossary():
    """Each with a sentence, and with a link to where it is explained."""
    page = (ROOT / "docs/glossary.md").read_text()
    lists = re.findall(r"```{glossary}\n(.*?)```", page, re.DOTALL)
    entries = [entry.split("\n", 1) for part in lists for entry in part.strip().split("\n\n")]
    said = {term: " ".join(text.split()) for term, text in entries}
    lacking = [word for word in re.split(r",\s+", SAID) if "](" not in said.get(word, "")]
    assert not lacking
    for part in lists:
        terms = re.findall(r"^(\S.*)$", part, re.MULTILINE)
        assert terms == sorted(terms, key=str.lower)
