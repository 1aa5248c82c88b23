"""Settings of the baselines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from structkit import Settings

# The classes that a space group can decide, when the structure is known to be an element.
GROUPS = {
    "sc": (221,), "bcc": (229,), "fcc": (225,), "diamond": (227,), "hcp": (194,), "bct139": (139,), "bct141": (141,),
    "rhombohedral": (166,), "hexagonal-rhombohedral": (194, 166),
}  # fmt: skip


class LogisticSettings(Settings):
    """How strongly the weights are held back."""

    strength: float = Field(100.0, gt=0)
    """inverse of the L2 penalty (C of scikit-learn), for features scaled to a mean square of one"""
    iterations: int = Field(500, ge=1)
    """of the optimiser (L-BFGS), at most"""


class AtomLogisticSettings(Settings):
    """How strongly the weights are held back."""

    strength: float = Field(1.0, gt=0)
    """inverse of the L2 penalty (C of scikit-learn), for standardised features"""
    iterations: int = Field(500, ge=1)
    """of the optimiser (L-BFGS), at most"""


class NeighbourSettings(Settings):
    """How many neighbours vote."""

    neighbours: int = Field(1, ge=1)
    """training rows that vote, the nearest ones"""
    metric: Literal["euclidean", "cosine"] = "euclidean"
    """what is near: the Euclidean distance, or the angle between rows, which does not see their scale"""


class TreesSettings(Settings):
    """How many trees are grown, and how."""

    trees: int = Field(300, ge=1, le=100_000)
    """trees that are averaged"""
    min_leaf: int = Field(1, ge=1)
    """training rows in a leaf, at least"""
    max_features: float = Field(0.33, gt=0, le=1)
    """fraction of the features that a node may choose from, drawn anew at each"""


class RidgeSettings(Settings):
    """How strongly the weights are held back."""

    penalty: float = Field(1.0, gt=0)
    """factor of the squared weights (alpha of scikit-learn), for features of variance one"""


class SpaceGroupSettings(Settings):
    """How near to symmetric a structure must be."""

    symprec: float = Field(0.1, gt=0, le=5)
    """spglib's distance tolerance, in Å"""
    angle_tolerance: float = Field(5.0, ge=-1, le=45)
    """spglib's angle tolerance, in degrees; -1: it derives one from symprec"""


class RuleSettings(Settings):
    """Which space groups mean which label."""

    groups: dict[str, tuple[int, ...]] = Field(GROUPS)
    """international numbers of each label; a label that is a number means that group itself"""
