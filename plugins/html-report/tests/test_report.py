"""The report: everything escaped, nothing that runs, nothing from the network, and it shows what it should."""

import re
import shutil
import subprocess
from urllib.parse import unquote

import numpy as np
import pytest
from matplotlib.figure import Figure

from structkit.run import Run
from structkit_html_report.figures import deletion_curves
from structkit_html_report.images import PNG, as_image, data_uri

CHROMIUM = shutil.which("chromium")
HOSTILE = "<img src=x onerror=\\\"document.title='owned'\\\"></script><script>document.title='owned'</script>"


@pytest.fixture
def hostile(cli, here):
    """A run whose labels, ids and groups are markup."""
    code = (here / "toy_plugin.py").read_text()
    code = code.replace(
        'task.params["lattice"], task.id, {"k": k}',
        f'task.params["lattice"] + "{HOSTILE}", task.id, {{"k": k}}',
    )
    code = code.replace('f"{task.id}-{k}"', f'f"{{task.id}}-{{k}}{HOSTILE}"')
    (here / "toy_plugin.py").write_text(code)
    result = cli("run", "toy.yaml")
    assert result.code == 0, result
    return here / "runs/toy/report.html"


def test_hostile_labels_are_text(hostile):
    page = hostile.read_text()
    assert "&lt;script&gt;" in page
    assert not re.search(r"<script|<img src=x|onerror=\"", page)


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_no_script_runs_in_a_browser(hostile, tmp_path):
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'chromium'}", "--dump-dom"]  # fmt: skip
    done = subprocess.run(
        [CHROMIUM, *flags, f"file://{hostile}"], capture_output=True, text=True, timeout=90
    )
    assert (
        "<title>toy · structkit</title>" in done.stdout and "worst mistakes" in done.stdout.lower()
    )


def test_page_is_one_file_and_asks_for_nothing(cli, here):
    cli("run", "toy.yaml")
    page = (here / "runs/toy/report.html").read_text()
    sources = re.findall(r"(?:src|href)=\"([^\"]{0,40})", page)
    assert sources and all(source.startswith(("data:image/", "#")) for source in sources)
    assert "default-src 'none'" in page and "url(" not in page and "@import" not in page


def test_cards_lead_to_the_page_to_explore_where_it_is_there(cli, here):
    cli("run", "toy.yaml")
    assert "explore.html" not in (here / "runs/toy/report.html").read_text()
    assert cli("explore", "runs/toy").code == 0 and cli("report", "runs/toy").code == 0
    links = re.findall(r'href="explore.html#([^"]+)"', (here / "runs/toy/report.html").read_text())
    names = {f"{row.origin}/{row.id}" for row in Run("runs/toy").predictions("centroid")}
    assert links and {unquote(link) for link in links} <= names


def test_report_says_what_was_run_and_found(cli, here):
    cli("run", "toy.yaml")
    page = (here / "runs/toy/report.html").read_text()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Trained on crystals" in text and "toy-centroid" in text and "Worst mistakes" in text
    assert re.search(r"noisy test \d+ \d+ [01]\.\d{3} \[", text), (
        "scores per origin with an interval"
    )
    assert "unvalidated" in text and "sigma: 0.05" in text
    assert "all 36 18" in text, "the data card counts structures and groups"


def test_sections_of_plugins_are_escaped_and_shown(cli, here):
    code = (here / "toy_plugin.py").read_text() + (
        "\nfrom structkit.run import Section\n@hookimpl\ndef structkit_report_sections(run):\n"
        "    yield Section('A <b>title', ['text <i>'], ['h'], [['<td>']], [(b'\\x89PNG\\r\\n', 'cap <u>')])\n"
        "    yield Section('Another', figures=[(b'no image', 'lost'), (np.zeros((2, 2, 3), np.uint8), 'kept')])\n"
    )
    (here / "toy_plugin.py").write_text(code)
    cli("run", "toy.yaml")
    page = (here / "runs/toy/report.html").read_text()
    assert all(
        word in page
        for word in ("A &lt;b&gt;title", "text &lt;i&gt;", "&lt;td&gt;", "cap &lt;u&gt;")
    )
    assert "<figcaption>kept</figcaption>" in page and "lost" not in page
    assert "a figure of section 'Another' failed" in (here / "runs/toy/run.log").read_text()
    again = cli("report", "runs/toy")
    assert again.code == 0 and "A &lt;b&gt;title" in (here / "runs/toy/report.html").read_text()


def test_failing_section_or_picture_spoils_nothing(cli, here):
    code = (
        (here / "toy_plugin.py")
        .read_text()
        .replace("bars = np.zeros", "raise ValueError\n    bars = np.zeros")
    )
    code += (
        "\n@hookimpl\ndef structkit_report_sections(run):\n    raise RuntimeError('no section')\n"
    )
    (here / "toy_plugin.py").write_text(code)
    assert cli("run", "toy.yaml").code == 0
    log = (here / "runs/toy/run.log").read_text()
    assert "structkit_report_sections failed in plugin toy_plugin: RuntimeError: no section" in log
    assert "the picture of step vector failed" in log


def test_warnings_of_a_source_are_shown(cli, here):
    edit(
        here,
        "count = range(",
        "import logging; logging.getLogger('structkit').warning('one <left> out')\n        count = range(",
    )
    cli("run", "toy.yaml")
    page = (here / "runs/toy/report.html").read_text()
    assert "crystals: 1 warning<" in page and "one &lt;left&gt; out" in page


def edit(here, old, new):
    code = (here / "toy_plugin.py").read_text()
    assert code.count(old) == 1
    (here / "toy_plugin.py").write_text(code.replace(old, new))


def test_figures_of_sections_are_images():
    figure = Figure(figsize=(1, 1))
    pixels = np.zeros((4, 4, 3), np.uint8)
    assert all(
        data_uri(as_image(one)).startswith("data:image/png;base64,")
        for one in (figure, pixels, PNG)
    )
    assert data_uri(as_image(b"<svg></svg>")).startswith("data:image/svg+xml;base64,")
    for wrong in (b"GIF89a", np.zeros((3, 3)), "text"):
        with pytest.raises(
            ValueError, match=r"a picture is uint8 \(height, width, 3\)|a PNG or an SVG"
        ):
            as_image(wrong)


def test_deletion_curves_of_old_and_new_records_are_one_picture():
    facts = {"fractions": [0.002, 0.02], "intact": 0.9, "methods": {"grad_cam": {}}}
    names = {
        "grad_cam": ("grad_cam", "relevance"),
        "grad_cam, random weights": ("grad_cam", "random_weights"),
        "strongest first": (None, "strongest"),
        "random order": (None, "random"),
    }
    old = {name: [0.8, 0.1 * number] for number, name in enumerate(names)}
    new = [
        {"method": names[n][0], "order": names[n][1], "probability": curve}
        for n, curve in old.items()
    ]
    drawn = [deletion_curves({**facts, "curves": curves}, "pristine") for curves in (old, new)]
    assert drawn[0] == drawn[1] and drawn[0].startswith("<svg")
