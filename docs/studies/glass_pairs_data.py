"""Pairs of equal energy among many boxes: a liquid and a glass, of whatever trajectories, each used once."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase.io import write
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from structkit import Row
from structkit.data.items.structure import recorded
from structkit.run import Run

TOLERANCE = 0.001  # ε per particle, as of the pairs of md-glass
LIQUIDS, GLASS = (0.547, 0.44), 0.05  # temperatures


@dataclass(frozen=True)
class Boxes:
    """Boxes of one temperature.

    Args:
        rows: (boxes,), where they stand in their step's table.
        energies: (boxes,), of the inherent structure, in ε per particle.
    """

    rows: NDArray[np.int64]
    energies: NDArray[np.float64]


def boxes(run: Run, step: str, temperature: float) -> Boxes:
    """The boxes of a step that were taken at a temperature."""
    table = run.table(step)
    infos = [recorded(table, index) for index in range(len(table))]
    rows = [index for index, info in enumerate(infos) if info["temperature"] == temperature]
    energies = [infos[index]["inherent_energy"] for index in rows]
    return Boxes(np.array(rows), np.array(energies))


def matched(liquids: Boxes, glasses: Boxes) -> list[tuple[int, int]]:
    """As many pairs within the tolerance as there can be, and of these the nearest: rows of liquid and glass."""
    apart = np.abs(liquids.energies[:, None] - glasses.energies[None, :])
    # what is further apart costs more than all that is near
    pairs = linear_sum_assignment(np.where(apart <= TOLERANCE, apart, 1e3))
    near = [(i, j) for i, j in zip(*pairs, strict=True) if apart[i, j] <= TOLERANCE]
    return [(int(liquids.rows[i]), int(glasses.rows[j])) for i, j in near]


def write_pairs(run: Run, step: str, folder: Path) -> Iterator[str]:
    """Write the boxes of all pairs and a manifest for each temperature; yields what was found, in words.

    A row's group is its trajectory: the liquid and the glass of one may belong to two pairs.
    """
    glasses, rows = boxes(run, step, GLASS), run.table(step).rows
    for temperature in LIQUIDS:
        liquids = boxes(run, step, temperature)
        pairs = matched(liquids, glasses)
        place = folder / f"{temperature:g}"
        place.mkdir(parents=True, exist_ok=True)
        lines = [
            _written(run, rows[index], label, place)
            for pair in pairs
            for index, label in zip(pair, ("liquid", "glass"), strict=True)
        ]
        _write_manifest(folder / f"{temperature:g}.csv", lines)
        yield f"T {temperature:g}: {len(pairs)} pairs of {len(liquids.rows)} liquids and {len(glasses.rows)} glasses"


def _written(run: Run, row: Row, label: str, place: Path) -> Sequence[str]:
    path = place / f"{label}-{row.group}.extxyz"
    write(path, run.structure(row))
    return [f"{place.name}/{path.name}", label, row.group]


def _write_manifest(path: Path, lines: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "label", "group"])
        writer.writerows(lines)
