"""Settings of the network along an axis, and of its maps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings
from structkit_torch_training import TrainingSettings


class SpectrumCnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    filters: tuple[int, ...] = Field((16, 32, 64), min_length=1)
    """convolution filters, block by block; the pattern is pooled after each"""
    kernel_size: int = Field(9, ge=1, le=501)
    """length of a filter, in points; odd, so that patterns keep their length"""
    pool: int = Field(5, ge=1, le=64)
    """points that become one after each block: how far a line may move unnoticed"""
    dense: int = Field(128, ge=1, le=1_000_000)
    """units of the layer before the last"""
    dropout: float = Field(0.3, ge=0, lt=1)
    """fraction of the flattened features that is dropped while training"""

    @field_validator("kernel_size")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"expected an odd number of points, found {value}")
        return value

    @field_validator("filters")
    @classmethod
    def _positive(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if min(value) < 1 or max(value) > 65_536:
            raise ValueError("expected filter counts from 1 to 65536, such as [16, 32, 64]")
        return value


class LatticeSettings(Settings):
    """A lattice whose planes name lines."""

    spacegroup: int = Field(ge=1, le=230)
    """international number: planes that it forbids name nothing"""
    cell: tuple[float, float, float, float, float, float]
    """a, b, c in Å and α, β, γ in degrees"""

    @model_validator(mode="after")
    def _fits(self) -> LatticeSettings:
        import gemmi

        lengths, angles = self.cell[:3], self.cell[3:]
        if min(lengths) <= 0 or not all(0 < angle < 180 for angle in angles):
            raise ValueError(
                f"cell {list(self.cell)}: expected lengths above 0 and angles below 180"
            )
        group = gemmi.find_spacegroup_by_number(self.spacegroup)
        if not gemmi.UnitCell(*self.cell).is_compatible_with_spacegroup(group):
            raise ValueError(f"cell {list(self.cell)} is none of space group {group.hm}")
        return self


class SpectrumMapSettings(Settings):
    """Which maps, and into how many parts a pattern is cut."""

    methods: tuple[Literal["gradient-x-input", "integrated-gradients", "occlusion"], ...] = Field(
        ("gradient-x-input", "integrated-gradients", "occlusion"), min_length=1
    )
    """how the relevance of each part is found; each is tested"""
    parts: int = Field(140, ge=4, le=20_000)
    """stretches of the axis, of equal length, that have one number each"""
    steps: int = Field(16, ge=2, le=1000)
    """points of the path of integrated gradients"""
    peaks: int = Field(12, ge=0, le=1000)
    """lines that are named, the strongest of the pattern"""
    lattices: dict[str, LatticeSettings] = {}
    """by label, the lattice that names the lines of rows without reflections, such as measured ones:
    {pm-3m: {spacegroup: 221, cell: [6.28, 6.28, 6.28, 90, 90, 90]}}; without it such lines have no names"""
    lattice_strain: float = Field(0.02, ge=0, le=0.1)
    """fraction by which such a cell may be larger or smaller"""
    near: float = Field(0.25, gt=0, le=5)
    """degrees of 2θ that a line may lie away from the plane that names it"""
