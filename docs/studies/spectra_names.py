"""The study's names of lines: how often the lattice of a film's class names its lines, and how often another would."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from structkit import Table
from structkit_powder_spectra.naming import named_lines
from structkit_powder_spectra.network_settings import SpectrumMapSettings

# lattices of the literature, in the middle of what halogens make of them; Pc and P2₁/a have none at hand
LATTICES = {
    "Fm-3m": {"spacegroup": 225, "cell": (11.3, 11.3, 11.3, 90, 90, 90)},
    "I4Imcm": {"spacegroup": 140, "cell": (8.6, 8.6, 12.3, 90, 90, 90)},
    "P3m1": {"spacegroup": 164, "cell": (8.2, 8.2, 10.1, 90, 90, 120)},
    "P61mmc": {"spacegroup": 194, "cell": (8.4, 8.4, 21.1, 90, 90, 120)},
    "pm-3m": {"spacegroup": 221, "cell": (6.12, 6.12, 6.12, 90, 90, 90)},
}
STRAIN = 0.04


def table(films: Table) -> Iterator[str]:
    """Of each class, the films whose lines its lattice names, and those that the lattices of others would."""
    yield "| class | films | named by its lattice | of twelve lines | lattices of others that would name some |"
    yield "|---|---|---|---|---|"
    for label in LATTICES:
        rows = [row for row, own in enumerate(films.labels) if own == label]
        shares = np.array([[_share(films, row, other) for other in LATTICES] for row in rows])
        own = shares[:, list(LATTICES).index(label)]
        others = dict(zip(LATTICES, (shares > 0).sum(axis=0).tolist(), strict=True))
        words = [f"{name} {count}" for name, count in others.items() if count and name != label]
        of_lines = f"{12 * own[own > 0].mean():.0f}" if own.any() else "–"
        named = int((own > 0).sum())
        yield f"| {label} | {len(rows)} | {named} | {of_lines} | {', '.join(words) or '–'} |"


def _share(films: Table, row: int, lattice: str) -> float:
    """How many of a film's strongest lines have names; none where the lattice fits no better than by chance."""
    settings = SpectrumMapSettings(lattices={"x": LATTICES[lattice]}, lattice_strain=STRAIN)
    arrays = {name: films.item(name, row) for name in ("spectrum", "axis")}
    planes = named_lines(arrays, [], settings, "x")["line_planes"]
    return float(planes.any(axis=1).mean())
