"""What a guard knows, as files: arrays and JSON, no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.npy import save_array
from structkit.store.files import write_text
from structkit.store.inside import make_folder
from structkit_guards.groups import GroupedScores

FACTS, ARRAYS = "guard.json", "arrays"


def write(folder: Path, facts: Mapping[str, Any], **arrays: NDArray[Any]) -> None:
    """Write facts as JSON and each array as a file."""
    write_text(folder / FACTS, json.dumps(dict(facts), indent=1, sort_keys=True))
    make_folder(folder / ARRAYS, new=True)
    for name, array in arrays.items():
        save_array(folder / ARRAYS / f"{name}.npy", array)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write` wrote."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    paths = sorted((folder / ARRAYS).glob("*.npy"))
    return facts, {path.stem: np.load(path, allow_pickle=False) for path in paths}


def arrays_of(scores: GroupedScores, name: str) -> dict[str, NDArray[Any]]:
    """Calibration scores as arrays to write."""
    count = np.array(scores.groups)
    return {f"{name}_scores": scores.scores, f"{name}_above": scores.above, f"{name}_groups": count}


def scores_of(arrays: Mapping[str, NDArray[Any]], name: str) -> GroupedScores:
    """Calibration scores of what `arrays_of` gave."""
    parts = [arrays[f"{name}_{part}"] for part in ("scores", "above", "groups")]
    return GroupedScores.of(parts[0], parts[1], int(parts[2]))
