"""Close-packed stacks: layers one upon the other, each over one of the two hollows of the last.

A stack is told by its steps (Hägg's symbols): +1 where a layer lies one hollow further than the
layer below (A to B, B to C, C to A), -1 where it lies one hollow back.
Source: G. Hägg, Arkiv för Kemi, Mineralogi och Geologi 16B, 1 (1943).
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import bulk
from numpy.typing import NDArray

Steps = NDArray[np.int64]

LATTICE = "lattice"  # the per-atom array with the truth
FCC, HCP = 1, 2
LETTERS = "ABC"


def steps_of(letters: str) -> Steps:
    """Read a stack that is written in letters, such as `ABC` (fcc) or `AB` (hcp).

    The first layer follows the last.

    Returns:
        +1 or -1 from each layer to the next, int64 (layers).

    Raises:
        ValueError: another letter, or two equal neighbours.
    """
    places = np.array([LETTERS.index(letter) for letter in letters], dtype=np.int64)
    ahead = (np.roll(places, -1) - places) % 3
    if (ahead == 0).any():
        raise ValueError(f"two neighbouring layers of '{letters}' are equal")
    return np.where(ahead == 1, 1, -1).astype(np.int64)


def letters_of(steps: Steps) -> str:
    """Write the layers of a stack as letters, from A."""
    return "".join(LETTERS[place] for place in _places(steps))


def surroundings(steps: Steps) -> NDArray[np.int64]:
    """Tell what each layer is by its two neighbours.

    Returns:
        int64 (layers): 1 (fcc) where the layers above and below differ, 2 (hcp) where not.
    """
    turns = np.roll(steps, 1) != steps
    return np.where(turns, HCP, FCC).astype(np.int64)


def close_packed(
    steps: Steps,
    symbol: str,
    repeats: int = 4,
    distance: float | None = None,
) -> Atoms:
    """Build a close-packed crystal with ideal c/a from the steps of its stack.

    The crystal is periodic in three directions. Where the steps do not add up to a multiple of
    three, the third cell vector leans by one or two hollows, so that the first layer follows the
    last as the last step says.

    Args:
        steps: +1 or -1 from each layer to the next, and from the last to the first; int64 (layers).
        symbol: of the element.
        repeats: atoms along each side of a layer.
        distance: between nearest neighbours, in Å; default: that of the element.

    Returns:
        layers × repeats² atoms; `arrays["lattice"]` has for each what `surroundings` says.
    """
    apart = nearest_distance(symbol) if distance is None else distance
    sides = apart * np.array([[1.0, 0.0, 0.0], [0.5, np.sqrt(3) / 2, 0.0]])
    hollow = sides.sum(axis=0) / 3
    rise = np.array([0.0, 0.0, apart * np.sqrt(2 / 3)])
    first, second = np.divmod(np.arange(repeats**2), repeats)
    layer = np.stack([first, second], axis=1) @ sides
    heights = np.arange(len(steps))
    origins = np.outer(_places(steps), hollow) + np.outer(heights, rise)
    positions = (origins[:, None, :] + layer[None, :, :]).reshape(-1, 3)
    last = len(steps) * rise + (steps.sum() % 3) * hollow
    atoms = Atoms([symbol] * len(positions), positions, cell=[*(repeats * sides), last], pbc=True)
    atoms.set_array(LATTICE, np.repeat(surroundings(steps), repeats**2))
    return atoms


def nearest_distance(symbol: str) -> float:
    """Give the distance of nearest neighbours, in Å, at the density of the element."""
    crystal = bulk(symbol)
    return float((np.sqrt(2) * crystal.get_volume() / len(crystal)) ** (1 / 3))


def _places(steps: Steps) -> NDArray[np.int64]:
    """The place of each layer, 0 (A), 1 (B) or 2 (C)."""
    places: NDArray[np.int64] = (np.cumsum(steps) - steps) % 3
    return places
