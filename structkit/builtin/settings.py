"""Settings of `select` and `recorded`."""

from __future__ import annotations

from pydantic import Field

from structkit.components import Settings


class SelectSettings(Settings):
    """Which structures go on."""

    where: dict[str, tuple[str | bool | int | float, ...]] = Field(min_length=1)
    """wanted values of `label`, of a column or of a value in `info`, such as {temperature: [1.99, 0.05]}"""


class RecordedSettings(Settings):
    """Which recorded numbers are the features."""

    names: tuple[str, ...] = Field(min_length=1)
    """of values in `info`, such as [energy_per_particle]"""
