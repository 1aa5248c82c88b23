"""Labels, groups and ids of any length: the report stays a page that somebody can read, the CSV has the whole."""

import csv
import re

import pytest

from structkit_html_report.svg import one_line
from structkit_html_report.texts import LONGEST, Block, shortened, shown

LINE = 'yield Sample(f"{task.id}-{k}", atoms, task.params["lattice"], task.id, {"k": k})'
KINDS = {
    "words": "word ",
    "one word": "w",
    "wide": "中",
    "accents": "e\u0301",
    "formulas": "$x^2$",
    "mark-up": "<b>&\"'",
    "joined": "\u200b",
    "slashes": "a/",
}


def report_of(here, quick, text, length):
    """The report of a run whose labels, groups and ids all hold a long text."""
    long = (text * length)[:length]
    plugin = here / "toy_plugin.py"
    line = 'long = LONG; yield Sample(f"{task.id}-{k}" + long, atoms, task.params["lattice"] + long, task.id + long)'
    plugin.write_text(f"LONG = {long!r}\n" + plugin.read_text().replace(LINE, line))
    done = quick("run", "toy.yaml")
    assert done.code == 0, done
    return here / "runs/toy", long


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_long_texts_are_cut_in_the_report_and_whole_in_the_table(kind, here, quick):
    run, long = report_of(here, quick, KINDS[kind], 3000)
    page = (run / "report.html").read_text()
    shown_texts = re.sub(
        r"data:image[^\"]*|<style>.*?</style>|<pre>.*?</pre>", "", page, flags=re.S
    )
    words = re.findall(r">([^<]+)<", shown_texts)
    assert max(map(len, words)) < 8 * LONGEST  # escaped characters are several
    assert long not in page
    with (run / "steps/centroid/predictions.csv").open(newline="") as stream:
        labels = {row["label"] for row in csv.DictReader(stream)}
    assert all(len(label) > 2900 for label in labels)


@pytest.mark.slow
def test_a_label_of_a_hundred_thousand_letters_makes_no_page_of_megabytes(here, quick):
    run, _ = report_of(here, quick, "w", 100_000)
    assert (run / "report.html").stat().st_size < 3 * 2**20


def test_cut_texts_are_told_apart():
    one, other = shortened("a" * 999 + "b"), shortened("a" * 999 + "c")
    assert one != other and len(one) == len(other) == LONGEST
    assert shortened("a" * LONGEST) == "a" * LONGEST


@pytest.mark.parametrize("text", ["a" * 10**6, "a\nb" * 999, "$" * 999, "中" * 999, "\u202e" * 999])
def test_what_is_drawn_has_one_line_of_bounded_length(text):
    assert len(one_line(text)) <= 60 and "\n" not in one_line(text)


@pytest.mark.parametrize("value", ["a" * 999, Block("a" * 10**6), 3, None, "\x1b[2J"])
def test_what_a_template_shows_is_bounded(value):
    assert len(str(shown(value))) <= 100_000 and "\x1b" not in str(shown(value))
