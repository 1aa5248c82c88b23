"""Flat configurations as pictures: particle images, pair histograms, and the names of what is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Curve, Picture, Scale
from structkit_particle_descriptors.local_order import FEWEST, MOST, OTHERS
from structkit_particle_descriptors.settings import (
    GlassMetricsSettings,
    LocalOrderSettings,
    PairHistogramSettings,
    ParticleImageSettings,
)

COLOURS = np.array([[0.60, 0.75, 1.0], [1.0, 0.55, 0.15], [0.4, 0.9, 0.5], [0.8, 0.5, 0.9]])
Arrays = Mapping[str, NDArray[Any]]
Words = Mapping[str, Any]


def picture(arrays: Arrays, settings: Words) -> Picture:
    """The species' channels in colours of their own on black, y upwards, with its size where that is set."""
    s = ParticleImageSettings(**settings)
    channels = arrays["image"][:-1]
    shares = channels / max(float(channels.max()), 1e-12)
    colours = np.resize(COLOURS, (len(channels), 3))
    mixed = np.clip(np.einsum("chw,ck->hwk", shares, colours), 0, 1)
    pixels = (255 * mixed[::-1]).astype(np.uint8)
    x, y = (Scale(way, -s.width / 2, s.width / 2) if s.width else None for way in ("x", "y"))
    inks = (255 * colours).astype(int).tolist()
    key = {name: f"#{r:02x}{g:02x}{b:02x}" for name, (r, g, b) in zip(s.species, inks, strict=True)}
    return Picture(pixels, x, y, key=key)


def histogram_curve(arrays: Arrays, settings: Words) -> Curve:
    """The pair distribution functions along the distance."""
    s = PairHistogramSettings(**settings)
    width = s.reach / s.bins
    names = ["-".join(pair) for pair in combinations_with_replacement(s.species, 2)]
    values = np.reshape(arrays["vector"], (len(names), s.bins))
    return Curve(width * (np.arange(s.bins) + 0.5), values, "distance r", "g(r)", names)


def metric_labels(settings: Words) -> list[str]:
    """What `glass-metrics` counts."""
    b = GlassMetricsSettings(**settings).b
    return [
        f"components of {b} per particle",
        f"{b}-{b} edges per particle",
        f"particles without {b} neighbour, per particle",
    ]


def order_labels(settings: Words) -> list[str]:
    """What `local-order` holds, in its order."""
    s = LocalOrderSettings(**settings)
    parts = {"bond-order": _orders, "shells": _shells, "angles": _angles}
    return [name for part in s.parts for name in parts[part](s)]


def _orders(s: LocalOrderSettings) -> Iterator[str]:
    for order in s.orders:
        for kind in s.species:
            yield f"|ψ{order}| of {kind}"
            yield f"|ψ{order}|² of {kind}"


def _shells(s: LocalOrderSettings) -> Iterator[str]:
    for kind in s.species:
        for count in range(FEWEST, MOST + 1):
            for others in range(OTHERS + 1):
                yield f"{kind} with {count} neighbours, {others} of them {s.species[1]}"


def _angles(s: LocalOrderSettings) -> Iterator[str]:
    middles = 180 / s.bins * (np.arange(s.bins) + 0.5)
    for kind in s.species:
        for a, b in combinations_with_replacement(s.species, 2):
            for middle in middles.tolist():
                yield f"angle {a}-{kind}-{b} of {middle:.0f}°"
