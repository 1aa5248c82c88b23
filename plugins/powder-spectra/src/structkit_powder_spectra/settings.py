"""Settings of the components; nothing heavy is imported here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings
from structkit_powder_spectra.grid import TWO_THETA, Grid
from structkit_powder_spectra.waves import TUBES

MOST_POINTS = 200_000
PHASES = (
    "Al",
    "Si",
    "NaCl",
    "MgO",
    "CaF2",
    "Fe",
    "Cu",
    "Ni",
    "W",
    "ZnO",
    "SnO2",
    "PbI2",
    "SiO2",
    "Al2O3",
)
LOW_PLANES = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1))
Pair = tuple[float, float]


def first_wavelength(value: str | float) -> float:
    """The (first) wavelength in Å of a tube or a number."""
    return TUBES[value][0] if isinstance(value, str) else value


def checked_wavelength(value: str | float) -> str | float:
    """A tube that is known, or a wavelength that diffraction uses."""
    if isinstance(value, str):
        if value not in TUBES:
            raise ValueError(f"no tube '{value}'; known: {', '.join(TUBES)}, or a number of Å")
    elif not 0.05 <= value <= 10:
        raise ValueError(f"wavelength {value:g}: expected 0.05 to 10 Å")
    return value


def checked_phases(value: tuple[str, ...]) -> tuple[str, ...]:
    """Names of phases that are known, one at least."""
    unknown = [name for name in value if name not in PHASES]
    if unknown or not value:
        named = f"no phase '{unknown[0]}'" if unknown else "no phase"
        raise ValueError(f"{named}; known: {', '.join(PHASES)}")
    return value


class GridSettings(Settings):
    """At which points a spectrum is given."""

    axis: Literal["2theta", "q"] = "2theta"
    """of the spectrum: 2θ in degrees, or q = 4π sin θ/λ in 1/Å"""
    start: float = Field(10.0, gt=0)
    """the first point, in degrees or 1/Å"""
    stop: float = Field(80.0, gt=0)
    """the last point, in degrees or 1/Å; a step that does not divide the range ends before it"""
    step: float = Field(0.02, gt=0)
    """between two points, in degrees or 1/Å"""
    wavelength: str | float = "Cu"
    """the tube (Ag, Co, Cr, Cu, Fe, Mo), or a wavelength in Å"""

    _wavelength = field_validator("wavelength")(checked_wavelength)

    @model_validator(mode="after")
    def _range(self) -> GridSettings:
        if self.stop <= self.start:
            raise ValueError(f"stop {self.stop:g} is not above start {self.start:g}")
        if (count := self.grid.points) > MOST_POINTS or count < 16:
            raise ValueError(f"{count} points, expected 16 to {MOST_POINTS}")
        wave = first_wavelength(self.wavelength)
        if self.axis == TWO_THETA and self.stop >= 180:
            raise ValueError(f"stop {self.stop:g}: 2θ is below 180 degrees")
        if self.axis != TWO_THETA and self.stop >= 12.56 / wave:
            raise ValueError(
                f"stop {self.stop:g}: {wave:g} Å reaches q = {12.56 / wave:.3g} 1/Å at most"
            )
        return self

    @property
    def grid(self) -> Grid:
        """The points themselves."""
        points = int((self.stop - self.start) / self.step + 1e-6) + 1
        wave = first_wavelength(self.wavelength)
        return Grid(self.axis, self.start, self.step, points, wave)


class PowderSettings(GridSettings):
    """What is measured, with which tube and which profile."""

    alpha2: float = Field(0.5, ge=0, le=1)
    """intensity of Kα2 over that of Kα1; of a tube only, a number of Å has one wavelength"""
    lorentz_polarisation: bool = True
    """whether intensities carry (1 + A cos² 2θ)/((1 + A) sin² θ cos θ)"""
    monochromator: float = Field(0.0, ge=0, lt=90)
    """2θ of a monochromator in degrees, A = cos² of it; 0: none, A = 1"""
    debye_waller: float = Field(0.6, ge=0, le=20)
    """B of every element that is not named, in Å²: scattering falls as exp(−B sin²θ/λ²)"""
    debye_waller_of: dict[str, float] = Field({})
    """B of elements, in Å², such as {O: 1.0}"""
    caglioti: tuple[float, float, float] = (0.02, -0.01, 0.01)
    """U, V, W of the Gaussian width, in degrees²: FWHM² = U tan²θ + V tan θ + W"""
    lorentzian: Pair = (0.03, 0.0)
    """X, Y of the Lorentzian width, in degrees: FWHM = X/cos θ + Y tan θ (size and strain)"""
    scale: Literal["max", "none"] = "max"
    """the largest value is one; or |F|² of the cell, with its factors, per degree or 1/Å"""
    lines: bool = True
    """whether rows keep their reflections, as `instrument` and names of peaks need them"""

    @field_validator("debye_waller_of")
    @classmethod
    def _not_negative(cls, value: dict[str, float]) -> dict[str, float]:
        if bad := [name for name, b in value.items() if b < 0]:
            raise ValueError(f"B of {bad[0]} is negative")
        return value

    @model_validator(mode="after")
    def _width(self) -> PowderSettings:
        u, v, w = self.caglioti
        if w <= 0 or u < 0 or v * v > 4 * u * w:
            raise ValueError("caglioti: U tan²θ + V tan θ + W must be positive at every angle")
        if min(self.lorentzian) < 0:
            raise ValueError("lorentzian: widths are not negative")
        return self

    @property
    def waves(self) -> tuple[tuple[float, float], ...]:
        """Wavelengths in Å with their intensities, which sum to one."""
        if not isinstance(self.wavelength, str) or self.alpha2 == 0:
            return ((first_wavelength(self.wavelength), 1.0),)
        first, second = TUBES[self.wavelength]
        return ((first, 1 / (1 + self.alpha2)), (second, self.alpha2 / (1 + self.alpha2)))

    @property
    def polarisation(self) -> float:
        """A of the polarisation factor."""
        import math

        return math.cos(math.radians(self.monochromator)) ** 2


class ReadSettings(GridSettings):
    """How one file of a measured spectrum is read, and at which points it is given."""

    file_axis: Literal["2theta", "q", "d"] = "2theta"
    """what the first column of text files is: 2θ in degrees, q in 1/Å or d in Å; checked against the numbers"""
    file_wavelength: str | float | None = None
    """of the measurement: a tube or a number of Å; needed where the file does not say it and its axis is 2θ"""
    header_lines: int = Field(0, ge=0, le=10_000)
    """lines to pass over at the beginning of text files, where the header is of a program that is not known"""
    accept: tuple[Literal["negative", "saturated", "gap"], ...] = ()
    """faults that are taken and told of: negative counts become 0, clipped peaks stay, gaps are bridged by a line"""
    fill: bool = False
    """whether points of the grid that a file does not reach get its nearest value; else such a file is refused"""
    scale: Literal["max", "none"] = "max"
    """the largest value is one; or counts as they are"""

    @field_validator("file_wavelength")
    @classmethod
    def _known(cls, value: str | float | None) -> str | float | None:
        return None if value is None else checked_wavelength(value)


class SpectrumFilesSettings(ReadSettings):
    """Which files, and where their labels and groups come from."""

    path: str | None = None
    """a folder (read recursively), a file, or a glob such as data/**/*.xy; relative to the working directory"""
    manifest: str | None = None
    """a CSV or JSONL file with the columns path, label and, if wanted, group; paths are relative to it"""
    label: Literal["folder", "manifest", "none"]
    """where labels come from: the name of the file's folder, the manifest, or nowhere"""
    group: Literal["file", "folder", "name"] = "file"
    """what a split never parts, where the manifest does not say: a file, a folder, or files whose names agree up to
    the first digit, space or underscore after a letter"""
    on_bad: Literal["refuse", "skip"] = "refuse"
    """a file that cannot be read: stop and list all such files, or leave it out and say so"""


class InstrumentSettings(Settings):
    """What an instrument and a real sample do to a pattern; each range is drawn from anew for every copy."""

    copies: int = Field(1, ge=0, le=10_000)
    """patterns made of each one"""
    zero_shift: float = Field(0.05, ge=0, le=5)
    """the zero of 2θ is off by at most this, in degrees, either way"""
    displacement: float = Field(0.1, ge=0, le=5)
    """the sample lies at most this far off the focusing circle, in mm, either way"""
    radius: float = Field(240.0, gt=0)
    """of the goniometer, in mm: a displacement s moves lines by 2s cos θ/radius"""
    lattice_strain: float = Field(0.005, ge=0, le=0.2)
    """all cell edges are longer by at most this fraction, either way"""
    axial_strain: float = Field(0.0, ge=0, le=0.2)
    """largest component of a further strain tensor drawn at random, as a fraction; it lowers the symmetry"""
    caglioti: tuple[float, float, float] = (0.02, -0.01, 0.01)
    """U, V, W of the instrument, in degrees², as of `powder-xrd`"""
    size: Pair | None = (15.0, 200.0)
    """smallest and largest crystallites, in nm: Lorentzian widths of 0.9 λ/(size · cos θ); null: very large"""
    microstrain: float = Field(0.003, ge=0, le=0.2)
    """largest spread of the plane distances within the sample, as a fraction: widths of 4 ε tan θ"""
    alpha2: float = Field(0.5, ge=0, le=1)
    """intensity of Kα2 over that of Kα1, where the wavelength is that of a tube"""
    monochromator: float = Field(0.0, ge=0, lt=90)
    """2θ of a monochromator in degrees, as of `powder-xrd`"""
    texture: Pair | None = (0.5, 1.0)
    """smallest and largest March–Dollase parameter r: 1 is a powder without preferred orientation, below it
    platelets, above it needles; null: none"""
    texture_axes: tuple[tuple[int, int, int], ...] = LOW_PLANES
    """planes of which one is drawn, whose normals prefer the direction of the sample's"""
    background: float = Field(0.2, ge=0, le=100)
    """largest background, as a fraction of the strongest line: a level, a tail at small angles and a hump"""
    counts: Pair | None = (300.0, 30_000.0)
    """fewest and most counts at the strongest point; every point is then a Poisson number; null: no noise"""
    impurity: float = Field(0.0, ge=0, le=10)
    """largest strongest line of an impurity, as a fraction of the strongest of the sample"""
    impurities: tuple[str, ...] = ("Al", "Si", "NaCl", "MgO", "CaF2", "Fe")
    """phases of which one is drawn as the impurity, of those named here"""

    @field_validator("size", "counts", "texture")
    @classmethod
    def _grows(cls, value: Pair | None) -> Pair | None:
        if value is not None and not 0 < value[0] <= value[1]:
            raise ValueError(f"expected two growing numbers above zero, found {list(value)}")
        return value

    @field_validator("texture_axes")
    @classmethod
    def _directions(cls, value: tuple[tuple[int, int, int], ...]) -> tuple[Any, ...]:
        if not value or not all(any(axis) for axis in value):
            raise ValueError("expected planes such as [0, 0, 1]")
        return value

    _phases = field_validator("impurities")(checked_phases)


class TidySettings(Settings):
    """How measured and simulated patterns are made alike."""

    window: float = Field(6.0, gt=0)
    """half the width of what is kept as a peak when the background is clipped away, in units of the axis; 0 is not
    allowed: leave the step out"""
    root: bool = True
    """whether the square root is taken, which makes the noise of counts even and weak lines visible"""
    smooth: float = Field(0.0, ge=0)
    """standard deviation of a Gaussian that the pattern is smoothed by first, in units of the axis; 0: none"""
