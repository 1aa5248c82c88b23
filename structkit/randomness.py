"""Every random number comes from here, seeded by what it is for and never by names, order or worker count."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from structkit.store.files import digest


def seed_for(seed: int, *purpose: object) -> int:
    """A 64-bit seed from the pipeline's seed and what the numbers are for (component, settings, sample id)."""
    return int(digest([seed, *purpose])[:16], 16)


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """A generator of its own for one purpose."""
    return np.random.default_rng(seed_for(seed, *purpose))


def seed_everything(seed: int) -> None:
    """Seed the random numbers that are one for the whole process, of Python, numpy and torch.

    Args:
        seed: of 32 bits.
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (for whoever draws from it)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)


@contextmanager
def chance_restored() -> Iterator[None]:
    """Put the random numbers of the whole process back where they were before a block."""
    own, numbers = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch = sys.modules.get("torch")
    state = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(own)
        np.random.set_state(numbers)  # noqa: NPY002
        if torch:
            torch.set_rng_state(state)
