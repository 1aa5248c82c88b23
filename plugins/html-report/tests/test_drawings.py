"""Drawings: text is text, names are escaped, nothing is drawn outside, and the same is drawn every time."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from ase.build import bulk

from structkit import Curve, Picture, Scale
from structkit_html_report import structure_picture
from structkit_html_report.bars import Sort, shares
from structkit_html_report.charts import (
    Chart,
    Point,
    against_setting,
    errors_by_group,
    learning_curves,
    parity,
    residuals,
    residuals_by_group,
)
from structkit_html_report.framed import curve_plot, shown_picture
from structkit_html_report.images import PNG
from structkit_html_report.matrix import confusion
from structkit_html_report.named_numbers import Usual, named_numbers
from structkit_html_report.pictured import ColourBar, Pictured
from structkit_html_report.plot import Axis, Plot, Series, share_axis
from structkit_html_report.strip import Dot, forest, strip
from structkit_html_report.structures import MOST_DRAWN
from structkit_html_report.svg import width_of

NASTY = "<script>&\"'$x$\x1b[2J</svg>" + "w" * 500
THREE = np.array([1.0, 2.0, 4.0])


def charts():
    points = [Point(0.1, 0.5, (0.2, 0.9)), Point(0.2, 0.7, None)]
    varied = Chart(NASTY, NASTY, {NASTY: points, "other": points})
    history = [{"epoch": 1.0, "train_loss": 1.0, "valid_loss": 2.0, "valid_accuracy": 0.5}] * 3
    losses, accuracy = learning_curves(history, NASTY)
    axis = share_axis(NASTY)
    return {
        "parity": parity(THREE, THREE + 1, NASTY, NASTY),
        "residuals": residuals(THREE, THREE + 1, NASTY, " [eV]", NASTY),
        "groups": errors_by_group([NASTY, "b", "b"], THREE, NASTY, NASTY),
        "varied": against_setting(varied),
        "losses": losses,
        "accuracy": accuracy,
        "confusion": confusion([NASTY, "b"], [[3, 0], [1, 2]], NASTY),
        "forest": forest(
            NASTY, axis, [(NASTY, [Dot(0.5, (0.2, 0.7)), Dot(1.0)])], 0.9, [NASTY, ""]
        ),
        "strip": strip(axis, Dot(0.5, (0.2, 0.7)), NASTY, (0.9,)),
        "bars": shares(NASTY, [(NASTY, [3, 0]), ("b", [0, 0])], [Sort(NASTY, 0), Sort("b", 1)]),
    }


@pytest.mark.parametrize("name", charts())
def test_drawings_hold_no_markup_of_their_names(name):
    drawn = str(charts()[name])
    root = ElementTree.fromstring(drawn)
    assert {element.tag for element in root.iter()} <= {"svg", "path", "text", "rect"}
    assert {key for element in root.iter() for key in element.attrib} <= {
        "viewBox", "width", "height", "class", "role", "aria-label", "d", "x", "y", "transform",
    }  # fmt: skip
    assert "\x1b" not in drawn and "http" not in drawn
    assert max(len(element.text or "") for element in root.iter()) <= 60
    assert drawn == str(charts()[name])


@pytest.mark.parametrize("name", charts())
def test_nothing_is_drawn_outside(name):
    root = ElementTree.fromstring(str(charts()[name]))
    _, _, width, height = map(float, root.get("viewBox").split())
    for element in root.iter("text"):
        room = width_of(element.text or "")
        start = {"end": -room, "mid": -room / 2}.get((element.get("class") or "").split(" ")[0], 0)
        assert 0 <= float(element.get("y")) <= height
        if not element.get("transform"):
            left = float(element.get("x")) + start
            assert left >= -1 and left + room <= width + 30, element.text
    for element in root.iter("path"):
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d")):
            assert -1 <= float(x) <= width + 1 and -1 <= float(y) <= height + 1


def test_legends_stand_below_the_axes_and_not_over_each_other():
    series = [Series(f"line number {n}", THREE, THREE * n, colour=n) for n in range(9)]
    plot = Plot("many", Axis.around("x", THREE), Axis.around("y", THREE * 9), series)
    texts = [t for t in ElementTree.fromstring(str(plot.markup())).iter("text")]
    legend = [t for t in texts if t.text.startswith("line number")]
    label = next(t for t in texts if t.text == "x")
    assert all(float(t.get("y")) > float(label.get("y")) for t in legend) and len(legend) == 9
    places = sorted((float(t.get("y")), float(t.get("x")), t.text) for t in legend)
    for (y, x, text), (lower, right, _) in zip(places, places[1:], strict=False):
        assert lower > y or right > x + width_of(text)


@pytest.mark.parametrize(
    "values", [[0.0], [2.0, 2.0], [1e-9, 2e-9], [-1e6, 1e6], [np.nan, 1.0], []]
)
def test_axes_of_awkward_values_hold_them(values):
    values = np.array(values, dtype=float)
    axis = Axis.around("x", values)
    inside = axis.share(values[np.isfinite(values)])
    assert axis.low < axis.high and ((inside >= 0) & (inside <= 1)).all()
    assert 2 <= len(axis.numbers) <= 9
    Plot("p", axis, axis, [Series("", values, values, way="spots")]).markup()


def test_pictures_stand_between_their_axes():
    pixels = np.zeros((4, 8, 3), np.uint8)
    drawn = Picture(pixels, Scale(NASTY, 0, 12), Scale("y [Å]", -3, 3), key={NASTY: "#ff0000"})
    shown = shown_picture("step", drawn)
    root = ElementTree.fromstring(str(shown.image))
    (image,) = root.iter("image")
    assert image.get("href").startswith("data:image/png;base64,")
    assert float(image.get("width")) == 2 * float(image.get("height"))
    texts = [text.text for text in root.iter("text")]
    assert "y [Å]" in texts and {"0", "10"} <= set(texts)
    assert shown.legend == [(NASTY, "background: #ff0000")]
    assert shown_picture("step", pixels).kind == "map"


def test_colours_that_are_none_reach_no_style():
    wrong = "red; } body { display: none"
    shown = Pictured("a", b"", key={"a": wrong}, bar=ColourBar("b", ("0", "1"), [wrong, "#00ff00"]))
    assert shown.legend == [] and "body" not in shown.bar.style and "#00ff00" in shown.bar.style


def test_curves_shade_what_is_relevant_and_name_places():
    x = np.linspace(10, 20, 5000)
    relevance, marks = np.array([0.0, 0.5, -1.0, 0.01]), [(12.5, "111"), (12.51, "200"), (99, "x")]
    curve = Curve(x, np.sin(x), "2θ [°]", "intensity", relevance=relevance, marks=marks)
    root = ElementTree.fromstring(str(curve_plot(curve, "curve")))
    bands = {path.get("class") for path in root.iter("path")} & {"for s5", "against s10"}
    assert bands == {"for s5", "against s10"}, "what is next to nothing is not shaded"
    texts = [text.text for text in root.iter("text")]
    assert "111" in texts and "200" not in texts and "x" not in texts
    line = next(path for path in root.iter("path") if path.get("class").startswith("c0 line"))
    assert line.get("d").count("L") < 1000, "a long curve is drawn by its outline"


def test_named_numbers_are_those_that_are_unusual():
    usual = Usual(np.zeros(9), np.array([1.0] * 8 + [0.0]))
    values = np.array([0, 5, -7, 0.1, 0.2, 0.3, 0.4, 0.5, 3])
    names = [f"number {n}" for n in range(8)] + ["constant"]
    texts = ElementTree.fromstring(str(named_numbers(values, names, usual, "w"))).iter("text")
    written = [text.text for text in texts]
    assert written[:2] == ["number 2: −7", "number 1: 5"] and "constant: 3" not in written


def test_residuals_of_every_group_in_the_order_of_their_means():
    drawn = residuals_by_group(["b", "a", "b"], THREE, " [eV]", "t")
    assert "predicted − true [eV]" in drawn and "mean of a group" in drawn


def test_many_points_are_no_megabytes():
    rng = np.random.default_rng(0)
    value = rng.normal(size=100_000)
    assert len(parity(value, value + 0.1 * rng.normal(size=len(value)), "x", "t")) < 400_000


def test_confusion_matrices_of_many_classes_are_small_and_of_few_say_shares_and_counts():
    few = str(confusion(["a", "b"], [[999, 1], [1, 3]], "t"))
    texts = [t.text for t in ElementTree.fromstring(few).iter("text")]
    assert {"&gt; 99", "999"} & set(texts) or {"> 99", "999", "< 1", "25", "75"} <= set(texts)
    names = [f"class {n}" for n in range(900)]
    many = str(confusion(names, np.eye(900, dtype=int).tolist(), "t"))
    assert len(many) < 60_000 and "class 1" not in many


def test_learning_curves_without_epochs_or_losses():
    losses = [{"train_loss": -1.0}, {"train_loss": -2.0}]
    numbered = [{"epoch": 1.0, **losses[0]}, {"epoch": 2.0, **losses[1]}]
    assert (
        learning_curves(losses) == learning_curves(numbered) and len(learning_curves(losses)) == 1
    )
    assert learning_curves([{"epoch": 1.0, "accuracy": 0.5}] * 2) == []


def test_structures_are_shapes_until_there_are_many_atoms():
    few = structure_picture(bulk("Cu", cubic=True).repeat(2))
    assert few.startswith(b"<svg") and few.count(b"<circle") == 32
    root = ElementTree.fromstring(few)
    for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
        for place in ("cx", "cy"):
            assert float(circle.get(place)) - float(circle.get("r")) + 0.2 >= 0
            assert float(circle.get(place)) + float(circle.get("r")) <= 100.2
    many = bulk("Cu").repeat((MOST_DRAWN + 1, 1, 1))
    assert structure_picture(many).startswith(PNG)
    assert structure_picture(bulk("Cu")) == structure_picture(bulk("Cu"))
