"""The report of a run with guards: a verdict in words, all models compared, promises, strangers; and its anchors."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report.contents import anchored
from structkit_html_report.failings import standing
from structkit_html_report.page import render
from structkit_html_report.trusted import Trusted
from structkit_html_report.wording import listed, percent, several

TOY = Path(__file__).parents[3] / "tests" / "toy_plugin.py"
HOSTILE = "<script>alert(1)</script>"
STRANGERS = f'''

class Strangers(Crystals):
    def tasks(self):
        return [Task(f"hcp-{{i}}", {{"i": i}}) for i in range(self.settings.groups)]

    def samples(self, task, rng):
        from ase.build import bulk

        atoms = bulk("Mg", "hcp", a=3.2 + 0.01 * task.params["i"], c=6.4)
        yield Sample(f"{{task.id}}{HOSTILE}", atoms, "hcp{HOSTILE}", task.id + "{HOSTILE}")


@hookimpl(specname="structkit_sources")
def structkit_strangers():
    yield Source(name="toy-strangers", build=f"{{HERE}}:Strangers", settings=CrystalSettings, summary="magnesium")
'''
PIPELINE = """\
structkit: 1
name: toy
seed: 3
threads: 1
split: {valid: 0.1, calibration: 0.4, test: 0.2}
SEEDSplugins: [toy_plugin.py]
steps:
  crystals: {use: toy-crystals, with: {groups: 20}}
  noisy: {use: toy-noise, from: crystals, with: {sigma: 0.02}}
  wild: {use: toy-noise, from: crystals, with: {sigma: 0.6}}
  strange: {use: toy-strangers}
  vector: {use: toy-vector, from: [crystals, noisy, wild, strange]}
  centroid: {use: toy-centroid, from: vector, train_on: [crystals, noisy]}
  coarse: {use: toy-centroid, from: vector, train_on: [crystals], with: {epochs: 1}}
  trust: {use: verdict, from: centroid}
  sets: {use: conformal, from: centroid, with: {coverage: 0.8}}
"""


@pytest.fixture(scope="module", params=["", "repeat: {seeds: 2}\n"], ids=["once", "twice"])
def run(request, tmp_path_factory):
    """A finished run with guards, strangers, and rows worse than any that were learnt from."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "toy_plugin.py").write_text(TOY.read_text() + STRANGERS)
    (folder / "toy.yaml").write_text(PIPELINE.replace("SEEDS", request.param))
    command = [sys.executable, "-m", "structkit", "run", "toy.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Run(folder / "runs/toy")


class Page(HTMLParser):
    """What a page consists of: tags, anchors, links, and the text of each part."""

    VOID = {"meta", "img", "br", "link"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.open, self.parts, self.part = [], [], [], [], {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        self.tags.append((tag, facts))
        self.ids += [facts["id"]] if "id" in facts else []
        self.links += [facts["href"]] if "href" in facts else []
        self.part = facts["id"] if tag == "section" else self.part
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in ("p", "li", "td", "th", "tr") and tag not in self.open:
            return
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:], self.getpos())
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.parts[self.part] = self.parts.get(self.part, "") + " " + data

    def text(self, part):
        return re.sub(r"\s+", " ", self.parts[part])


@pytest.fixture(scope="module")
def page(run):
    return Page(run.report.read_text())


def test_every_tag_is_closed_nothing_runs_and_nothing_is_asked_for(page, run):
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "form", "input", "base"}
    for tag, facts in page.tags:
        assert not [key for key in facts if key.startswith("on") or key == "style"], (tag, facts)
        for key in ("src", "href", "xlink:href"):
            assert facts.get(key, "#").startswith(("#", "data:image/"))
    text = run.report.read_text()
    assert HOSTILE not in text and "&lt;script&gt;alert(1)" in text
    assert "This part failed" not in text
    assert "http://" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.S)


def test_every_entry_of_the_contents_has_its_anchor_and_every_part_an_entry(page):
    assert len(page.ids) == len(set(page.ids))
    assert [link.removeprefix("#") for link in page.links] == [
        "verdict", "all-models", "model-centroid", "model-coarse", "guard-trust", "guard-sets", "data", "what-was-run",
    ] == page.ids  # fmt: skip


def test_verdict_is_made_of_numbers_of_the_run(page, run):
    words = page.text("verdict")
    trusted = Trusted(run, "trust")
    assert "3 classes (bcc, fcc and sc), learnt from" in words
    table = run.predictions("centroid")
    learnt = [
        row for row in table.rows if row.subset == "train" and row.origin in ("crystals", "noisy")
    ]
    groups = {row.group for row in learnt}
    assert f"learnt from {len(learnt)} rows in {len(groups)} groups of crystals and noisy" in words
    for origin in ("crystals", "noisy", "wild"):
        told = run.headlines("centroid")[origin][0]
        assert f"On {origin}, right in {percent(told.value).removesuffix(' %')}" in words
    assert "beside it coarse" in words and "commonest class 33.3 %" in words
    noticed = trusted.strangers("strange").value
    assert re.search(
        rf"On strange, of \d+ rows of 1 class .*, {percent(noticed).split()[0]}", words
    )
    assert "where 5.0 % was allowed on crystals and noisy" in words
    coverage = {o: trusted.coverage(o).value for o in ("crystals", "noisy", "wild")}
    assert f"Worst on {min(coverage, key=coverage.get)}: right in" in words
    assert "The promise of 90.0 % for new groups is" in words
    assert f"Nothing was promised on wild ({percent(coverage['wild'])})" in words
    assert "No guard judges coarse" in words and "further guards" in words


def test_all_models_stand_beside_each_other_per_origin(page, run):
    words = page.text("all-models")
    for origin in ("crystals", "noisy", "wild"):
        for model in ("centroid", "coarse"):
            told = run.headlines(model)[origin][0]
            assert f"{told.value:.3f}" in words
    assert words.count("commonest class") == 3 and words.count("coarse") == 3
    strips = [facts["aria-label"] for tag, facts in page.tags if facts.get("class") == "strip"]
    assert any(re.fullmatch(r"centroid, crystals: [\d.± ]+\[.*\]", label) for label in strips)


def test_guard_part_shows_promises_figures_strangers_and_cards(page, run):
    words = page.text("guard-trust")
    origins = run.trust("trust")["origins"]
    for title in ("What is refused", "Classes that the model does not know", "Most novel rows"):
        assert title in words
    labels = [facts.get("aria-label", "") for _, facts in page.tags]
    for label in ("reliability diagram, crystals", "risk against coverage", "sizes of the sets",
                  "coverage by class", "coverage within groups", "what predictions come to"):  # fmt: skip
        assert label in labels
    auroc = next(iter(origins["strange"]["test"]["novelty"]["unknown"].values()))["auroc"]
    assert f"{auroc:.3f}" in words and "strange: least like what was learnt from" in words
    assert words.count("not promised here") == 1
    assert "Promised: sets that hold the truth in 90.0 % of rows of new groups" in words
    sets = page.text("guard-sets")
    assert "80.0 %" in sets and "What is refused" not in sets and "Most novel" not in sets


def test_shares_of_groups_are_those_of_the_rows(run):
    trusted = Trusted(run, "trust")
    for origin in ("crystals", "noisy", "wild"):
        inside, groups = trusted.held(origin)
        scores = trusted.tested(origin)["set"]
        assert inside.mean() == pytest.approx(scores["coverage"]["value"])
        means = [inside[np.array(groups) == group].mean() for group in sorted(set(groups))]
        assert np.mean(means) == pytest.approx(scores["by_group"]["mean"])
    assert len(trusted.held("strange")[0]) == 0


@pytest.mark.parametrize(
    ("origin", "value", "interval", "became"),
    [
        ("crystals", 0.9, (0.8, 0.95), "kept"),
        ("crystals", 0.89, (0.8, 0.95), "near"),
        ("crystals", 0.5, (0.4, 0.6), "short"),
        ("crystals", 0.5, None, "short"),
        ("wild", 1.0, (0.9, 1.0), "void"),
    ],
)
def test_what_became_of_a_promise(run, origin, value, interval, became):
    told = Headline("share", "share", value, interval)
    assert standing(Trusted(run, "trust"), origin, told, 0.9) == became


def test_a_damaged_guard_is_a_line_and_the_rest_stands(run, monkeypatch):
    def fail(self, step):
        raise ValueError("no trust")

    monkeypatch.setattr(Run, "trusts", fail)
    text = render(run)
    assert text.count("This part failed: ValueError: no trust") == 3  # the verdict, and two guards
    assert "commonest class" in Page(text).text("all-models")


def test_a_run_without_guards_says_what_it_lacks(quick, here):
    assert quick("run", "toy.yaml").code == 0
    page = Page((here / "runs/toy/report.html").read_text())
    words = page.text("verdict")
    assert "no guard judges this model" in words and "Recognises" in words and "right in" in words
    assert "Refuses" not in words, "nothing is refused without a guard"
    assert "trust: {use: verdict, from: centroid}" in words


def test_titles_that_are_alike_have_anchors_of_their_own():
    sections = [{"title": title} for title in ("Data", "Data!", "Ωμέγα", "", "x" * 500)]
    content = {"opening": {}, "compared": {}, "varied": [], "models": [], "guards": [],
               "galleries": [], "sections": sections}  # fmt: skip
    anchors = [entry["anchor"] for entry in anchored(content)]
    assert len(set(anchors)) == len(anchors) and max(map(len, anchors)) <= 40
    assert [part["anchor"] for part in sections] == ["data-2", "data-3", "part", "part-2", "x" * 40]


def test_numbers_in_words():
    assert [percent(v) for v in (0.0, 1.0, 0.0004, 0.9999, 0.5)] == [
        "0 %", "100 %", "below 0.1 %", "over 99.9 %", "50.0 %"]  # fmt: skip
    words = [several(1, "class"), several(2, "class"), several(1234, "row"), several(0, "group")]
    assert words == ["1 class", "2 classes", "1 234 rows", "0 groups"]
    assert [listed([]), listed("a"), listed("ab"), listed("abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listed([str(n) for n in range(20)]).endswith("11 and 8 more")


def test_report_written_again_is_the_same(run):
    before = run.report.read_bytes()
    command = [sys.executable, "-m", "structkit", "report", str(run.folder)]
    subprocess.run(command, cwd=run.folder.parents[1], check=True, capture_output=True)
    assert run.report.read_bytes() == before


def test_numbers_have_intervals_and_widths_with_their_unit(quick, targets):
    text = (targets / "targets.yaml").read_text()
    text = text.replace("seed: 3\n", "seed: 3\nsplit: {valid: 0.1, calibration: 0.4, test: 0.25}\n")
    guard = "  sets: {use: conformal, from: line, with: {coverage: 0.6}}\n"
    (targets / "targets.yaml").write_text(text + guard)
    result = quick("run", "targets.yaml")
    assert result.code == 0, result
    run = Run(targets / "runs/targets")
    page = Page(run.report.read_text())
    words, guard = page.text("verdict"), page.text("guard-sets")
    scores = run.trust("sets")["origins"]["alloys"]["test"]["interval"]
    assert "The number energy [eV], learnt from" in words and "off by" in words
    assert f"its intervals hold the truth in {percent(scores['coverage']['value'])}" in words
    assert re.search(r"Worst group: cell-\d+ of alloys, off by [\d.e-]+ eV on average", words)
    assert "intervals that hold the truth in 60.0 %" in guard and "mean width" in guard
    assert "intervals · alloys · test" in guard and "coverage along the number" in guard
    assert f"{scores['width']['value']:.3g}" in guard and "coverage within groups" in guard
    assert "This part failed" not in page.text("verdict") + guard
