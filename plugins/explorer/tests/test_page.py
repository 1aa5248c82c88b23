"""The page in a browser: it draws, turns and selects, and no script of data runs."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from structkit_explorer.columns import Columns
from structkit_explorer.page import Page, as_data, render
from structkit_explorer.projection import Chart
from structkit_explorer.viewer import BREAKS_OUT, viewer_script

CHROMIUM = shutil.which("chromium")
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
)
CUBE = {
    "size": 8,
    "names": ["Cu"] * 8,
    **{axis: [2.5 * (n >> place & 1) for n in range(8)] for place, axis in enumerate("xyz")},
    "cell": [5.0, 0, 0, 0, 5.0, 0, 0, 0, 5.0],
}
# Chooses the spot in the middle by a click, then drags across the 3-D view, and says what came of it.
PROBE = """
const press = (target, kind, x, y) => target.dispatchEvent(new MouseEvent(kind,
  {clientX: x, clientY: y, pageX: x, pageY: y, button: 0, buttons: 1, bubbles: true, composed: true}));
const inside = (root) => root.querySelector("canvas") ||
  [...root.querySelectorAll("*")].map((one) => one.shadowRoot && inside(one.shadowRoot)).find(Boolean);
setTimeout(() => {
  const spot = document.querySelectorAll(".spot")[2].getBoundingClientRect();
  press(document.getElementById("map"), "click", spot.x + spot.width / 2, spot.y + spot.height / 2);
  const canvas = inside(document.getElementById("shape")), box = canvas.getBoundingClientRect();
  const before = canvas.toDataURL(), x = box.x + box.width / 2, y = box.y + box.height / 2;
  press(canvas, "mousedown", x, y); press(canvas, "mousemove", x + 80, y + 30); press(canvas, "mouseup", x + 80, y + 30);
  setTimeout(() => { document.body.dataset.turned = canvas.toDataURL() !== before; }, 1500);
}, 3000);
"""


def page(label="fcc", shapes=(CUBE, CUBE, CUBE, None), atoms=()):
    words = {"class": [label, "bcc", "bcc", "not known"], "origin": ["pristine"] * 4}
    told = {"id": ["a", "b", "c", label], "group": ["g"] * 4}
    places = np.array([[0.0, 0.0], [1.0, 0.5], [0.5, 1.0], [0.2, 0.9]])
    chart = Chart(places, ("first", "second"), "map")
    return render(
        Page("toy" + label, ["4 rows"], chart, Columns(words, {"p": [0.1, None, 1.0, 0.5]}, told), list(shapes), atoms)
    )  # fmt: skip


def shown(folder, text, anchor=""):
    """The page as a browser leaves it."""
    (folder / "page.html").write_text(text)
    flags = ["--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--virtual-time-budget=9000", f"--user-data-dir={folder / 'chromium'}", "--dump-dom"]  # fmt: skip
    address = f"file://{folder / 'page.html'}{anchor}"
    command = [CHROMIUM, *flags, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def body(dom):
    return re.search(r"<body([^>]*)>", dom).group(1)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_page_draws_turns_and_selects_in_a_browser(tmp_path):
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    text = page().replace("script-src ", f"script-src 'sha256-{digest}' ")
    dom = shown(tmp_path, text.replace("</body>", f"<script>{PROBE}</script></body>"))
    assert 'data-viewer="ready"' in body(dom)
    assert 'data-row="2"' in body(dom), "a click chooses the nearest spot"
    assert 'data-turned="true"' in body(dom), "a drag turns the structure"
    assert re.search(r'id="trouble" hidden=""', dom)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_atoms_are_coloured_by_their_class(tmp_path):
    cube = {**CUBE, "classes": [0, 1] * 4}
    dom = shown(tmp_path, page(shapes=(cube, cube, cube, None), atoms=["bulk", HOSTILE]))
    assert 'data-viewer="ready"' in body(dom) and re.search(r'id="trouble" hidden=""', dom)
    assert "atoms said to be" in dom and "<img" not in dom


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_no_script_of_data_runs(tmp_path):
    dom = shown(tmp_path, page(HOSTILE, ()), "#pristine%2Fb")
    assert 'data-row="1"' in body(dom), "our own scripts ran, and the address chose the row"
    assert f"<title>{html.escape('toy' + HOSTILE, quote=False)} · explore</title>" in dom
    assert "<img" not in dom and dom.count("<script") == 3


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_a_row_that_is_not_there_is_a_sentence(tmp_path):
    dom = shown(tmp_path, page(shapes=()), "#pristine%2Fx%3Cb%3E")
    assert "This page does not show pristine/x&lt;b&gt;" in dom and 'data-row="0"' in body(dom)


def test_data_cannot_leave_its_element():
    value = {"a": HOSTILE + "<!--\u2028\u2029&amp;"}
    text = as_data(value)
    assert not set("<>&\u2028\u2029") & set(text) and json.loads(text) == value


def test_policy_allows_the_scripts_of_the_page_and_no_other():
    text = page(shapes=())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    wanted = " ".join(f"&#39;sha256-{digest}&#39;" for digest in digests)
    assert f"script-src {wanted};" in policy and policy.startswith("default-src &#39;none&#39;")
    assert len(scripts) == 2 and "eval" not in policy and "http" not in policy


def test_viewer_can_stand_in_a_page():
    assert "StructureVisualizer" in viewer_script()
    assert BREAKS_OUT.search("a </SCRIPT>") and BREAKS_OUT.search("<!-- \n <script>")
