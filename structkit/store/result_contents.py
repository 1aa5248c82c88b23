"""What the records of models and explanations hold: scores, learning curves, what was learnt from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from structkit.store.contents import Contents, Count

Interval = Annotated[list[float], Field(min_length=2, max_length=2)] | None


def _square(rows: list[list[int]]) -> list[list[int]]:
    if any(len(row) != len(rows) for row in rows):
        raise ValueError("is not square")
    return rows


Counts = Annotated[list[list[Count]], AfterValidator(_square)]
WholeNumber = Annotated[str, Field(pattern=r"^-?\d{1,18}$")]
Part = Literal["train", "valid", "calibration", "test"]


class ScoreContents(Contents):
    """A score with its interval."""

    value: float | None
    interval: Interval


class ScoresContents(Contents):
    """Scores of rows, of whatever target."""

    n: Count
    groups: Count


class FittedContents(Contents):
    """`fitted.json` of a guard."""

    rows: Count
    groups: Count


class TrustContents(Contents):
    """`trust.json` of a guard; what it says of each part is the target's."""

    origins: dict[str, dict[str, Any]]


class ClassScores(ScoresContents):
    """Scores of classes of structures."""

    accuracy: ScoreContents
    balanced_accuracy: ScoreContents
    roc_auc: ScoreContents
    majority: float | None = None
    log_loss: float | None = None
    brier: float | None = None
    calibration_error: float | None = None
    unknown_labels: list[str] = []
    per_class: dict[str, ClassScore]
    confusion: Counts


class ClassScore(Contents):
    """Scores of one class."""

    precision: float | None
    recall: float | None
    n: Count


class NumberScores(ScoresContents):
    """Scores of numbers."""

    unit: str
    mae: ScoreContents
    rmse: float
    r2: float | None
    trivial_mae: float
    bias: float = 0.0


class AtomScores(ScoresContents):
    """Scores of classes of atoms."""

    atoms: Count
    accuracy: ScoreContents
    majority: float
    confusion: Counts


class MetricsContents(Contents):
    """`metrics.json` of a target that the core knows nothing of."""

    origins: dict[str, dict[Part, ScoresContents]]


class ClassMetrics(Contents):
    """`metrics.json` of classes of structures."""

    classes: list[str]
    origins: dict[str, dict[Part, ClassScores]]


class NumberMetrics(Contents):
    """`metrics.json` of numbers."""

    target: str
    unit: str
    origins: dict[str, dict[Part, NumberScores]]


class AtomMetrics(Contents):
    """`metrics.json` of classes of atoms."""

    classes: list[WholeNumber]
    origins: dict[str, dict[Part, AtomScores]]


# by what a model predicts, and of what
METRICS = {
    ("classes", "structure"): ClassMetrics,
    ("numbers", "structure"): NumberMetrics,
    ("classes", "atom"): AtomMetrics,
}


class FactsContents(Contents):
    """`target.json`, as far as the core reads it."""

    classes: list[str] = []
    target: str = ""
    unit: str = ""


class RowsContents(Contents):
    """How many rows were learnt from."""

    train: Count
    all: Count


class LearntContents(Contents):
    """`learnt.json`."""

    units: str
    contents: dict[str, str]
    rows: RowsContents | None = None


class MembersContents(Contents):
    """`committee.json`."""

    members: int = Field(ge=1, le=100)


class MethodContents(Contents):
    """The tests of a method's maps."""

    over_random: ScoreContents
    over_random_weights: ScoreContents
    over_strongest: ScoreContents
    passed: bool


class CurveContents(Contents):
    """A deletion curve."""

    method: str | None
    order: Literal["relevance", "random_weights", "random", "strongest"]
    probability: list[float]


class FaithfulnessContents(Contents):
    """`faithfulness.json`."""

    methods: dict[str, MethodContents]
    reason: str = ""
    rows: Count = 0
    groups: Count = 0
    parts: Count = 0
    atoms: Count = 0  # as parts were called before
    fractions: list[float] = []
    intact: float = 0
    curves: list[CurveContents] | dict[str, list[float]] = []


HistoryContents = list[dict[str, float]]
NotesContents = list[str]
SplitContents = dict[str, Part]
UnitsContents = dict[str, str]
