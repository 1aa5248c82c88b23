"""Settings of the graphs and of the other views of a configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from structkit import Settings


class GraphSettings(Settings):
    """Who is joined to whom, and what is said of them. No absolute coordinates: only distances and species."""

    neighbours: Literal["nearest", "cutoff", "voronoi"] = "nearest"
    """the k nearest (ties included; either end may choose), all within a cutoff, or those whose Voronoi cells touch"""
    k: int = Field(18, ge=1, le=200)
    """of `nearest`; 18 are two shells of a plane: glasses differ in the second too; 6 do where heat moves all"""
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
    spread: float = Field(0.25, gt=0, le=2)
    """standard deviation of a disc, in diameters; a sixth leaves gaps between neighbours, for networks that see those"""

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


class LocalOrderSettings(Settings):
    """What is told of the surroundings of each particle of a plane."""

    parts: tuple[Literal["bond-order", "shells", "angles"], ...] = Field(
        ("bond-order", "shells", "angles"), min_length=1
    )
    """which; the vector holds them in this order"""
    species: tuple[str, str] = ("Ni", "P")
    """element symbols of A and B"""
    orders: tuple[Annotated[int, Field(ge=1, le=24)], ...] = (4, 5, 6, 7, 8)
    """n of the bond order |ψ_n|"""
    bins: int = Field(36, ge=1, le=1000)
    """of equal width, from 0 to π, of the angles"""
    smallest_facet: float = Field(0.05, ge=1e-6, lt=1)
    """facets smaller than this fraction of the largest of both cells make no neighbours"""
    margin: float = Field(1.5, ge=0)
    """open windows: particles nearer to the edge than this are no centres, in units of the positions"""
