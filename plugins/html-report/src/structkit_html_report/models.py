"""A model's part of the report: learning curve, headlines, figures and worst mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from structkit.evaluation.target import Headline
from structkit.records import RowIndex
from structkit.run import Run, StepRecord
from structkit.words import baseline, number, valued
from structkit_html_report.charts import learning_curves
from structkit_html_report.gallery import Illustrator
from structkit_html_report.view import View
from structkit_html_report.views import view_of

PARTS = ("test", "valid", "train")
Cell = tuple[str, str]  # a value, and the trivial baseline beside it


def model_section(run: Run, step: str) -> dict[str, Any]:
    """Everything the template shows of one model."""
    record, history = run.step(step), run.history(step)
    view = view_of(run.target(step))
    drawn = learning_curves(history, view.loss) if len(history) > 1 else []
    curves = [(image, "learning curve") for image in drawn]
    return {
        "use": record.component,
        "says": _says(record),
        "train_on": ", ".join(record.train_on),
        "guards": run.guards(step),
        **_scores(run, record, view),
        "figures": [*curves, *view.figures(run, step)],
        "details": view.details(run, step),
        "worst": view.worst,
        "faultless": view.faultless,
        "mistakes": _mistakes(run, step, view),
    }


def _says(record: StepRecord) -> str:
    """What the model predicts, where it is another thing than the label."""
    if (record.predicts, record.per) == ("classes", "structure"):
        return ""
    return f"{record.predicts} per {record.per}: {record.target}"


def _scores(run: Run, record: StepRecord, view: View) -> dict[str, Any]:
    """The table of scores: for each origin a line a part, a column for each headline."""
    told, origins = run.told(record.id), run.metrics(record.id)["origins"]
    tables, header = [], [*view.further.values()]
    for origin in record.origins:
        lines = []
        for part in PARTS:
            if part in told[origin]:
                scores, headlines = origins[origin][part], told[origin][part]
                header = [*(one.words for one in headlines), *view.further.values()]
                heads = ["rows", "groups", *header]
                lines.append(
                    {"part": part, "cells": _cells(headlines, scores, view), "heads": heads}
                )
        if lines:
            tables.append((origin, lines))
    return {"header": header, "scores": tables, "seeds": len(run.repeats(record.id))}


def _cells(headlines: Sequence[Headline], scores: Mapping[str, Any], view: View) -> list[Cell]:
    few = "too few for intervals" if scores["groups"] == 1 else ""
    cells = [(str(scores["n"]), ""), (str(scores["groups"]), few)]
    cells += [(valued(one), baseline(one)) for one in headlines]
    unit = str(scores.get("unit", ""))
    for name in view.further:
        cells.append((_plain(scores.get(name), "" if name in view.pure else unit), ""))
    return cells


def _plain(value: float | None, unit: str) -> str:
    return str(value) if isinstance(value, int) else number(value, unit)


def _mistakes(run: Run, step: str, view: View) -> list[tuple[str, list[dict[str, Any]]]]:
    """The mistakes of each origin with their pictures."""
    illustrator, metrics = Illustrator(run, step), run.metrics(step)
    predictions = RowIndex(run.predictions(step))
    shown = []
    for origin, worst in view.mistakes(run, step).items():
        cards = []
        for one in worst:
            own = view.pictures(run, metrics, one.row, predictions.arrays(one.row) or {})
            cards.append({"mistake": one, "pictures": [*illustrator.pictures(one.row), *own]})
        shown.append((origin, cards))
    return shown
