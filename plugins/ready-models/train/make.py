"""Make the ready model `lattices`: train, measure what its probabilities are worth, and put it in its place.

.venv/bin/python plugins/ready-models/train/make.py [--run FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Run
from structkit.data.items.structure import per_atom
from structkit.kinds.trained import parts_in
from structkit.store.files import write_bytes, write_json, write_text
from structkit_local_structure.making import crystals, melts, motifs
from structkit_local_structure.making.built import Labelled
from structkit_local_structure.making.source import as_atoms
from structkit_local_structure.network import Networks, load_networks, log_sum
from structkit_ready_models import Lattices

FOLDER = Path(__file__).parents[1] / "src/structkit_ready_models/lattices"

HERE = Path(__file__).parent
CLASSES, OTHER, DISORDERED = 8, 7, 6
LEVELS = 400  # of the share of known atoms that are less strange
ALARMS = 0.004  # share of known atoms, held out of training, that may be called none of these
TEMPERATURES = np.geomspace(0.5, 4.0, 61)
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]


def main() -> None:
    """Train if need be, then write the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/ready-lattices"))
    folder = parser.parse_args().run
    if not (folder / "done.json").exists():
        command = [sys.executable, "-m", "structkit", "run", str(HERE / "atoms.yaml")]
        subprocess.run([*command, "--out", str(folder)], check=True)
    run = Run(folder)
    for step in ("lattice", "perfect"):
        copy_networks(run, step)
    networks = load_networks(FOLDER / "lattice")
    features, truth = held_out(run)
    write_json(FOLDER / "trust.json", trust(networks, features, truth))
    write_text(FOLDER / "golden.json", json.dumps(golden()))
    print(json.dumps(scores(networks, features, truth), indent=1))


def copy_networks(run: Run, step: str) -> None:
    """Put the files of a trained model into the folder of the ready model."""
    for name in ("weights.safetensors", "model.json"):
        source = run.trained(step).folder / "model" / name
        write_bytes(FOLDER / step / name, source.read_bytes())


def held_out(run: Run) -> tuple[Singles, Ints]:
    """The atoms of the validation and test parts whose class is known: features and classes."""
    table, structures = run.table("seen"), run.table("known")
    split = parts_in(run.trained("lattice").folder)
    features, classes = [], []
    for row in range(len(table)):
        if split[table.groups[row]] == "train":
            continue
        lattice = per_atom(structures, row, "lattice")
        assert lattice is not None  # noqa: S101
        known = lattice >= 0
        features.append(np.asarray(table.item("atoms", row))[known])
        classes.append(lattice[known])
    return np.concatenate(features), np.concatenate(classes)


def golden() -> list[dict[str, Any]]:
    """Small structures and what the model says of them, kept for the tests of later versions."""
    model = Lattices()
    rng = np.random.default_rng(1)
    made = [crystals.bulk(lattice, rng) for lattice in range(DISORDERED)]
    made += [crystals.with_vacancies(0, rng), melts.packing(0, rng), motifs.motif(0, rng)]
    return [_told(model, one) for one in made]


def _told(model: Lattices, made: Labelled) -> dict[str, Any]:
    atoms = as_atoms(made)
    atoms.positions = atoms.positions.round(3)
    result = model.recognise(atoms)
    return {
        "cell": np.asarray(atoms.cell[:]).tolist(),
        "periodic": atoms.pbc.tolist(),
        "positions": atoms.positions.round(3).tolist(),
        "structure": result.structure.tolist(),
        "confidence": result.confidence.round(4).tolist(),
    }


def trust(networks: Networks, features: Singles, truth: Ints) -> dict[str, object]:
    """Temperatures, and how probable `other` is for known atoms, from atoms held out of training."""
    logs = networks.log_probabilities(features)
    guess = logs.argmax(axis=1)
    temperature = [best_temperature(logs[guess == c], truth[guess == c]) for c in range(CLASSES)]
    logs /= np.array(temperature, np.float32)[guess][:, None]
    other = np.exp(logs - log_sum(logs))[:, OTHER]
    known = truth != OTHER
    levels = [
        np.quantile(other[known & (guess == c)], np.linspace(0, 1, LEVELS)) for c in range(OTHER)
    ]
    levels.append(np.zeros(LEVELS))  # whoever is called other is strange
    return {
        "temperature": temperature,
        "levels": [[float(value) for value in level] for level in levels],
        "limit": 1 - ALARMS,
    }


def best_temperature(logs: Singles, truth: Ints) -> float:
    """The temperature at which the truth is most probable."""
    if len(logs) == 0:
        return 1.0
    rows = np.arange(len(truth))
    losses = []
    for temperature in TEMPERATURES:
        scaled = logs / temperature
        losses.append(float((log_sum(scaled)[:, 0] - scaled[rows, truth]).mean()))
    return float(TEMPERATURES[int(np.argmin(losses))])


def scores(networks: Networks, features: Singles, truth: Ints) -> dict[str, float]:
    """The share told right, class by class."""
    guess = networks.log_probabilities(features).argmax(axis=1)
    return {str(c): float((guess[truth == c] == c).mean()) for c in range(CLASSES)}


if __name__ == "__main__":
    main()
