"""The reference patterns among the rows of a table: pure phases with their reflections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, Table
from structkit.data.npy import save_array
from structkit.store.files import write_json
from structkit.store.reading import read_json
from structkit_powder_spectra.phases import Phase, phase_of_row

LINES = (
    "hkl",
    "strength",
    "reciprocal",
    "mass",
)  # arrays of a row of `powder-xrd` that make a phase
NAMES = "references.json"


@dataclass(frozen=True)
class Reference:
    """A phase that mixtures are compared with.

    Args:
        name: what it is called; polymorphs that nobody tells apart may share one.
        phase: its reflections, under the id of its row.
    """

    name: str
    phase: Phase


def has_lines(table: Table, row: int) -> bool:
    """Whether a row has the reflections of a crystal, as those of `powder-xrd` do."""
    try:
        return len(table.item("strength", row)) > 0 and len(table.item("mass", row)) == 1
    except KeyError:  # rows of another origin have no such array
        return False


def references_of(table: Table) -> list[Reference]:
    """The labelled rows of a table that have reflections.

    Raises:
        DataError: X024, there is none.
    """
    rows = [row for row in range(len(table)) if table.rows[row].label and has_lines(table, row)]
    if not rows:
        raise no_references()
    return [Reference(str(table.rows[row].label), _phase(table, row)) for row in rows]


def no_references() -> DataError:
    """No training row is a reference."""
    fix = "train_on: rows of powder-xrd with lines: true, whose labels are the names of phases"
    return DataError(Problem("X024", "no reference among the training rows", fix=fix))


def _phase(table: Table, row: int) -> Phase:
    return phase_of_row(table.rows[row].id, {name: table.item(name, row) for name in LINES})


def save_references(references: Sequence[Reference], folder: Path) -> None:
    """Write references into a folder: their names as JSON, an array of each sort for all."""
    names = [[reference.name, reference.phase.name] for reference in references]
    write_json(folder / NAMES, {"references": names})
    for name, arrays in _arrays(references).items():
        save_array(folder / f"{name}.npy", arrays)


def _arrays(references: Sequence[Reference]) -> Mapping[str, NDArray[Any]]:
    phases = [reference.phase for reference in references]
    return {
        "hkl": np.concatenate([phase.lines.hkl for phase in phases]),
        "strength": np.concatenate([phase.lines.strength for phase in phases]),
        "reciprocal": np.stack([phase.lines.reciprocal for phase in phases]),
        "mass": np.array([phase.mass for phase in phases]),
        "ends": np.cumsum([len(phase.lines.strength) for phase in phases]),
    }


def load_references(folder: Path) -> Iterator[Reference]:
    """Read what `save_references` wrote."""
    names = read_json(folder / NAMES)["references"]
    kept = (*LINES, "ends")
    arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in kept}
    starts = [0, *arrays["ends"].tolist()]
    for number, (name, row) in enumerate(names):
        lines = slice(starts[number], starts[number + 1])
        own = {"hkl": arrays["hkl"][lines], "strength": arrays["strength"][lines]}
        own |= {
            "reciprocal": arrays["reciprocal"][number],
            "mass": arrays["mass"][number : number + 1],
        }
        yield Reference(name, phase_of_row(row, own))
