"""A model's part of the report: learning curve, scores, confusion matrices, worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from structkit.run import Run
from structkit.words import headline, number
from structkit_html_report.figures import confusion, learning_curve
from structkit_html_report.gallery import Illustrator

HEADLINES = (("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"), ("roc_auc", "ROC-AUC"))
MISTAKES = 6


def model_section(run: Run, step: str) -> dict[str, Any]:
    """Everything the template shows of one model."""
    metrics = run.metrics(step)
    history = run.history(step)
    tested = run.tested(step)
    return {
        "step": step,
        "use": run.steps[step]["use"].rpartition("/")[2],
        "train_on": ", ".join(run.steps[step]["train_on"]),
        "curve": learning_curve(history) if len(history) > 1 else None,
        "scores": [
            _score_row(origin, subset, metrics["origins"][origin][subset])
            for origin in run.steps[step]["origins"]
            for subset in ("test", "valid", "train")
            if subset in metrics["origins"].get(origin, {})
        ],
        "matrices": [
            confusion(metrics["classes"], found["confusion"], f"{origin} · test") for origin, found in tested.items()
        ],
        "per_class": [
            (origin, name, facts) for origin, found in tested.items() for name, facts in found["per_class"].items()
        ],
        "mistakes": _mistakes(Illustrator(run, step), step, list(tested)),
    }


def _score_row(origin: str, subset: str, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "origin": origin,
        "subset": subset,
        "n": found["n"],
        "groups": found["groups"],
        "headlines": [headline(found[name]) for name, _ in HEADLINES],
        "log_loss": number(found["log_loss"]),
        "brier": number(found["brier"]),
        "calibration": number(found["calibration_error"]),
    }


def _mistakes(illustrator: Illustrator, step: str, origins: Sequence[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Of each origin, the test rows that were wrong with the most confidence, with their pictures."""
    run = illustrator.run
    table, classes = run.predictions(step), run.metrics(step)["classes"]
    wrong: dict[str, list[dict[str, Any]]] = {origin: [] for origin in origins}
    for row, arrays in table.records():
        p = arrays["probabilities"]
        guess = classes[int(p.argmax())]
        if row.origin in wrong and row.subset == "test" and row.label not in (None, guess):
            wrong[row.origin].append(
                {"id": row.id, "label": row.label, "predicted": guess, "p": float(p.max()), "row": row}
            )
    worst = {origin: sorted(found, key=lambda item: -item["p"])[:MISTAKES] for origin, found in wrong.items()}
    return [
        (origin, [{**item, "pictures": illustrator.pictures(item["row"])} for item in found])
        for origin, found in worst.items()
    ]
