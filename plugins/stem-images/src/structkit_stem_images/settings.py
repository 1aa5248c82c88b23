"""Settings of images, and of what microscopes do to them; nothing heavy is imported here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings

Range = tuple[float, float]
Number = float | Range


class FrameSettings(Settings):
    """How large an image is."""

    pixels: int = Field(128, ge=16, le=4096)
    """edge of the square image, in pixels"""
    sampling: float = Field(0.2, ge=0.01, le=5)
    """edge of a pixel, in Å: the distance between two places of the probe"""

    @property
    def field(self) -> float:
        """Edge of what is seen, in Å."""
        return self.pixels * self.sampling


class StemSettings(FrameSettings):
    """What is seen of a structure, by which probe."""

    view: tuple[int, int, int] = (0, 0, 1)
    """the direction of the beam, as [u, v, w] of the cell's vectors; Cartesian for structures without a cell"""
    thickness: float = Field(20.0, gt=0, le=1000)
    """of the sample along the beam, in Å: periodic structures are repeated to it, thicker ones cut about their middle"""
    tilt: tuple[float, float] = (0.0, 0.0)
    """angles between beam and `view`, in degrees: towards the columns of pixels, towards the rows"""
    probe: float = Field(0.35, ge=0.05, le=5)
    """standard deviation of the probe, in Å, with source size and vibrations; its width at half maximum is 2.35 of it"""
    tails: float = Field(0.2, ge=0, lt=1)
    """share of the probe's current that lies in a second, wider Gaussian"""
    tail_probe: float = Field(1.0, ge=0.05, le=10)
    """standard deviation of the wider Gaussian, in Å"""
    power: float = Field(1.7, ge=1, le=2.2)
    """exponent p of Z^p: 2 is Rutherford's, electrons of the shells and the inner angle of the detector lower it"""
    voltage: float = Field(80.0, ge=20, le=1000)
    """by which electrons are accelerated, in kV"""
    detector: Range = (60.0, 200.0)
    """inner and outer angle of the annular detector, in mrad"""
    merge: float = Field(0.6, gt=0, le=5)
    """atoms whose places in the image are nearer than this belong to one column, in Å"""
    radius: float = Field(0.5, gt=0, le=5)
    """of the disc of pixels that belongs to a column, in Å"""
    faint: float = Field(0.1, ge=0, lt=1)
    """columns that scatter less than this share of the strongest are not marked: they cannot be seen beside it"""
    share: float = Field(0.2, gt=0, le=1)
    """a column is marked as a vacancy or a substitution if this share of what it scatters is missing or replaced"""
    marks: tuple[Literal["defects", "species"], ...] = ("defects",)
    """what is said of every pixel: `defects` (0 between columns, 1 column, 2 vacancy, 3 substitution), `species` (the
    atomic number of the heaviest atom of its column, 0 between columns)"""

    @field_validator("view")
    @classmethod
    def _direction(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        if not any(value):
            raise ValueError("expected a direction such as [0, 0, 1]")
        return value

    @field_validator("tilt")
    @classmethod
    def _small(cls, value: tuple[float, float]) -> tuple[float, float]:
        if max(map(abs, value)) > 20:
            raise ValueError(f"expected angles up to 20 degrees, found {list(value)}")
        return value

    @field_validator("detector")
    @classmethod
    def _ring(cls, value: Range) -> Range:
        if not 5 <= value[0] < value[1] <= 1000:
            raise ValueError(
                f"expected two growing angles from 5 to 1000 mrad, found {list(value)}"
            )
        return value


class MicroscopeSettings(Settings):
    """What a microscope does to an image. A range is drawn from anew for each copy; one number is always that."""

    copies: int = Field(1, ge=1, le=1000)
    """how many images are made of each"""
    dose: Number | None = (1e4, 1e6)
    """electrons per Å², drawn evenly on a logarithmic scale: every pixel becomes a Poisson number; null: no noise"""
    defocus: Number = (0.0, 3.0)
    """distance from focus, in nm: the probe becomes a disc of radius distance · `convergence`"""
    convergence: float = Field(30.0, gt=0, le=100)
    """half the opening angle of the probe, in mrad"""
    drift: Number = (0.0, 1.0)
    """how far the sample moves while an image is taken, in Å, in any direction"""
    wobble: Number = (0.0, 0.3)
    """slow distortion of the scan, in Å: root of the mean square, some waves along the image"""
    jitter: Number = (0.0, 0.05)
    """every row of pixels begins at another place, in Å: standard deviation"""
    contamination: Number = (0.0, 0.3)
    """a smooth layer that scatters too: its largest value, as a share of the image's"""
    readout: Number = 0.0
    """noise of the detector's electronics, in electrons a pixel: standard deviation"""
    scale: Literal["range", "fraction"] = "range"
    """what the numbers are: `range` is from 0 (darkest of two hundred pixels) to 1 (brightest), as of image files;
    `fraction` is that of the beam which arrives at the detector"""

    @field_validator("dose", "defocus", "drift", "wobble", "jitter", "contamination", "readout")
    @classmethod
    def _grows(cls, value: Number | None) -> Number | None:
        if value is None:
            return value
        low, high = ends(value)
        if not 0 <= low <= high:
            raise ValueError(f"expected a number or two growing ones, none negative; found {value}")
        return value

    @model_validator(mode="after")
    def _some_electrons(self) -> MicroscopeSettings:
        if self.dose is not None and ends(self.dose)[0] < 1:
            raise ValueError("dose: expected at least one electron per Å²")
        return self


def ends(value: Number) -> Range:
    """The ends of a range; a number is both."""
    return value if isinstance(value, tuple) else (float(value), float(value))


class DefectSettings(Settings):
    """Which atoms are taken out or replaced, and what is said of it."""

    vacancies: float = Field(0.03, ge=0, le=0.5)
    """chance of each atom to be missing"""
    substitutions: float = Field(0.03, ge=0, le=0.5)
    """chance of each atom to be of another species"""
    species: tuple[str, ...] = ()
    """which atoms; none named: all"""
    replace: dict[str, str] = {}
    """the other species of each; those that are not named here get one of their row of common dopants"""
    share: float = Field(1.0, ge=0, le=1)
    """of the structures that get defects; the others stay perfect"""
    label: Literal["keep", "state"] = "keep"
    """of the structures: as it was, or `defects` and `perfect`"""

    @field_validator("species")
    @classmethod
    def _elements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_symbols(value)
        return value

    @field_validator("replace")
    @classmethod
    def _pairs(cls, value: dict[str, str]) -> dict[str, str]:
        check_symbols((*value, *value.values()))
        return value


def check_symbols(symbols: tuple[str, ...]) -> None:
    """Refuse what is no element.

    Raises:
        ValueError: in words.
    """
    from ase.data import atomic_numbers

    for symbol in symbols:
        if atomic_numbers.get(symbol, 0) == 0:
            raise ValueError(f"no element '{symbol}'")


CRYSTALS = (
    "graphene", "hBN", "MoS2", "MoSe2", "WS2", "WSe2", "SrTiO3", "BaTiO3", "KTaO3", "LaAlO3", "MgO", "PbTe", "Au", "Si",
)  # fmt: skip


class CrystalSettings(Settings):
    """Which crystals lie under the beam, and how."""

    crystals: tuple[Literal[CRYSTALS], ...] = Field(("graphene", "MoS2", "SrTiO3"), min_length=1)  # type: ignore[valid-type]
    """monolayers seen from above, and cubic crystals along [001]"""
    count: int = Field(10, ge=1, le=100_000)
    """pieces of each"""
    field: float = Field(30.0, gt=0, le=500)
    """edge of the square that a piece covers, in Å"""
    thickness: float = Field(12.0, gt=0, le=500)
    """of cubic crystals along the beam, in Å, to the next whole cell; a monolayer is a monolayer"""
    turn: float = Field(180.0, ge=0, le=180)
    """a piece is turned about the beam by an angle drawn up to this, in degrees, either way"""
    strain: float = Field(0.02, ge=0, le=0.2)
    """all distances are longer by at most this fraction, either way"""
    displacement: float = Field(0.05, ge=0, le=1)
    """standard deviation of the atoms' places about those of the crystal, in Å, along each axis"""


class ReadSettings(FrameSettings):
    """How a file of an image becomes rows."""

    pixel: float | None = Field(None, gt=0, le=1000)
    """edge of a pixel of the files, in Å; null: as the file says, and one that does not say it is refused"""
    cut: Literal["middle", "tiles"] = "middle"
    """of an image that shows more than `pixels` · `sampling`: its middle, or all tiles that do not overlap"""
    accept: tuple[Literal["saturated"], ...] = ()
    """faults that are taken: `saturated`, more than 1 % of the pixels are the brightest there are"""


class ImageFilesSettings(ReadSettings):
    """Where the files are, and what is known of them."""

    path: str | None = None
    """a folder, or a glob such as `images/**/*.tif`; or else `manifest`"""
    manifest: str | None = None
    """CSV or JSONL with the columns path, label, group"""
    label: Literal["none", "folder", "manifest"] = "none"
    """from where the label of an image comes"""
    group: Literal["file", "folder"] = "file"
    """what a split never parts: the tiles of a file, or all images of a folder"""
    on_bad: Literal["refuse", "skip"] = "refuse"
    """a bad file: nothing is run, or it is left out with a warning"""
