"""The plain methods that stand beside every network."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_baselines.atoms import AtomLogistic
    from structkit_baselines.logistic import LogisticClassifier
    from structkit_baselines.neighbours import NearestNeighbours
    from structkit_baselines.symmetry import SpaceGroup, SpaceGroupRule

__all__ = [
    "AtomLogistic",
    "LogisticClassifier",
    "NearestNeighbours",
    "SpaceGroup",
    "SpaceGroupRule",
]
__getattr__ = exports(
    __name__,
    AtomLogistic="atoms",
    LogisticClassifier="logistic",
    NearestNeighbours="neighbours",
    SpaceGroup="symmetry",
    SpaceGroupRule="symmetry",
)
