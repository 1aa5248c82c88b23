"""Which diffraction peaks carry a decision: an explainer's relevance, gathered by Bragg reflection and class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit.data.items.structure import to_sample
from structkit.data.table import Table
from structkit.evaluation.faithfulness import relevance
from structkit.evaluation.intervals import share_interval
from structkit.records import EXPLANATIONS
from structkit.run import Run, Section
from structkit_diffraction_fingerprint.geometry import detector
from structkit_diffraction_fingerprint.reflections import reflections
from structkit_diffraction_fingerprint.settings import FingerprintSettings, PowderImageSettings

Floats = NDArray[np.float64]
NEAR = 0.1  # 1/(neighbour distance): half the width of a peak of a cluster six neighbour distances wide
SHOWN = 3  # reflections of a class
BETWEEN = "between reflections"
HEADER = (
    "class",
    "reflection",
    "q, 1/d_nn",
    "share of the relevance, %",
    "share of the brightness, %",
    "crystals",
)


@dataclass(frozen=True)
class Share:
    """How much of one row's relevance and brightness lies at one reflection, each as a fraction of the whole."""

    q: float
    relevance: float
    brightness: float


def fingerprint_q(settings: Mapping[str, Any]) -> Floats:
    """Q = |h| of every pixel of a fingerprint, (size, size), in units of 1/(neighbour distance); NaN off the ring."""
    known = FingerprintSettings(**settings)
    found = detector(known)
    image = np.full(found.keep.shape, np.nan)
    image[found.keep] = np.linalg.norm(found.vectors, axis=1)
    return image


def powder_q(settings: Mapping[str, Any]) -> Floats:
    """q/2π = 1/d of every pixel of a powder image, (size, size), in units of 1/(neighbour distance)."""
    known = PowderImageSettings(**settings)
    column = np.linspace(known.smallest, known.largest, known.size) / (2 * np.pi)
    return np.tile(column, (known.size, 1))


AXES = {"diffraction-fingerprint": fingerprint_q, "powder-image": powder_q}


def sections(run: Run) -> Iterator[Section]:
    """One section for each explainer of a model on diffraction images."""
    for step in run.steps_with(EXPLANATIONS):
        (model,) = run.steps[step]["from"]
        features = run.steps[model]["from"]
        if len(features) == 1 and run.steps[features[0]]["use"].rpartition("/")[2] in AXES:
            yield _section(run, step, features[0], run.steps[model]["train_on"][0])


def _section(run: Run, step: str, features: str, origin: str) -> Section:
    title = f"Which diffraction peaks carry the decision ({step})"
    tests = run.faithfulness(step).get(origin, {"methods": {}})["methods"]
    passed = {
        method: test["over_random"]["value"] for method, test in tests.items() if test["passed"]
    }
    if not passed:
        return Section(title, ("No map passed its faithfulness tests, so none is read as peaks.",))
    method = max(passed, key=lambda name: passed[name])
    rows = list(_rows(_shares(run, step, features, origin, method)))
    paragraphs = (
        f"Read from the map that passed its tests with the widest margin, {method.replace('_', ' ')}, on the rows of "
        f"'{origin}'. Of each crystal, what speaks for the predicted class is gathered at the nearest reflection of "
        f"its undamaged structure (within {NEAR:g}/d_nn; d_nn = neighbour distance, q = 1/d); shares are means over "
        "the crystals of a class with 95 % intervals over groups. Beside them, how much of the brightness is there.",
    )
    return Section(
        title, paragraphs if rows else (*paragraphs, "No explained row is a crystal."), HEADER, rows
    )


def _shares(
    run: Run, step: str, features: str, origin: str, method: str
) -> dict[str, list[tuple[str, dict[str, Share]]]]:
    """Of every label, (group, shares by reflection) of each explained row of an origin."""
    facts = run.steps[features]
    q = AXES[facts["use"].rpartition("/")[2]](facts["with"])
    images, explained = _by_id(run.table(features), origin), _by_id(run.table(step), origin)
    crystals = _crystals(run, origin)
    found: dict[str, list[tuple[str, dict[str, Share]]]] = {}
    for name, (table, index) in explained.items():
        row, parent = table.rows[index], name.partition("#")[0]
        if row.label is None or parent not in crystals:
            continue
        arrays = {key: table.item(key, index) for key in table.arrays}
        image = np.abs(images[name][0].item("image", images[name][1])).sum(axis=0)
        shares = row_shares(
            relevance(arrays)[method], image, q, crystals[parent], facts["with"]["scale"]
        )
        found.setdefault(row.label, []).append((row.group, shares))
    return found


def row_shares(
    found: Floats, image: Floats, q: Floats, crystal: Atoms, scale: str
) -> dict[str, Share]:
    """The shares of one row by reflection.

    Args:
        found: relevance, (height, width); what speaks against the class is left out.
        image: brightness, (height, width).
        q: of every pixel, (height, width); NaN where there is no detector.
        crystal: the undamaged structure.
        scale: the neighbour distance that is one.
    """
    seen = np.isfinite(q)
    peaks = reflections(crystal, float(q[seen].max()) + NEAR, scale)
    distance = np.abs(q[seen][:, None] - np.array([peak.q for peak in peaks]))
    nearest = np.where(distance.min(axis=1) <= NEAR, distance.argmin(axis=1), len(peaks))
    sums = [np.bincount(nearest, np.clip(v[seen], 0, None), len(peaks) + 1) for v in (found, image)]
    parts = [total / (total.sum() or 1.0) for total in sums]
    names = [(peak.indices, peak.q) for peak in peaks] + [(BETWEEN, np.nan)]
    return {
        name: Share(at, float(parts[0][i]), float(parts[1][i]))
        for i, (name, at) in enumerate(names)
    }


def _rows(
    shares: Mapping[str, Sequence[tuple[str, dict[str, Share]]]],
) -> Iterator[tuple[str, ...]]:
    for label, rows in sorted(shares.items()):
        groups = [group for group, _ in rows]
        names = list(dict.fromkeys(name for _, row in rows for name in row))
        nothing = Share(np.nan, 0.0, 0.0)
        gathered = {name: [row.get(name, nothing) for _, row in rows] for name in names}
        means = {
            name: float(np.mean([share.relevance for share in found]))
            for name, found in gathered.items()
        }
        for name in sorted(names, key=lambda n: -means[n])[:SHOWN]:
            found = gathered[name]
            values = np.array([share.relevance for share in found])
            brightness = 100 * float(np.mean([share.brightness for share in found]))
            share = _percent(float(values.mean()), share_interval(values, groups))
            yield (
                label,
                name,
                _range([share.q for share in found]),
                share,
                f"{brightness:.0f}",
                str(len(rows)),
            )


def _percent(value: float, interval: Sequence[float] | None) -> str:
    return f"{100 * value:.0f}" + (
        f" [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]" if interval else ""
    )


def _range(values: Sequence[float]) -> str:
    known = [value for value in values if np.isfinite(value)]
    if not known:
        return "–"
    low, high = min(known), max(known)
    return f"{low:.2f}" if high - low < 0.005 else f"{low:.2f} to {high:.2f}"


def _by_id(table: Table, origin: str) -> dict[str, tuple[Table, int]]:
    return {row.id: (table, index) for index, row in enumerate(table.rows) if row.origin == origin}


def _crystals(run: Run, origin: str) -> dict[str, Atoms]:
    """The structures of the sources behind an origin, by id, where they are periodic in three directions."""
    sources, todo = set(), [origin.rpartition("+")[2]]
    while todo:
        step = todo.pop()
        before = run.steps[step]["from"]
        todo.extend(before)
        sources |= set() if before else {step}
    tables = [run.table(step) for step in sorted(sources)]
    samples = [to_sample(table, index) for table in tables for index in range(len(table))]
    return {sample.id: sample.atoms for sample in samples if sample.atoms.pbc.all()}
