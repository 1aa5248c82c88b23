"""Right atoms and refused liquids of several tools, each at one setting, in one run.

build/ovito/bin/python plugins/local-structure/benchmarks/atoms_accuracy.py ../shared/data/md_local/dev.extxyz.gz

Of molecular dynamics with a truth for every atom: the share of the atoms of a crystal that is called
its lattice, and of the atoms of a liquid that is called none of the lattices, in per cent; in
brackets 95 % over trajectories. Atoms without an honest label are left out. Process time, one thread,
over the same frames, after one that warms everything up. Without OVITO, ours alone is measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OVITO_THREAD_COUNT")
os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is imported

import numpy as np  # noqa: E402
from ase import Atoms  # noqa: E402
from ase.io import read  # noqa: E402
from tools import LACKING, LATTICES, OURS, Names, Tool, available  # noqa: E402

from structkit.evaluation.intervals import share_interval  # noqa: E402


@dataclass
class Scores:
    """Shares of frames of one kind, with their trajectories."""

    shares: list[float] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    atoms: int = 0

    def words(self) -> str:
        """The mean in per cent, with its interval where there are several trajectories."""
        if not self.shares:
            return "–"
        mean = f"{100 * float(np.mean(self.shares)):.1f}"
        if len(set(self.groups)) < 2:
            return mean
        interval = share_interval(np.array(self.shares), self.groups, units=self.atoms)
        return f"{mean} [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]" if interval else mean


def kind_of(frame: Atoms) -> str:
    """What a frame is a test of."""
    kind, element = frame.info["kind"], frame.info["element"]
    if kind == "crystal":
        return f"{element} at {frame.info['fraction_of_melting']:g} T_m"
    return f"{element} {kind}".replace("_", " ")


def share(frame: Atoms, said: Names) -> tuple[float, int]:
    """The share of the labelled atoms of a frame that is right, and their number."""
    truth = frame.arrays["structure"]
    known = truth != "unknown"
    liquid = truth == "liquid"
    right = np.where(liquid, ~np.isin(said, LATTICES), said == truth)
    return float(right[known].mean()), int(known.sum())


def measured(tool: Tool, frames: Sequence[Atoms]) -> tuple[dict[str, Scores], float]:
    """Scores by kind, and atoms per second of process time; of lattices that a tool does not know, none."""
    tool.classify(frames[0])
    scores: dict[str, Scores] = {}
    start = time.process_time()
    answers = [tool.classify(frame) for frame in frames]
    seconds = time.process_time() - start
    for frame, said in zip(frames, answers, strict=True):
        if {*frame.arrays["structure"]} - {"liquid", "unknown"} - {*tool.lattices}:
            continue
        right, atoms = share(frame, said)
        kind = scores.setdefault(kind_of(frame), Scores())
        kind.shares.append(right)
        kind.groups.append(str(frame.info["group"]))
        kind.atoms += atoms
    return scores, sum(map(len, frames)) / seconds


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    frames = read(parser.parse_args().data, ":")
    tools = available()
    results = {name: measured(tool, frames) for name, tool in tools.items()}
    print(f"| right % | {' | '.join(results)} |")
    print(f"|---{'|---' * len(results)}|")
    for kind in results[OURS][0]:
        cells = [scores.get(kind, Scores()).words() for scores, _ in results.values()]
        print(f"| {kind} | {' | '.join(cells)} |")
    speeds = [f"{speed:,.0f}" for _, speed in results.values()]
    print(f"| atoms/s | {' | '.join(speeds)} |")
    if len(results) == 1:
        sys.stderr.write(f"{LACKING}\n")


if __name__ == "__main__":
    main()
