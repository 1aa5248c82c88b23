"""Atoms per second of one core, and bytes an atom, beside a search for neighbours alone, and beside OVITO.

.venv/bin/python plugins/local-structure/benchmarks/atoms_speed.py [--atoms 100000 1000000] [--json FILE]

Process time, one thread, an fcc crystal with noise; each in a process of its own, after a first small
structure that compiles everything. Memory is the largest resident set while it works, beyond what was
resident with the structure. OVITO's template matching and common-neighbour analysis are measured in
the same run where it is installed: `make ovito` does that in build/ovito, and this is then run by
build/ovito/bin/python.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ase import Atoms
from tools import LACKING, available

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OVITO_THREAD_COUNT")
TREE, SEARCH, ENVIRONMENTS = "cKDTree k = 19 alone", "own search alone", "local-environments"


def crystal(count: int) -> Atoms:
    """An fcc crystal at about half its melting point."""
    from ase.build import bulk

    edge = round((count / 4) ** (1 / 3))
    atoms = bulk("Al", cubic=True).repeat((edge, edge, edge))
    atoms.positions += np.random.default_rng(0).normal(scale=0.17, size=atoms.positions.shape)
    return atoms


def tree_alone(atoms: Atoms) -> None:
    from scipy.spatial import cKDTree

    box = atoms.cell.lengths()
    wrapped = np.mod(atoms.positions, box)
    cKDTree(wrapped, boxsize=box).query(wrapped, k=19)


def search_alone(atoms: Atoms) -> None:
    from structkit_local_structure.grid import grid_of
    from structkit_local_structure.kernel import nearest_only

    grid = grid_of(atoms.positions, np.asarray(atoms.cell[:]), np.asarray(atoms.pbc))
    nearest_only(grid)


def environments(atoms: Atoms) -> None:
    from structkit_local_structure.blocks import surroundings

    for _ in surroundings(atoms.positions, np.asarray(atoms.cell[:]), np.asarray(atoms.pbc)):
        pass


def ways() -> dict[str, Callable[[Atoms], object]]:
    """What is measured here."""
    floors = {TREE: tree_alone, SEARCH: search_alone, ENVIRONMENTS: environments}
    return {**floors, **{name: tool.classify for name, tool in available().items()}}


def resident(which: str) -> int:
    """Bytes of this process that are in memory (VmRSS), or that were at most (VmHWM)."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(which):
            return 1024 * int(line.split()[1])
    raise OSError(f"no {which} in /proc/self/status")


def measured(way: str, count: int) -> dict[str, float]:
    """One way for one number of atoms, in this process."""
    action = ways()[way]
    action(crystal(4000))
    atoms = crystal(count)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # forget what was at most
    before = resident("VmRSS")
    start = time.process_time()
    action(atoms)
    seconds = time.process_time() - start
    most = resident("VmHWM")
    return {
        "atoms": len(atoms),
        "atoms_per_second": len(atoms) / seconds,
        "bytes_per_atom": (most - before) / len(atoms),
        "resident_mb": most / 1e6,
    }


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--atoms", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--json")
    parser.add_argument("--one", nargs=2)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one[0], int(asked.one[1]))))
        return
    results = []
    for count in asked.atoms:
        for way in ways():
            command = [sys.executable, __file__, "--one", way, str(count)]
            alone = {**os.environ, **dict.fromkeys(THREADS, "1")}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=alone)
            result = {"way": way, **json.loads(done.stdout.splitlines()[-1])}
            results.append(result)
            print(
                f"{way:24} {result['atoms']:>9,} atoms {result['atoms_per_second']:>10,.0f} atoms/s"
                f" {result['bytes_per_atom']:>7,.0f} bytes/atom {result['resident_mb']:>6,.0f} MB"
            )
    if len(available()) == 1:
        sys.stderr.write(f"{LACKING}\n")
    if asked.json:
        with Path(asked.json).open("w") as stream:
            json.dump(results, stream, indent=1)


if __name__ == "__main__":
    main()
