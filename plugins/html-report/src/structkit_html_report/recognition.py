"""The page about what a ready model said of structures: shares, shares over time, the atoms in space."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from structkit import __version__
from structkit.recognised import Recognised, Recognition
from structkit.store.files import write_text
from structkit_html_report.images import data_uri

# of the classes in their order; Okabe and Ito, Color Universal Design (2008), and two greys
COLOURS = ("#56b4e9", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#f0c000", "#b8bec4", "#2b2f33")
MOST_ROWS = 200  # of the table
MOST_POINTS = 30_000  # atoms of the 3-D view
STYLE = {"font.size": 9, "svg.hashsalt": "structkit", "axes.spines.top": False}


def write_recognition(recognition: Recognition, path: Path) -> Path:
    """Write the page; it needs no network."""
    write_text(path, render(recognition))
    return path


def render(recognition: Recognition) -> str:
    """The page's HTML. The template escapes everything; the one script is ours, and is given numbers."""
    environment = Environment(
        loader=PackageLoader("structkit_html_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["data_uri"] = data_uri
    template = environment.get_template("recognition.html")
    return template.render(_content(recognition))


def _content(recognition: Recognition) -> dict[str, Any]:
    atoms, result = recognition.shown
    several = len(recognition.structures) > 1
    present = np.bincount(result.structure, minlength=len(result.classes)) > 0
    shown = _shown(recognition)
    legend = zip(result.classes, _colours(result), present.tolist(), strict=True)
    return {
        "version": __version__,
        "model": recognition.model,
        "card": recognition.card,
        "notes": recognition.notes,
        "classes": result.classes,
        "columns": shown,
        "rows": [_row(one, shown) for one in recognition.structures[:MOST_ROWS]],
        "left_out": max(0, len(recognition.structures) - MOST_ROWS),
        "bars": as_svg(bars(recognition)),
        "series": as_svg(series(recognition)) if several else None,
        "order": _order(recognition),
        "doubts": as_svg(doubts(result)),
        "legend": [(name, colour) for name, colour, there in legend if there],
        "view": view(atoms.positions, result),
        "name": result.name,
        "grains": _grains(result),
    }


def _order(recognition: Recognition) -> str:
    """What one structure after the other is: frames of one file are a trajectory."""
    files = {str(one["name"]).rpartition("#")[0] for one in recognition.structures}
    return "Over time" if len(files) == 1 and "" not in files else "Structure after structure"


def _shown(recognition: Recognition) -> list[str]:
    """The classes that some atom of some structure may be."""
    names = recognition.shown[1].classes
    return [
        name
        for name in names
        if any(one["intervals"][name][1] >= 5e-4 for one in recognition.structures)
    ]


def _row(one: Any, shown: Sequence[str]) -> dict[str, Any]:
    shares = []
    for name in shown:
        low, high = one["intervals"][name]
        share = one["fractions"][name]
        shares.append((f"{100 * share:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"))
    return {**one, "shares": shares}


def _grains(result: Recognised) -> dict[str, Any]:
    sizes = [int(grain["atoms"]) for grain in result.grains]
    return {"count": len(sizes), "largest": [dict(grain) for grain in result.grains[:12]]}


def _colours(result: Recognised) -> list[str]:
    return [COLOURS[number % len(COLOURS)] for number in range(len(result.classes))]


def bars(recognition: Recognition) -> Figure:
    """The mean share of each class, with what is sure and what is possible."""
    names = recognition.shown[1].classes
    share, low, high = (_mean(recognition.structures, names, which) for which in range(3))
    figure = _figure(7.4, 2.6)
    axes = figure.subplots()
    places = np.arange(len(names))
    axes.bar(places, share, color=_colours(recognition.shown[1]))
    reach = [np.maximum(share - low, 0), np.maximum(high - share, 0)]
    axes.errorbar(places, share, reach, fmt="none", ecolor="#333", capsize=3, lw=1)
    axes.set_xticks(places, [name.replace(" ", "\n") for name in names])
    axes.set_ylabel("% of the atoms")
    axes.set_ylim(0, 105)
    return figure


def _mean(structures: Sequence[Any], names: Sequence[str], which: int) -> NDArray[np.float64]:
    """The mean over structures of a share, or of its lower or upper bound, in per cent."""
    rows = []
    for one in structures:
        values = [(one["fractions"][name], *one["intervals"][name])[which] for name in names]
        rows.append(values)
    mean: NDArray[np.float64] = 100 * np.mean(rows, axis=0)
    return mean


def series(recognition: Recognition) -> Figure:
    """The share of each class that there is, structure after structure, with its bounds."""
    result = recognition.shown[1]
    figure = _figure(7.4, 2.8)
    axes = figure.subplots()
    places = np.arange(len(recognition.structures))
    for name, colour in zip(result.classes, _colours(result), strict=True):
        shares = 100 * np.array([one["fractions"][name] for one in recognition.structures])
        if shares.max() < 0.5:
            continue
        bounds = 100 * np.array([one["intervals"][name] for one in recognition.structures])
        axes.plot(places, shares, color=colour, lw=1.6, label=name)
        axes.fill_between(places, *bounds.T, color=colour, alpha=0.15, lw=0)
    axes.set_xlabel("structure, in the order in which they were read")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("% of the atoms")
    axes.set_ylim(-2, 102)
    axes.legend(frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def doubts(result: Recognised) -> Figure:
    """How confident and how strange the answers are, as histograms over the atoms."""
    figure = _figure(7.4, 2.3)
    left, right = figure.subplots(1, 2)
    for axes, values, words in (
        (left, result.confidence, "confidence"),
        (right, result.novelty, "novelty"),
    ):
        axes.hist(values, bins=np.linspace(0, 1, 26), color="#7a8693")
        axes.set_xlabel(words)
        axes.set_yscale("log")
    left.set_ylabel("atoms")
    return figure


def _figure(width: float, height: float) -> Figure:
    with mpl.rc_context(STYLE):
        return Figure(figsize=(width, height), layout="constrained")


def as_svg(figure: Figure) -> bytes:
    """A figure as SVG, the same bytes for the same figure."""
    out = io.BytesIO()
    with mpl.rc_context({**STYLE, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def view(positions: NDArray[np.float64], result: Recognised) -> dict[str, Any]:
    """Numbers for the 3-D view: places within a cube of 2, and the colours by class, grain and novelty."""
    chosen = np.arange(len(positions))
    if len(chosen) > MOST_POINTS:
        chosen = np.random.default_rng(0).permutation(len(chosen))[:MOST_POINTS]
    places = positions[chosen] - (positions.max(axis=0) + positions.min(axis=0)) / 2
    reach = float(np.abs(places).max()) or 1.0
    spacing = 2 / max(len(chosen), 1) ** (1 / 3)
    return {
        "places": _packed((places / reach).astype("<f4")),
        "classes": _packed(result.structure[chosen].astype("u1")),
        "grains": _packed((result.grain[chosen] + 1).astype("<u4")),
        "novelty": _packed((255 * result.novelty[chosen]).astype("u1")),
        "colours": _colours(result),
        "radius": spacing,
        "shown": len(chosen),
        "atoms": len(positions),
    }


def _packed(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
