"""Make the ready model `crystals`: train, calibrate, score, and put it in its place.

.venv/bin/python plugins/ready-models/train/make_crystals.py [--run FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from safetensors.numpy import save

from structkit import Run
from structkit.data.table import Table
from structkit.store.files import write_bytes, write_json, write_text
from structkit_baselines import LogisticClassifier
from structkit_guards import Verdict
from structkit_guards.calibration_guard import Calibration
from structkit_guards.novelty_guard import Novelty
from structkit_ready_models import Crystals
from structkit_ready_models.whole import FOLDER, SPACE

HERE = Path(__file__).parent
FALSE_ALARMS = 0.02
VIEW = "inputs"


def main() -> None:
    """Train if need be, then write the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/ready-crystals"))
    folder = parser.parse_args().run
    if not (folder / "done.json").exists():
        command = [sys.executable, "-m", "structkit", "run", str(HERE / "crystals.yaml")]
        subprocess.run([*command, "--out", str(folder)], check=True)
    run = Run(folder)
    write_model(run)
    write_text(FOLDER / "golden.json", json.dumps(golden()))
    print(json.dumps(scores(run), indent=1))


def write_model(run: Run) -> None:
    """The trained model and its guard as one file of arrays and one of facts."""
    model, guard = LogisticClassifier(), Verdict(method="neighbours")
    model.load(run.trained("class").folder / "model")
    guard.load(run.path("trusted") / "fitted" / "guard")
    novelty, calibration = guard.guards["novelty"], guard.guards["calibration"]
    assert isinstance(novelty, Novelty) and isinstance(calibration, Calibration)
    assert novelty.scores is not None and list(novelty.units) == [VIEW]
    space, held_out = novelty.spaces[VIEW], novelty.scores
    temperature = calibration.temperature
    arrays = {
        "weights": model.weights,
        "bias": model.bias,
        "temperature.bias": temperature.bias,
        "held_out.scores": held_out.scores,
        "held_out.above": held_out.above,
        **{f"space.{name}": getattr(space, name) for name in SPACE},
    }
    arrays["space.rows"] = space.rows.astype(np.float32)
    facts = {
        "classes": list(model.classes),
        "scale": model.scale,
        "temperature": temperature.temperature,
        "unit": novelty.units[VIEW],
        "groups": held_out.groups,
        "false_alarms": FALSE_ALARMS,
    }
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_bytes(FOLDER / "weights.safetensors", save(contiguous))
    write_json(FOLDER / "model.json", facts)


def golden() -> list[dict[str, Any]]:
    """Small structures and what the model says of them, kept for the tests of later versions."""
    salt = bulk("NaCl", "rocksalt", a=5.64)
    crystals = [bulk(name) for name in ("Cu", "Fe", "Si", "Mg", "Po", "In", "Sn", "Bi")]
    rng = np.random.default_rng(1)
    model = Crystals()
    return [_told(model, _shaken(atoms, rng)) for atoms in (*crystals, salt)]


def _shaken(atoms: Atoms, rng: np.random.Generator) -> Atoms:
    large = atoms.repeat(3)
    large.positions += rng.normal(scale=0.05, size=large.positions.shape)
    large.positions = large.positions.round(3)
    return large


def _told(model: Crystals, atoms: Atoms) -> dict[str, Any]:
    result = model.recognise(atoms)
    return {
        "numbers": atoms.numbers.tolist(),
        "cell": np.asarray(atoms.cell[:]).tolist(),
        "positions": atoms.positions.tolist(),
        "verdict": result.verdict(),
        "confidence": round(float(result.confidence[0]), 4),
        "novelty": round(float(result.novelty[0]), 4),
    }


def scores(run: Run) -> dict[str, Any]:
    """The shares of the test part told right and refused, by damage; and of what is none of these, refused."""
    result = {}
    for folder in sorted((run.path("trusted") / "judged").iterdir()):
        if not folder.is_dir():
            continue
        table = Table.open(folder, folder.name)
        novel = np.array([bool(table.item("novel", row)) for row in range(len(table))])
        if folder.name in ("nothing", "others"):
            labels = np.array(table.labels)
            kinds = sorted(set(table.labels))
            result[folder.name] = {kind: float(novel[labels == kind].mean()) for kind in kinds}
            continue
        tested = np.array(table.values("subset")) == "test"
        accuracy = run.tested("class")[folder.name]["accuracy"]["value"]
        result[folder.name] = {"right": accuracy, "refused": float(novel[tested].mean())}
    return result


if __name__ == "__main__":
    main()
