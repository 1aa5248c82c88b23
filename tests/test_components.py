"""Every component has a page: what it does, its settings, a pipeline that validates, lines that run."""

import doctest
import re
import runpy
import sys
from pathlib import Path

import pytest

from structkit.discovery.catalogue import setting_facts
from structkit.discovery.loading import discover

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs/components"
sys.path.insert(0, str(ROOT / "docs"))
OURS = runpy.run_path(str(ROOT / "docs/reference/__init__.py"))["OURS"]
COMPONENTS = {
    component.declaration.name: component.declaration
    for component in discover().components
    if component.plugin.distribution in OURS
}
PARTS = (
    "What it does",
    "Settings",
    "In a pipeline",
    "In Python",
    "References",
    "See also",
)
SLOW = ("md-glass",)  # molecular dynamics
each = pytest.mark.parametrize("name", sorted(COMPONENTS))


def parts(name):
    """The parts of a page by their headings, and what stands before them."""
    text = (PAGES / f"{name}.md").read_text()
    head, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    return head, dict(part.split("\n", 1) for part in rest)


def test_there_is_a_page_for_each_and_for_nothing_else():
    assert {path.stem for path in PAGES.glob("*.md")} == set(COMPONENTS)


@each
def test_page_has_all_its_parts(name):
    head, rest = parts(name)
    assert list(rest) == list(PARTS)
    assert f"# `{name}`" in head and f"| {COMPONENTS[name].kind} |" in head
    assert len(rest["What it does"].split()) > 25, "more than a line in the docstring of its class"
    settings = re.findall(r"^\| `(\w+)` \|", rest["Settings"], re.MULTILINE)
    assert settings == list(setting_facts(COMPONENTS[name]))
    assert f"use: {name}" in rest["In a pipeline"]
    dois = [reference.doi for reference in COMPONENTS[name].references]
    assert all(doi in rest["References"] for doi in dois)


@each
def test_lines_of_python_use_the_component(name):
    _, rest = parts(name)
    behind = COMPONENTS[name].build.partition(":")[2]
    imported = re.findall(r"import .*\b" + behind + r"\b", rest["In Python"])
    assert imported and re.search(rf"\b{behind}\(", rest["In Python"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in SLOW else ())
        for name in sorted(COMPONENTS)
    ],
)
def test_lines_of_python_print_what_is_shown(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, rest = parts(name)
    session = re.search(r"```pycon\n(.*?)```", rest["In Python"], re.DOTALL)[1]
    test = doctest.DocTestParser().get_doctest(session, {}, name, f"{name}.md", 0)
    told = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert result.attempted > 2 and not result.failed, "".join(told)


def test_links_to_the_old_places_lead_somewhere():
    """`components.html#NAME` was where the settings stood."""
    index = (ROOT / "docs/components.md").read_text()
    for name in COMPONENTS:
        assert f'<span id="{name}">[`{name}`](components/{name}.md)</span>' in index
