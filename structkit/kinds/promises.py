"""Whether guards keep their promises: the scores of their judgements, and all of them as a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.engine.context import Context
from structkit.engine.pieces import Input, Piece
from structkit.evaluation import trust as trust_of
from structkit.evaluation import verdict as verdicts
from structkit.evidence import Evidence
from structkit.kinds.guarding import STRUCTURE, evidence, evidence_of
from structkit.kinds.judged_parts import PROBABILITIES, WHOLE
from structkit.kinds.spreadsheet import harmless
from structkit.kinds.trained import facts_of
from structkit.store.files import write_json, write_text

TRUST_VERSION = 3  # raised when equal judgements now give other scores
TRUST = "trust.json"


def trust(piece: Piece, draft: Path, context: Context) -> None:
    """Whether the judgements keep their promise, and all predictions with their verdicts as a CSV."""
    triples = list(zip(*(piece.inputs[start::3] for start in range(3)), strict=True))
    facts = facts_of(triples[0][0].folder)
    of_parts = piece.job.options["per"] != STRUCTURE
    judged = {
        one.origin: _Judged(facts, one, features, said, of_parts) for one, features, said in triples
    }
    calibrated = piece.job.options["calibration"]
    typical = _typical([judged[origin] for origin in calibrated])
    scores = {
        origin: one.scores(typical, origin not in calibrated) for origin, one in judged.items()
    }
    write_json(draft / TRUST, {**facts, "origins": scores})
    write_text(draft / "predictions.csv", _csv(facts, judged))


class _Judged:
    """The judgements of one origin's rows."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        judged: Input,
        features: Input,
        said: Input,
        of_parts: bool,
    ) -> None:
        table = Table.open(judged.folder, judged.origin)
        self.arrays = {name: table.stack(name) for name in table.arrays}
        if of_parts:  # which stand beside what the model says of them
            nothing = np.zeros((0, len(facts["classes"])))  # of no parts, no arrays are written
            predicted = {PROBABILITIES: self.arrays.pop(PROBABILITIES, nothing)}
            self.rows, parts = evidence_of(facts, table, predicted), table.values("subset")
        else:
            self.rows, parts = evidence(facts, features, said)
        self.parts = np.array(parts)
        self.verdicts = verdicts_of(self.rows, self.arrays)
        self.wholes = [meta[WHOLE] for meta in table.values("meta")] if of_parts else []
        self.given = Table.open(
            said.folder, said.origin
        )  # the rows that these are, or are parts of

    def scores(self, typical: trust_of.Typical, elsewhere: bool) -> dict[str, Any]:
        """Of the calibration and the test part.

        Args:
            typical: what is typical where the guard learnt.
            elsewhere: whether it learnt nothing of this origin.
        """
        scores = {}
        for part in ("calibration", "test"):
            rows = np.flatnonzero(self.parts == part)
            if len(rows) == 0:
                continue
            scores[part] = trust_of.trust_scores(
                self.rows.select(rows),
                {name: values[rows] for name, values in self.arrays.items()},
                [self.verdicts[row] for row in rows.tolist()],
                typical,
                elsewhere,
                self.wholes_of(rows),
            )
            if "wholes" in scores[part]:
                scores[part]["wholes"]["empty"] = self._empty(part)
        return scores

    def _empty(self, part: str) -> dict[str, Any]:
        """How many structures, or images, have no parts at all, and so are not judged."""
        rows = np.flatnonzero(np.array(self.given.values("subset")) == part)
        ids, groups = np.array(self.given.ids)[rows], np.array(self.given.groups)[rows]
        return trust_of.share(~np.isin(ids, self.wholes), groups.tolist())

    def wholes_of(self, rows: Array) -> list[str]:
        """Of which structure, or image, some rows are parts; none where they are whole."""
        return [self.wholes[row] for row in rows.tolist()] if self.wholes else []

    def typical(self) -> trust_of.Typical:
        """How unlike the test rows of known classes are."""
        rows = np.flatnonzero(self.rows.known & (self.parts == "test"))
        kept = {name: values[rows] for name, values in self.arrays.items()}
        return trust_of.Typical.of(kept, self.wholes_of(rows))


def verdicts_of(rows: Evidence, judged: Mapping[str, Array]) -> list[verdicts.Verdict]:
    """The verdict of every row."""
    if not rows.classes:
        return [verdicts.number_verdict(judged, row) for row in range(len(rows))]
    p = rows.predicted["probabilities"]
    return [verdicts.verdict(rows.classes, p, judged, row) for row in range(len(rows))]


def _typical(judged: Sequence[_Judged]) -> trust_of.Typical:
    """How unlike the test rows of known classes are, of the origins that the guard learnt from."""
    return trust_of.Typical.joined(
        [one.typical() for one in judged if verdicts.NOVEL in one.arrays]
    )


def _csv(facts: Mapping[str, Any], judged: Mapping[str, _Judged]) -> str:
    """A row a prediction: who it is, what is known, and what was judged."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "origin", "group", "subset", "truth", "verdict", *_columns(facts)])
    for origin, one in judged.items():
        for index, row in enumerate(one.rows.features.rows):
            words = [row.id, origin, row.group, str(one.parts[index]), _truth(one.rows, row, index)]
            cells = [*words, str(one.verdicts[index]), *_cells(one.rows, one.arrays, index)]
            writer.writerow(map(harmless, cells))
    return text.getvalue()


def _truth(rows: Evidence, row: Row, index: int) -> str:
    if rows.classes:
        return row.label or ""
    return f"{rows.truth[index]:.8g}" if rows.known[index] else ""


def _columns(facts: Mapping[str, Any]) -> list[str]:
    """Names of the columns beside those of every row."""
    own = ["predicted", "probability", "set"] if "classes" in facts else ["predicted", "from", "to"]
    return [*own, "novelty"]


def _cells(rows: Evidence, judged: Mapping[str, Array], index: int) -> list[str]:
    novelty = f"{judged[verdicts.NOVELTY][index]:.6f}" if verdicts.NOVELTY in judged else ""
    if not rows.classes:
        ends = judged.get(verdicts.INTERVAL)
        words = ["", ""] if ends is None else [f"{end:.8g}" for end in ends[index]]
        return [f"{rows.predicted['value'][index]:.8g}", *words, novelty]
    p = judged.get(verdicts.CALIBRATED, rows.predicted["probabilities"])[index]
    inside = judged.get(verdicts.SET)
    held = (
        []
        if inside is None
        else [n for n, one in zip(rows.classes, inside[index], strict=True) if one]
    )
    return [rows.classes[int(p.argmax())], f"{p.max():.6f}", " | ".join(held), novelty]
