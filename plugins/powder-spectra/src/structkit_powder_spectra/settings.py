"""Settings of the components; nothing heavy is imported here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings
from structkit_powder_spectra.grid import TWO_THETA, Grid
from structkit_powder_spectra.waves import TUBES
from structkit_torch_training import TrainingSettings

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
    debye_waller_of: dict[str, float] = Field(default_factory=dict)
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

    @field_validator("impurities")
    @classmethod
    def _phases(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or (bad := [name for name in value if name not in PHASES]):
            named = f"no phase '{bad[0]}'" if value else "no phase"
            raise ValueError(f"{named}; known: {', '.join(PHASES)}")
        return value


class TidySettings(Settings):
    """How measured and simulated patterns are made alike."""

    window: float = Field(6.0, gt=0)
    """half the width of what is kept as a peak when the background is clipped away, in units of the axis; 0 is not
    allowed: leave the step out"""
    root: bool = True
    """whether the square root is taken, which makes the noise of counts even and weak lines visible"""
    smooth: float = Field(0.0, ge=0)
    """standard deviation of a Gaussian that the pattern is smoothed by first, in units of the axis; 0: none"""


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


class PhaseSettings(Settings):
    """How references are aligned with a measured pattern, and when another phase is taken in."""

    most: int = Field(5, ge=1, le=20)
    """phases that are taken in, at most"""
    gain: float = Field(0.08, gt=0, lt=1)
    """part of the weighted squares left over that another phase must explain"""
    least: float = Field(0.01, ge=0, lt=1)
    """weight fraction below which a phase is left out again"""
    strain: float = Field(0.012, ge=0, le=0.05)
    """each phase's cell may be larger or smaller by at most this fraction"""
    shift: float = Field(0.15, ge=0, le=2)
    """all lines may be displaced by at most this, in degrees of 2θ at small angles, falling as cos θ"""
    sizes: tuple[float, ...] = Field((12.0, 25.0, 50.0, 150.0), min_length=1)
    """sizes of the crystallites that each phase may have, in nm"""
    texture: tuple[float, ...] = (0.6, 0.8, 1.25)
    """parameters of March and Dollase that are tried for each phase beside 1, the limits of what it may have; empty:
    none"""
    caglioti: tuple[float, float, float] = (0.02, -0.01, 0.01)
    """U, V, W of the instrument, in degrees², as of `powder-xrd`"""
    alpha2: float = Field(0.5, ge=0, le=1)
    """intensity of Kα2 over that of Kα1, where the wavelength is that of a tube"""
    monochromator: float = Field(0.0, ge=0, lt=90)
    """2θ of a monochromator in degrees, as of `powder-xrd`"""
    debye_waller: float = Field(0.6, ge=0, le=20)
    """B of every element, in Å²"""
    degree: int = Field(10, ge=0, le=40)
    """of the polynomial of the background"""
    stray: float = Field(0.04, gt=0, lt=1)
    """height of a peak that no phase explains, as a fraction of the strongest, from which something else is there"""
    blocks: int = Field(20, ge=4, le=200)
    """stretches of the pattern that are left out in turn for the intervals of the fractions"""
    systematic: float = Field(0.1, ge=0, le=1)
    """standard uncertainty of each phase's scale that no pattern shows, as a fraction: absorption within grains,
    vibrations, faults of the reference; an assumption, part of the intervals"""


class PairSettings(Settings):
    """Which function of the pair distances, for which radiation, and how it is computed."""

    function: Literal["G(r)", "S(q)"] = "G(r)"
    """the reduced pair distribution function in 1/Å², or the structure factor, which has no unit"""
    method: Literal["histogram", "debye"] = "histogram"
    """S(q) from a histogram of the distances or from each distance; G(r) from the distances themselves or, as a
    measurement has it, from S(q) between `q_start` and `q_stop`"""
    radiation: Literal["xray", "neutron"] = "xray"
    """what is scattered: X-rays by electrons, neutrons by nuclei (coherent lengths of the natural elements)"""
    r_start: float = Field(0.5, ge=0)
    """smallest distance of G(r), in Å"""
    r_stop: float = Field(10.0, gt=0, le=200)
    """largest distance of G(r), in Å"""
    r_step: float = Field(0.02, gt=0)
    """between two distances of G(r), in Å"""
    q_start: float = Field(0.5, gt=0)
    """smallest q, in 1/Å"""
    q_stop: float = Field(20.0, gt=0, le=100)
    """largest q, in 1/Å"""
    q_step: float = Field(0.02, gt=0)
    """between two q, in 1/Å"""
    reach: float = Field(20.0, gt=0, le=200)
    """distances up to which pairs of a periodic structure count in S(q), in Å, under a window of Lorch; all pairs of
    a cluster count"""
    broadening: float = Field(0.1, gt=0, le=2)
    """standard deviation of a pair distance in G(r) and, as exp(−q²σ²/2), in S(q), in Å: vibrations and disorder"""

    @model_validator(mode="after")
    def _ranges(self) -> PairSettings:
        for name, start, stop, step in (
            ("r", self.r_start, self.r_stop, self.r_step),
            ("q", self.q_start, self.q_stop, self.q_step),
        ):
            count = int((stop - start) / step + 1e-6) + 1 if stop > start else 0
            if not 16 <= count <= MOST_POINTS:
                raise ValueError(f"{count} points of {name}, expected 16 to {MOST_POINTS}")
        return self

    @property
    def r_grid(self) -> Grid:
        """The distances of G(r)."""
        count = int((self.r_stop - self.r_start) / self.r_step + 1e-6) + 1
        return Grid("r", self.r_start, self.r_step, count, 0.0)

    @property
    def q_grid(self) -> Grid:
        """The values of q."""
        count = int((self.q_stop - self.q_start) / self.q_step + 1e-6) + 1
        return Grid("q", self.q_start, self.q_step, count, 0.0)
