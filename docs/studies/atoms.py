"""The ready model of lattices, measured; writes atoms.md.

.venv/bin/python docs/studies/atoms.py ../shared/data [--speed FILE] [--beside FILE]

The files are what the benchmarks said (plugins/local-structure/benchmarks): atoms_speed.py with --json,
and the table that atoms_accuracy.py prints.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from atoms_data import Frame, dynamics, left_out, snapshots, synthetic, trembling
from numpy.typing import NDArray

from structkit.evaluation.intervals import share_interval
from structkit.recognised import Recognised
from structkit.store.files import write_text
from structkit_local_structure.making.built import (
    BCC,
    CLASSES,
    DIAMOND,
    DISORDERED,
    FCC,
    HCP,
    OTHER,
)
from structkit_neighbours import pairs
from structkit_ready_models import Lattices

HERE = Path(__file__).parent
UNMEASURED = "Not measured with this page."
BINS = 15  # of the calibration
SPREADS = (0.03, 0.06, 0.08)  # of the lattices that were left out
Ints = NDArray[np.int64]


@dataclass
class Judged:
    """Frames of one kind with what was said of them."""

    frames: list[Frame] = field(default_factory=list)
    said: list[Recognised] = field(default_factory=list)

    def share(self, truth: int, said: Iterable[int] | None = None) -> str:
        """Of atoms of a class, the share in per cent that was called a class of `said`, with an interval."""
        wanted = [truth] if said is None else list(said)
        shares, groups, units = [], [], 0
        for frame, result in zip(self.frames, self.said, strict=True):
            mine = frame.truth == truth
            if mine.any():
                shares.append(float(np.isin(result.structure[mine], wanted).mean()))
                groups.append(frame.group)
                units += int(mine.sum())
        return told(shares, groups, units)


def told(shares: Sequence[float], groups: Sequence[str], units: int) -> str:
    """The mean over frames in per cent; an interval over trajectories where there are several."""
    if not shares:
        return "–"
    mean = f"{100 * float(np.mean(shares)):.1f}"
    if len(set(groups)) < 2:
        return mean
    interval = share_interval(np.array(shares), list(groups), units=units)
    return f"{mean} [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]" if interval else mean


def judged(frames: Iterable[Frame]) -> dict[str, Judged]:
    """Recognise frames; by group."""
    model, found = Lattices(), dict[str, Judged]()
    for frame in frames:
        one = found.setdefault(frame.group, Judged())
        one.frames.append(frame)
        one.said.append(model.recognise(frame.atoms, frame.group))
    return found


def merged(parts: Iterable[Judged]) -> Judged:
    """Several groups as one."""
    whole = Judged()
    for part in parts:
        whole.frames += part.frames
        whole.said += part.said
    return whole


def crystals_rows(found: dict[str, Judged]) -> Iterator[list[str]]:
    """Crystals by element and temperature."""
    for element, lattice in (
        ("Al_fcc", FCC),
        ("Fe_bcc", BCC),
        ("Mg_hcp", HCP),
        ("Si_diamond", DIAMOND),
    ):
        parts = [found[f"{element}_{t}"].share(lattice) for t in ("0.5", "0.8", "1.0")]
        yield [element.replace("_", " "), *parts]


def disordered_row(found: dict[str, Judged]) -> list[str]:
    """Liquids: told disordered, called a lattice, called none of these; by element."""
    cells = []
    for element in ("Al", "Fe", "Mg", "Si"):
        liquid = merged(j for group, j in found.items() if group.startswith(f"{element}_liquid"))
        lattices = liquid.share(DISORDERED, range(DISORDERED))
        cells.append(
            f"{liquid.share(DISORDERED)} · {lattices} · {liquid.share(DISORDERED, [OTHER])}"
        )
    return cells


def offset(part: Judged) -> float:
    """How far the border of the crystal is put into the melt, in nearest-neighbour distances."""
    offsets = []
    for frame, result in zip(part.frames, part.said, strict=True):
        height = frame.atoms.cell.lengths()[2]
        z = np.mod(frame.atoms.positions[:, 2], height)
        low, high = sorted(frame.atoms.info["interface_z_A"])
        inside = (z > low) & (z < high)
        crystal = frame.truth == FCC
        true_width = high - low if inside[crystal].mean() > 0.5 else height - (high - low)
        lattice = result.structure < DISORDERED
        counts, edges = np.histogram(z, bins=int(height / 2), range=(0, height))
        crystalline, _ = np.histogram(z[lattice], bins=edges)
        width = float((crystalline / np.maximum(counts, 1)).sum() * height / len(counts))
        offsets.append((width - true_width) / 2 / 2.86)
    return float(np.mean(offsets))


def near_fault(part: Judged) -> str:
    """Fcc atoms within two layers of an hcp atom that are told right, in per cent."""
    right = total = 0
    for frame, result in zip(part.frames, part.said, strict=True):
        near = pairs(frame.atoms, 4.9)
        beside = np.zeros(len(frame.truth), dtype=bool)
        np.logical_or.at(beside, near.first, frame.truth[near.second] == HCP)
        mine = beside & (frame.truth == FCC)
        right += int((result.structure[mine] == FCC).sum())
        total += int(mine.sum())
    return f"{100 * right / total:.1f}"


def unlabelled(part: Judged, strange: Sequence[int]) -> str:
    """The share of atoms without a label that were called one of some classes, in per cent."""
    counts = [
        (np.isin(r.structure[f.truth < 0], strange).sum(), (f.truth < 0).sum())
        for f, r in zip(part.frames, part.said, strict=True)
    ]
    hits, total = np.sum(counts, axis=0)
    return f"{100 * hits / total:.1f}"


def calibration(part: Judged) -> tuple[float, float]:
    """Mean confidence less accuracy, and the expected calibration error over bins of confidence."""
    confidence, right = [], []
    for frame, result in zip(part.frames, part.said, strict=True):
        known = frame.truth >= 0
        confidence.append(result.confidence[known])
        right.append(result.structure[known] == frame.truth[known])
    sure, true = np.concatenate(confidence), np.concatenate(right)
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(sure[places == b].mean() - true[places == b].mean()))
        * float((places == b).mean())
        for b in range(BINS)
        if (places == b).any()
    ]
    return float(sure.mean() - true.mean()), float(np.sum(gaps))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(head), " | ".join(["---"] * len(head)), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def synthetic_rows() -> Iterator[list[str]]:
    """Noise and vacancies, by lattice."""
    kinds = [("σ .06", 0.0, 0.06), ("σ .09", 0.0, 0.09), ("σ .12", 0.0, 0.12)]
    kinds += [(f"σ .06, {share:.0%} vacancies", share, 0.06) for share in (0.05, 0.1, 0.25)]
    for name, share, spread in kinds:
        found = merged(judged(synthetic(share, spread, 7)).values())
        yield [name, *(found.share(lattice) for lattice in range(DISORDERED))]


def left_out_rows() -> Iterator[list[str]]:
    """Lattices left out: flagged at three levels of noise, and what they are called else."""
    model = Lattices()
    for name, atoms in left_out().items():
        cells, counts = [], np.zeros(len(CLASSES))
        for number, spread in enumerate(SPREADS):
            result = model.recognise(trembling(atoms, spread, number), name)
            cells.append(f"{100 * (result.structure == OTHER).mean():.1f}")
            counts += np.bincount(result.structure, minlength=len(CLASSES)) / len(result)
        most = int(counts[:OTHER].argmax())
        yield [name, *cells, CLASSES[most] if counts[most] > 0.02 else "–"]


def other_rows(found: dict[str, Judged]) -> Iterator[list[str]]:
    """Vacancies, an interface, planes, boundaries, a particle."""
    for name, share in (("vac_0.05", 5), ("vac_0.1", 10), ("vac_0.25_nvt0.3", 25)):
        yield [f"Al, {share} % vacancies", found[f"Al_{name}"].share(FCC)]
    yield ["Fe, 5 % vacancies", found["Fe_vac_0.05"].share(BCC)]
    interface = found["Al_interface"]
    yield ["interface: fcc · melt", f"{interface.share(FCC)} · {interface.share(DISORDERED)}"]
    yield [
        "interface: how far its border is put into the melt, in d_nn",
        f"{offset(interface):+.2f}",
    ]
    for name, group in (("stacking fault", "Al_sf_0.8"), ("twin", "Al_twin_0.8")):
        plane = found[group]
        yield [f"{name}: hcp · fcc within two layers", f"{plane.share(HCP)} · {near_fault(plane)}"]
    poly, toy, particle = found["Al_poly_0.6"], found["toy_dev"], found["Al_np_wulff_0.5"]
    yield ["polycrystal of Al: inside its grains", poly.share(FCC)]
    yield [
        "… boundary atoms called a class that no grain has",
        unlabelled(poly, (1, 2, 3, 4, 5, 7)),
    ]
    yield ["toy polycrystal: fcc · bcc", f"{toy.share(FCC)} · {toy.share(BCC)}"]
    yield ["… boundary atoms called a class that no grain has", unlabelled(toy, (1, 3, 4, 5, 7))]
    yield ["particle of Al: inside", particle.share(FCC)]
    yield ["… surface called a lattice", unlabelled(particle, range(DISORDERED))]


def numbers(folder: Path) -> dict[str, Any]:
    """Everything that the page tells."""
    found = judged(dynamics(folder))
    at_melting = merged(
        found[f"{name}_1.0"] for name in ("Al_fcc", "Fe_bcc", "Mg_hcp", "Si_diamond")
    )
    alarms = [float((r.structure == OTHER).mean()) for r in at_melting.said]
    gap, error = calibration(merged(found.values()))
    shots = judged(snapshots(folder))
    return {
        "CRYSTALS": table(["", "0.5 T_m", "0.8 T_m", "1.0 T_m"], crystals_rows(found)),
        "LIQUIDS": table(["Al", "Fe", "Mg", "Si"], [disordered_row(found)]),
        "OTHERS": table(["what", "right %"], other_rows(found)),
        "SYNTHETIC": table(["", *CLASSES[:DISORDERED]], synthetic_rows()),
        "LEFT_OUT": table(
            ["lattice", *(f"σ {s:.2f}" for s in SPREADS), "else called"], left_out_rows()
        ),
        "ALARMS": f"{100 * max(alarms):.1f}",
        "CALIBRATION": f"{error:.3f}",
        "GAP": f"{gap:+.3f}",
        "SNAPSHOTS": table(
            ["snapshots", "frames", "right %"],
            [
                [name, str(len(p.frames)), p.share(int(p.frames[0].truth[0]))]
                for name, p in shots.items()
            ],
        ),
    }


def speed_table(path: Path | None) -> str:
    """What the benchmark measured."""
    if path is None:
        return UNMEASURED
    rows = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        [
            r["way"],
            f"{r['atoms']:,}",
            f"{r['atoms_per_second']:,.0f}",
            f"{r['bytes_per_atom']:.0f}",
            f"{r['resident_mb']:.0f}",
        ]
        for r in rows
    ]
    return table(["", "atoms", "atoms/s", "bytes/atom", "MB resident"], cells)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--speed", type=Path)
    parser.add_argument("--beside", type=Path)
    asked = parser.parse_args()
    page = (HERE / "atoms_text.md").read_text(encoding="utf-8")
    beside = asked.beside.read_text(encoding="utf-8").strip() if asked.beside else UNMEASURED
    told = {**numbers(asked.data), "SPEED": speed_table(asked.speed), "BESIDE": beside}
    for name, text in told.items():
        page = page.replace(f"{{{name}}}", text)
    write_text(HERE / "atoms.md", page)


if __name__ == "__main__":
    main()
