"""Every random number comes from here, seeded by what it is for and never by names, order or worker count."""

from __future__ import annotations

import numpy as np

from structkit.store.files import digest


def seed_for(seed: int, *purpose: object) -> int:
    """A 64-bit seed from the pipeline's seed and what the numbers are for (component, settings, sample id)."""
    return int(digest([seed, *purpose])[:16], 16)


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """A generator of its own for one purpose."""
    return np.random.default_rng(seed_for(seed, *purpose))
