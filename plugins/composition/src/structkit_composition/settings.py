"""Settings of the descriptor and of the source."""

from __future__ import annotations

from typing import Literal

from structkit import Settings

Features = Literal["properties", "fractions", "random", "mat2vec"]


class CompositionSettings(Settings):
    """What a composition is described by."""

    features: Features = "properties"
    """mean, mean deviation and range of 22 properties of the elements (66 numbers); the atomic fractions themselves
    (118 numbers); the same three statistics of 22 random numbers an element, which know no chemistry; or of the 200
    numbers of mat2vec, which were learnt from abstracts (600 numbers; needs the package ElementEmbeddings)"""


class EnergySettings(CompositionSettings):
    """How a compound is described, and what a split never parts."""

    group: Literal["chemical-system", "anion"] = "chemical-system"
    """what a split never parts: compounds of the same elements, or compounds with the same most electronegative
    element, which asks for chemistry that was never seen"""
