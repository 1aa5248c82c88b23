"""The engine's process: LAMMPS, doing what it is told on standard input. Started as `python -m`, never imported.

An error of LAMMPS goes back as text; if the whole process dies, only it does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.workers import start_worker
from structkit_md_glass_source.messages import receive, send
from structkit_md_glass_source.mpi import load

OPTIONS = ("-screen", "none", "-log", "none", "-nocite", "-suffix", "opt")
Reply = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def commands(lammps: Any, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Reply:
    """Run LAMMPS commands."""
    for line in head["lines"]:
        lammps.command(line)
    return {}, {}


def create(lammps: Any, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Reply:
    """Put particles into the box: `types` (particles,) from 1, `positions` (particles, 3) within the box."""
    count = len(arrays["types"])
    made = lammps.create_atoms(
        count, range(1, count + 1), arrays["types"].tolist(), arrays["positions"].ravel().tolist()
    )
    if made != count:
        raise RuntimeError(f"{count - made} of {count} particles lie outside the box")
    return {}, {}


def state(lammps: Any, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Reply:
    """Positions (particles, 3) and types (particles,), in the order they were created."""
    count = lammps.get_natoms()
    positions = np.array(lammps.gather_atoms("x", 1, 3)).reshape(count, 3)
    return {}, {
        "positions": positions,
        "types": np.array(lammps.gather_atoms("type", 0, 1), dtype=np.int64),
    }


def thermo(lammps: Any, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Reply:
    """Thermodynamic quantities by their LAMMPS names, as of the last run or minimisation."""
    return {name: float(lammps.get_thermo(name)) for name in head["names"]}, {}


VERBS = {"commands": commands, "create": create, "state": state, "thermo": thermo}


def _forget_shared_memory() -> None:
    """Take the name off MPICH's block of shared memory: it is for other ranks, of which there are none.

    Nobody else removes it, and a megabyte for every process would stay until the machine is started
    anew.
    """
    Path(f"/dev/shm/mpich_shm_{os.getpid():x}_0").unlink(missing_ok=True)  # noqa: S108  # the name is MPICH's


def main() -> None:
    """Answer until the other side goes."""
    start_worker(os.getppid())
    inward = os.fdopen(os.dup(0), "rb")
    outward = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the messages
    _forget_shared_memory()  # what a dead process of the same number left would be taken for ours
    lammps = load()(cmdargs=list(OPTIONS))
    _forget_shared_memory()
    while (message := receive(inward)) is not None:
        head, arrays = message
        try:
            reply, found = VERBS[head["do"]](lammps, head, arrays)
            send(outward, {"ok": True, **reply}, found)
        except Exception as error:
            step = int(lammps.extract_global("ntimestep") or 0)
            send(outward, {"ok": False, "error": " ".join(str(error).split()), "step": step})
    sys.exit(0)


if __name__ == "__main__":
    main()
