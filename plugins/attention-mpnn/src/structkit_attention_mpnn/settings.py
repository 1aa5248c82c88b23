"""Settings of the graphs, the network, its explanations, and the other views of a configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from structkit import Settings
from structkit_torch_training import TrainingSettings


class GraphSettings(Settings):
    """Who is joined to whom, and what is said of them. No absolute coordinates: only distances and species."""

    neighbours: Literal["nearest", "cutoff", "voronoi"] = "nearest"
    """the k nearest (ties included; either end may choose), all within a cutoff, or those whose Voronoi cells touch"""
    k: int = Field(6, ge=1, le=200)
    """of `nearest`"""
    cutoff: float = Field(1.5, gt=0)
    """of `cutoff`, in units of the distances"""
    smallest_facet: float = Field(0.05, ge=1e-6, lt=1)
    """of `voronoi`: facets smaller than this fraction of the largest of both cells do not join"""
    scale: Literal["none", "mean"] = "none"
    """unit of the distances: that of the positions, or the mean nearest-neighbour distance of the structure"""
    species: bool = True
    """whether the species of the particles are given; without, an element never seen in training is no hindrance"""
    angles: bool = False
    """whether each edge also has the cosines between it and the two most nearly parallel edges at its receiver"""


class MpnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    hidden: int = Field(64, ge=1, le=4096)
    """size of the messages"""
    depth: int = Field(3, ge=1, le=32)
    """rounds of message passing"""
    attention: Literal["bonds", "dot", "none"] = "bonds"
    """over the bonds of each graph, as the paper has it; dot products of neighbours with an edge bias; or none"""
    heads: int = Field(4, ge=1, le=64)
    """independent attentions; must divide `hidden`"""
    pooling: Literal["mean", "attention"] = "mean"
    """how particles become a graph"""
    pair_path: bool = False
    """whether a linear path leads from a graph's partial pair distributions to the logits, beside the messages: for
    faint differences and few graphs"""
    dropout: float = Field(0.1, ge=0, lt=1)
    """fraction of a message that is dropped while training"""
    basis: int = Field(16, ge=2, le=256)
    """Gaussians that a distance is spread over, from the 0.1 % to the 99.9 % quantile of the training data"""
    schedule: Literal["constant", "cosine"] = "cosine"
    """of the learning rate: as it is, or falling from it to nothing along half a cosine over all epochs"""
    exact_norms: bool = True
    """whether batch norms are given the statistics of the whole training part after each epoch, not running averages"""
    backend: Literal["auto", "dgl", "torch"] = "auto"
    """engine of the message passing; auto: dgl on the CPU where it is installed"""
    preset: Literal["paper"] | None = None
    """paper: hidden 870, depth 3, one head, dropout 0.5, mean pooling (Swanson 2020)"""

    @model_validator(mode="after")
    def _heads_fit(self) -> MpnnSettings:
        if self.hidden % self.heads:
            raise ValueError(f"heads {self.heads} does not divide hidden {self.hidden}")
        return self

    @model_validator(mode="before")
    @classmethod
    def _papers_configuration(cls, values: dict[str, object]) -> dict[str, object]:
        if isinstance(values, dict) and values.get("preset") == "paper":
            paper = {"hidden": 870, "depth": 3, "heads": 1, "dropout": 0.5, "attention": "bonds", "pooling": "mean"}
            clash = [name for name in paper if name in values and values[name] != paper[name]]
            if clash:
                raise ValueError(f"preset: paper sets {clash[0]} to {paper[clash[0]]}; leave one of them out")
            return {**values, **paper}
        return values


class GlassMetricsSettings(Settings):
    """The three structural metrics of Swanson 2020."""

    k: int = Field(2, ge=1, le=50)
    """nearest neighbours that each particle is joined to (either end may choose)"""
    b: str = "P"
    """element symbol that stands for the species B"""


class ParticleImageSettings(Settings):
    """A flat configuration as an image, one channel for each species and one for all."""

    size: int = Field(64, ge=8, le=1024)
    """pixels along an edge"""
    width: float | None = Field(None, gt=0)
    """edge of the square that is shown, around the middle, in units of the positions; null: the box, or the window"""
    species: tuple[str, ...] = ("Ni", "P")
    """element symbols of the channels, in order; the last channel holds all particles"""
    diameter: tuple[float, ...] = (1.0, 0.88)
    """of the discs of each species, in units of the positions"""

    @model_validator(mode="after")
    def _one_diameter_each(self) -> ParticleImageSettings:
        if len(self.species) != len(self.diameter):
            raise ValueError(f"{len(self.species)} species but {len(self.diameter)} diameters")
        return self


class PairHistogramSettings(Settings):
    """Partial pair distribution functions on a grid."""

    reach: float = Field(4.0, gt=0)
    """largest distance, in units of the positions"""
    bins: int = Field(80, ge=1, le=10_000)
    """of equal width, from zero to `reach`"""
    species: tuple[str, ...] = ("Ni", "P")
    """element symbols; there is one histogram for each pair of them"""
