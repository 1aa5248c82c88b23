"""Unfinished trajectories on disk: what has been done, in files that are whole or not there."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from structkit.errors import IntegrityError
from structkit.store.files import digest, file_digest, read_sealed, sealed, write_bytes, write_json
from structkit.store.inside import make_folder, remove
from structkit_md_glass_source.frame import Frame

STATE = "state.json"


@dataclass
class Checkpoint:
    """Where a trajectory stands.

    Args:
        folder: where its files are.
        identity: digest of settings and seed: a checkpoint of another trajectory is not gone on
            from.
        legs: how many legs are done.
        curve: (temperature of the thermostat, potential energy per particle) at the end of each
            cooling leg.
        frames: kept so far.
        restarts: names of restart files by what they are for: `last`, the end of the last leg, or a
            place to return to.
    """

    folder: Path
    identity: str
    legs: int = 0
    curve: list[tuple[float, float]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    restarts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, facts: Any) -> Checkpoint:
        """The checkpoint of a trajectory in a scratch folder, or a fresh one where there is none or it is damaged."""
        identity = digest(facts)
        # of its own: nothing else in the scratch folder is touched
        folder = folder / f"trajectory-{identity[:24]}"
        state = _intact_state(folder, identity)
        if state is None:
            remove(folder)
            return cls(make_folder(folder, new=True), identity)
        frames = [_read(folder / name) for name in state["frames"]]
        curve = [(t, e) for t, e in state["curve"]]
        return cls(folder, identity, state["legs"], curve, frames, state["restarts"])

    def keep(self) -> None:
        """Write what is new, the record of it last."""
        names = [f"frame-{index}.npz" for index in range(len(self.frames))]
        for name, frame in zip(names, self.frames, strict=True):
            if not (self.folder / name).exists():
                write_bytes(self.folder / name, _bytes(frame))
        files = {
            name: file_digest(self.folder / name) for name in [*names, *self.restarts.values()]
        }
        state = {
            "legs": self.legs,
            "curve": self.curve,
            "frames": names,
            "restarts": self.restarts,
            "files": files,
        }
        write_json(self.folder / STATE, sealed({"identity": self.identity, **state}))

    def free(self, name: str) -> str:
        """A name at which LAMMPS may write: it would follow a link that somebody has put there."""
        remove(self.folder / name)
        return name

    def written(self, place: str, name: str) -> None:
        """Note a restart file that LAMMPS has written, instead of an older one of the same place; keep everything."""
        with (self.folder / name).open("rb") as stream:
            os.fsync(stream.fileno())
        old, self.restarts[place] = self.restarts.get(place), name
        self.keep()
        if old and old not in self.restarts.values():
            remove(self.folder / old)


def _intact_state(folder: Path, identity: str) -> dict[str, Any] | None:
    try:
        state = read_sealed(folder / STATE)
    except (IntegrityError, OSError):
        return None
    whole = all(_has(folder / name, known) for name, known in state["files"].items())
    return state if state["identity"] == identity and whole else None


def _has(path: Path, known: str) -> bool:
    return path.is_file() and file_digest(path) == known


def _bytes(frame: Frame) -> bytes:
    packed = io.BytesIO()
    facts = np.frombuffer(json.dumps(frame.facts()).encode(), dtype=np.uint8)
    np.savez(packed, positions=frame.positions, types=frame.types, facts=facts)
    return packed.getvalue()


def _read(path: Path) -> Frame:
    with np.load(path, allow_pickle=False) as found:
        facts = json.loads(found["facts"].tobytes())
        return Frame(found["positions"], found["types"], **facts)
