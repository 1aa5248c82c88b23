"""Settings of the descriptors of atoms."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from structkit import Settings


class CosineSettings(Settings):
    """Which bonds are looked at."""

    neighbours: int = Field(12, ge=2, le=50)
    """nearest neighbours whose bonds are taken; ties are kept"""
    average: bool = False
    """whether the mean over an atom and its neighbours is given beside the atom's own numbers"""
    reach: float = Field(10.0, gt=0)
    """distance within which an atom must have its neighbours, in the unit of the positions"""


class EnvironmentSettings(Settings):
    """Nothing can be set: a trained model stands for one way of seeing."""


class AverageSettings(Settings):
    """Nothing can be set: a trained model stands for one way of seeing."""


class KnownSettings(Settings):
    """How many structures of each kind."""

    bulk: int = Field(480, ge=0)
    """strained lattices with noise"""
    vacancies: int = Field(720, ge=0)
    """lattices of which 1 to 27 % of the atoms are gone"""
    faults: int = Field(160, ge=0)
    """close-packed layers and diamond with stacking faults"""
    slabs: int = Field(48, ge=0)
    """lattices with two surfaces"""
    particles: int = Field(96, ge=0)
    """particles with faces, icosahedra, decahedra"""
    polycrystals: int = Field(60, ge=0)
    """grains at random orientations"""
    interfaces: int = Field(48, ge=0)
    """crystals beside their melt"""
    liquids: int = Field(60, ge=0)
    """melts"""
    glasses: int = Field(24, ge=0)
    """melts that were cooled quickly"""
    packings: int = Field(80, ge=0)
    """random points, pushed apart or not"""
    motifs: int = Field(800, ge=0)
    """random crystals that are none of the known lattices"""


class OrderedSettings(Settings):
    """How many structures."""

    structures: int = Field(400, ge=0)
    """crystals that are made of a known lattice and are another"""


class NetworkSettings(Settings):
    """Settings of the networks and of their training."""

    hidden: list[int] = Field([64, 64], min_length=1, max_length=4)
    """units of each hidden layer"""
    networks: int = Field(3, ge=1, le=20)
    """networks whose logarithms of probabilities are averaged"""
    epochs: int = Field(10, ge=1, le=10_000)
    """passes over the atoms that are learnt from"""
    batch_size: int = Field(1024, ge=2, le=1_000_000)
    """atoms per step"""
    learning_rate: float = Field(3e-3, gt=0)
    """of AdamW at the beginning; it falls to nothing along half a cosine"""
    weight_decay: float = Field(1e-3, ge=0)
    """of AdamW"""
    weights: dict[str, float] = {}
    """how much atoms count by the label of their structure (`vacancies: 3`), or by label and class (`vacancies/2: 6`)"""
    class_weights: dict[str, float] = {}
    """how much a class counts beside the others, which count alike"""


class FeatureMapSettings(Settings):
    """Which maps are made."""

    methods: tuple[Literal["gradient-x-input", "integrated-gradients", "occlusion"], ...] = Field(
        ("gradient-x-input", "integrated-gradients", "occlusion"), min_length=1
    )
    """how relevance is measured"""
    steps: int = Field(32, ge=2, le=1000)
    """points on the way from no order, for integrated gradients"""


class NeighbourMapSettings(Settings):
    """Which neighbours are tried."""

    neighbours: int = Field(42, ge=1, le=500)
    """nearest neighbours that are taken away, one after the other"""
