"""The plain methods that stand beside every network."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_baselines.atoms import AtomLogistic
    from structkit_baselines.logistic import LogisticClassifier
    from structkit_baselines.neighbours import NearestNeighbours
    from structkit_baselines.ridge import RidgeRegression
    from structkit_baselines.symmetry import SpaceGroup, SpaceGroupRule
    from structkit_baselines.trees import ExtraTrees

__all__ = [
    "AtomLogistic",
    "ExtraTrees",
    "LogisticClassifier",
    "NearestNeighbours",
    "RidgeRegression",
    "SpaceGroup",
    "SpaceGroupRule",
]
__getattr__ = exports(
    __name__,
    AtomLogistic="atoms",
    ExtraTrees="trees",
    LogisticClassifier="logistic",
    NearestNeighbours="neighbours",
    RidgeRegression="ridge",
    SpaceGroup="symmetry",
    SpaceGroupRule="symmetry",
)
