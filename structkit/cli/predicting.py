"""`structkit predict`: files, folders and patterns through a trained run, and what it says in several forms."""

from __future__ import annotations

import csv
import glob
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.cli.output import plugins_print_aside, say
from structkit.cli.wording import prediction_facts, prediction_text
from structkit.errors import DataError, Problem, listed
from structkit.evaluation.predicted import Prediction
from structkit.evaluation.verdict import NONE
from structkit.kinds.spreadsheet import harmless
from structkit.store.files import write_text

if TYPE_CHECKING:
    from structkit.engine.prediction import Predictor

OF_ATOMS = ("atoms", "atom_verdicts", "atom_novelty")  # one item an atom: no cell of a table
BLOCK = 256  # structures that are prepared and predicted at once
UNSURE = "no guard of the model says what a prediction is worth: add one to the pipeline"


@dataclass(frozen=True)
class Asked:
    """What is asked of `structkit predict`.

    Args:
        folder: of the run.
        files: files, folders and patterns.
        model, origin: as `Predictor` has them.
        allowed: loose plugins that may be run.
        as_json: whether the terminal gets JSON.
        csv: a file for a table.
        extxyz: a file for the structures with what was predicted.
        skip: whether files that cannot be used are left out, and listed.
        device: of torch.
    """

    folder: Path
    files: Sequence[Path]
    model: str | None = None
    origin: str | None = None
    allowed: Sequence[Path] = ()
    as_json: bool = False
    csv: Path | None = None
    extxyz: Path | None = None
    skip: bool = False
    device: str = "cpu"


@dataclass
class Answers:
    """What was predicted, of what, and what could not be."""

    predictions: list[Prediction] = field(default_factory=list)
    samples: list[Any] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)


def predict_files(asked: Asked) -> None:
    """`structkit predict`."""
    from structkit.engine.prediction import Predictor

    predictor = Predictor(asked.folder, asked.model, asked.origin, asked.allowed, asked.device)
    with plugins_print_aside():
        answers = _answers(predictor, asked)
    if asked.csv is not None:
        write_text(asked.csv, table_text(answers.predictions))
    if asked.extxyz is not None:
        write_text(asked.extxyz, extxyz_text(answers))
    warnings = _warnings(predictor, answers)
    if asked.as_json:
        say(json.dumps(_facts(predictor, answers, warnings), indent=1))
    else:
        _say(predictor, answers, warnings)


def _warnings(predictor: Predictor, answers: Answers) -> list[str]:
    """What must be known of the predictions as a whole; no guard judges those that say themselves what they are."""
    judged = predictor.run.guards(predictor.model.id)
    return [] if judged or all(prediction.words for prediction in answers.predictions) else [UNSURE]


def _answers(predictor: Predictor, asked: Asked) -> Answers:
    """Predict all files, a block of structures at a time.

    Raises:
        DataError: what is wrong with a file, or, where those are skipped, that none is left.
    """
    answers, waiting = Answers(), []
    for path in found_files(asked.files, predictor.patterns):
        try:
            waiting += predictor.read(path)
        except DataError as error:
            _keep_or_raise(answers, error, asked.skip)
        if len(waiting) >= BLOCK:
            _predict(predictor, answers, waiting, asked.skip)
            waiting = []
    _predict(predictor, answers, waiting, asked.skip)
    if not answers.predictions:
        raise DataError(*answers.skipped[:20] or [Problem("D022", "the files hold no structure")])
    return answers


def _predict(predictor: Predictor, answers: Answers, samples: Sequence[Any], skip: bool) -> None:
    """Predict a block; where bad ones are skipped and one is bad, each alone."""
    if not samples:
        return
    try:
        answers.predictions += predictor.predict(samples)
        answers.samples += samples
    except DataError as error:
        if not skip:
            raise
        if len(samples) == 1:
            answers.skipped += error.problems
            return
        for sample in samples:
            _predict(predictor, answers, [sample], skip)


def _keep_or_raise(answers: Answers, error: DataError, skip: bool) -> None:
    if not skip:
        raise error
    answers.skipped += error.problems


def found_files(words: Sequence[Path], patterns: Sequence[str]) -> Iterator[Path]:
    """The files that words of the command line mean, each once, in order.

    Args:
        words: files; folders, of which all files at any depth are meant whose names fit; patterns
            such as `data/**/*.cif`.
        patterns: of names that the reader knows; any name where there are none.

    Raises:
        DataError: D020, a folder or a pattern holds no such file.
    """
    seen: set[Path] = set()
    for word in words:
        for path in _meant(word, patterns):
            if path not in seen:
                seen.add(path)
                yield path


def _meant(word: Path, patterns: Sequence[str]) -> list[Path]:
    if word.is_dir():
        files = [path for path in sorted(word.rglob("*")) if path.is_file()]
        fitting = [path for path in files if _fits(path.relative_to(word), patterns)]
        if not fitting:
            message = f"none of the {len(files)} files in this folder has a name that is read"
            fix = f"names are {listed(patterns)}" if patterns else "name a file"
            raise DataError(Problem("D020", message, str(word), fix))
        return fitting
    if word.exists() or not glob.has_magic(str(word)):
        return [word]
    matches = [Path(name) for name in sorted(glob.glob(str(word), recursive=True))]  # noqa: PTH207  (it may begin at the root)
    files = [path for path in matches if path.is_file()]
    if not files:
        raise DataError(Problem("D020", "no file matches", str(word), "check the pattern"))
    return files


def _fits(path: Path, patterns: Sequence[str]) -> bool:
    """Whether a file in a folder is meant: nothing hidden, and of a name that is read."""
    if any(part.startswith(".") for part in path.parts):
        return False
    return not patterns or any(fnmatch(path.name.lower(), pattern.lower()) for pattern in patterns)


def _say(predictor: Predictor, answers: Answers, warnings: Sequence[str]) -> None:
    say(f"model {predictor.model.id}; {predictor.preparation}")
    for prediction in answers.predictions:
        say(f"{prediction.id}: {prediction_text(prediction)}")
    for problem in answers.skipped:
        say(f"skipped: {problem}")
    for warning in warnings:
        say(f"note: {warning}")


def _facts(predictor: Predictor, answers: Answers, warnings: Sequence[str]) -> dict[str, Any]:
    """All that was said, as JSON holds it."""
    return {
        "run": str(predictor.run.folder),
        "model": predictor.model.id,
        "origin": predictor.origin,
        "preparation": predictor.preparation,
        "warnings": list(warnings),
        "predictions": [prediction_facts(prediction) for prediction in answers.predictions],
        "skipped": [
            {"code": p.code, "message": p.message, "where": p.where, "fix": p.fix}
            for p in answers.skipped
        ],
    }


def table_text(predictions: Sequence[Prediction]) -> str:
    """Predictions as CSV, a row each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [_cells(prediction) for prediction in predictions]
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer.writerow(map(harmless, names))
    for row in rows:
        writer.writerow(harmless(row.get(name, "")) for name in names)
    return text.getvalue()


def _cells(prediction: Prediction) -> dict[str, str]:
    """What was predicted of a structure, as words; nested things are written out."""
    cells: dict[str, str] = {}
    for name, value in prediction_facts(prediction).items():
        if isinstance(value, dict):
            cells |= {f"{name}: {key}": _word(number) for key, number in value.items()}
        elif name not in OF_ATOMS:
            cells[name] = _word(value)
    return cells


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(map(_word, value))
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def extxyz_text(answers: Answers) -> str:
    """The structures with what was predicted of them, as ase and OVITO read it.

    Raises:
        DataError: D025, what was predicted are no structures.
    """
    from ase.io import write

    text = io.StringIO()
    for sample, prediction in zip(answers.samples, answers.predictions, strict=True):
        atoms = getattr(sample, "atoms", None)
        if atoms is None:
            fix = "leave --extxyz out"
            raise DataError(Problem("D025", "the run reads no structures", "--extxyz", fix))
        told = atoms.copy()
        told.calc = None
        told.info = {"id": prediction.id, **_cells_for_info(prediction)}
        if prediction.atoms is not None:
            told.arrays["predicted"] = prediction.atoms.argmax(axis=1)
            told.arrays["probability"] = prediction.atoms.max(axis=1)
        if prediction.atom_verdicts:
            refused = [verdict.sort == NONE for verdict in prediction.atom_verdicts]
            told.arrays["none_of_these"] = np.array(refused, dtype=int)
        if prediction.atom_novelty is not None:
            told.arrays["novelty"] = prediction.atom_novelty
        if prediction.atom_values is not None:
            told.arrays["predicted"] = prediction.atom_values
        write(text, told, format="extxyz")
    return text.getvalue()


def _cells_for_info(prediction: Prediction) -> dict[str, str]:
    """Names that extended XYZ keeps: words joined by underscores."""
    return {
        name.replace(": ", "_").replace(" ", "_"): word for name, word in _cells(prediction).items()
    }
