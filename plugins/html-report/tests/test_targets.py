"""The report speaks of every target, of what was varied, and of rows that were measured; its parts fail alone."""

import re

import numpy as np
import pytest

from structkit.data.table import Row
from structkit.evaluation.numbers import Numbers
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report import write_report
from structkit_html_report.charts import worst_groups
from structkit_html_report.gallery import Illustrator
from structkit_html_report.varied import charts
from structkit_html_report.view import View
from structkit_html_report.views import view_of


def text_of(page):
    page = re.sub(r'src="data:[^"]*"', "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def run(quick, targets):
    result = quick("run", "targets.yaml")
    assert result.code == 0 and "failed" not in result.err, result
    return Run(targets / "runs/targets")


def part_of(page, title):
    """The part of the page under a heading."""
    (part,) = [part for part in page.split("<h2>")[1:] if part.startswith(title)]
    return part


def test_every_target_has_headlines_and_figures(run):
    page = run.report.read_text()
    assert "This part failed" not in page
    numbers, atoms, classes = (part_of(page, step) for step in ("line", "sites", "half"))
    row = r"alloys test \d+ \d+ 0\.\d+ \(too few groups\) eV training mean [\d.]+ "
    assert re.search(row, text_of(numbers)), (
        "error with unit and interval, and the baseline beside it"
    )
    assert all(
        words in text_of(numbers)
        for words in ("mean absolute error", "R²", "numbers per structure: energy")
    )
    assert (
        'aria-label="parity plot of energy [eV], alloys · test"' in numbers
        and 'aria-label="residuals of energy [eV], alloys · test"' in numbers
        and "errors of the worst groups, with their rows · alloys · test" in numbers
        and "residuals by group · alloys · test" in numbers
    )
    assert (
        "accuracy per atom" in atoms
        and "commonest class" in atoms
        and "classes per atom: site" in atoms
    )
    assert (
        'aria-label="confusion matrix, alloys · test, atoms"' in atoms
        and "parity" not in atoms
        and "Worst mistakes" in atoms
        and re.search(r"predicted 10 2 ", text_of(atoms))
    )
    assert "confusion matrix · spectra · test" in classes and "precision and recall" in classes


def test_largest_errors_are_shown_with_their_structures(run):
    part = part_of(run.report.read_text(), "line")
    table = run.predictions("line")
    errors = {}
    for index, row in enumerate(table):
        if row.subset == "test":
            errors[row.id] = abs(float(table.item("value", index)) - row.targets["energy"].value)
    shown = re.findall(
        r"<b>(cell-\d+-\d)</b> is [\d.]+ eV, .*predicted [\d.]+ eV</span> \(off by [+-][\de.-]+ eV\)",
        part,
    )
    assert shown == sorted(errors, key=lambda name: -errors[name])[:6]
    assert part.count('alt="structure"') == len(shown) == part.count("<figcaption>cell<")


def test_galleries_say_what_was_predicted(run):
    page = text_of(run.report.read_text())
    assert re.search(r"cell-\d+-\d · alloys · 1\d\.\d+ eV → 1\d\.\d+ eV", page)
    assert re.search(r"cell-\d+-\d · alloys · 2 of 3 atoms right", page)
    assert re.search(r"probe-\d+ · spectra · (high → high|low → low) 0\.90", page)


def test_measured_rows_are_drawn_as_curves_and_counted_as_rows(run):
    card = text_of(part_of(run.report.read_text(), "Data"))
    assert re.search(
        r"spectra label rows groups high 6 6 low 6 6 all 12 12 each a spectrum", card
    ), card
    assert re.search(
        r"alloys structures groups all 24 12 4 to 4 atoms energy: [\d.]+ to [\d.]+ eV, known of 24 .*energy \[eV\]",
        card,
    )
    row = run.predictions("half")[0]
    assert [one.caption for one in Illustrator(run, "half").pictures(row)] == ["spectra"]
    assert Illustrator(run, "line").pictures(Row("nobody", origin="alloys")) == []


def test_unknown_target_shows_its_headlines(run, monkeypatch):
    class Ranks(Numbers):
        def headlines(self, scores):
            return [Headline("tau", "rank correlation", 0.5, (0.4, 0.6))]

    assert type(view_of(Ranks("energy"))) is not View, "a sort of numbers is shown as numbers are"
    monkeypatch.setattr(Run, "target", lambda self, step: Ranks("energy"))
    monkeypatch.setattr("structkit_html_report.views.VIEWS", {})
    part = part_of(write_report(run).read_text(), "line")
    assert "rank correlation" in part and "parity" not in part
    assert "0.500 [0.400, 0.600]" in text_of(part)


@pytest.mark.parametrize("broken", ["line", "half"])
def test_part_of_a_model_fails_alone(run, monkeypatch, caplog, broken):
    read = Run.metrics

    def fail(self, step):
        if step == broken:
            raise ValueError("no <ink>\nleft")
        return read(self, step)

    monkeypatch.setattr(Run, "metrics", fail)
    page = write_report(run).read_text()
    assert page.count("This part failed: ValueError: no &lt;ink&gt; left") == 2, (
        "the model and its explanations"
    )
    assert "This part failed" in part_of(page, broken) and "accuracy per atom" in part_of(
        page, "sites"
    )
    assert f"the report's part '{broken}' failed" in caplog.text
    assert "What was run" in page


def test_failing_section_is_a_line(cli, here):
    code = (here / "toy_plugin.py").read_text() + (
        "\nfrom structkit.run import Section\n@hookimpl\ndef structkit_report_sections(run):\n"
        "    yield Section('Broken', rows=[1])\n    yield Section('Whole', ['stands'])\n"
    )
    (here / "toy_plugin.py").write_text(code)
    assert cli("run", "toy.yaml").code == 0
    page = (here / "runs/toy/report.html").read_text()
    assert "This part failed: TypeError" in part_of(page, "Broken") and "stands" in part_of(
        page, "Whole"
    )
    assert "the report's part 'Broken' failed" in (here / "runs/toy/run.log").read_text()


def test_what_was_varied_is_drawn(cli, here):
    text = (
        (here / "toy.yaml")
        .read_text()
        .replace("with: {sigma: 0.05}", "vary: {sigma: [0.2, 0.0, 0.05]}")
    )
    (here / "toy.yaml").write_text(text)
    assert cli("run", "toy.yaml").code == 0
    run = Run(here / "runs/toy")
    part = part_of(run.report.read_text(), "What was varied")
    captions = re.findall(r"<figcaption>([^<]*)<", part)
    assert captions == ["accuracy against noisy.sigma", "balanced accuracy against noisy.sigma"]
    chart, _ = charts(run, "centroid")
    (points,) = chart.lines.values()
    scores = [
        run.tested("centroid")[f"noisy[sigma={x}]"]["accuracy"] for x in ("0.0", "0.05", "0.2")
    ]
    assert [point.x for point in points] == [0.0, 0.05, 0.2]
    assert [{"value": p.value, "interval": p.interval} for p in points] == scores


def test_other_settings_are_lines_and_words_are_no_axis(cli, here):
    points = [{"sigma": s, "copies": c} for c in (1, 2) for s in (0.0, 0.1)]
    code = (
        (here / "toy_plugin.py")
        .read_text()
        .replace("yield Sample(sample.id, atoms)", 'yield Sample(f"{sample.id}-{_}", atoms)')
    )
    (here / "toy_plugin.py").write_text(code)
    (here / "toy.yaml").write_text(
        (here / "toy.yaml").read_text().replace("with: {sigma: 0.05}", f"vary: {points}")
    )
    assert cli("run", "toy.yaml").code == 0
    drawn = {
        (chart.setting, chart.words): chart.lines
        for chart in charts(Run(here / "runs/toy"), "centroid")
    }
    assert {setting for setting, _ in drawn} == {"noisy.sigma", "noisy.copies"}
    lines = drawn["noisy.sigma", "accuracy"]
    assert {label: [p.x for p in line] for label, line in lines.items()} == {
        "noisy.copies=1": [0.0, 0.1],
        "noisy.copies=2": [0.0, 0.1],
    }


def test_nothing_varied_has_no_section(run):
    assert "What was varied" not in run.report.read_text()


def test_worst_groups_come_first_and_are_twenty():
    errors = np.array([float(number) for number in range(30)] * 2)
    groups = [f"g{number}" for number in range(30)] * 2
    worst = worst_groups(groups, -errors)
    assert list(worst) == [f"g{number}" for number in range(29, 9, -1)]
    assert worst["g29"].tolist() == [-29.0, -29.0]
