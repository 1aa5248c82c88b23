"""Files of images as arrays of numbers: which form they have, and whether they hold one grey image."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_stem_images.digital_micrograph import read_dm

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 64 * 2**20
MOST_BYTES = 2**30
TIFF, PNG, DM = "TIFF", "PNG", "DM"
FORMS = {".tif": TIFF, ".tiff": TIFF, ".png": PNG, ".dm3": DM, ".dm4": DM}
MAGIC = {b"II*\0": TIFF, b"MM\0*": TIFF, b"II+\0": TIFF, b"MM\0+": TIFF, b"\x89PNG": PNG}
GREY = ("1", "L", "I;16", "I;16B", "I;16L", "I;16N", "I", "F")
LENGTHS = {"nm": 10.0, "nanometer": 10.0, "å": 1.0, "\\u00c5": 1.0, "a": 1.0, "angstrom": 1.0, "pm": 0.01,
           "µm": 1e4, "um": 1e4, "\\u00b5m": 1e4, "micron": 1e4}  # fmt: skip
UNIT = re.compile(r"^unit=(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Scan:
    """One grey image.

    Args:
        values: float64 (height, width).
        pixel: edge of a pixel in Å, where the file says it.
        most: the largest number that a pixel of the file can hold; None where there is none.
    """

    values: NDArray[np.float64]
    pixel: float | None = None
    most: float | None = None


def read_scan(path: Path, content: bytes) -> Scan:
    """The image of a file.

    Args:
        path: of the file, which is named in errors.
        content: its bytes.

    Raises:
        DataError: G001 empty; G002 a format that is not read, or another than the name says; G003
            damaged or cut short; G004 in colour; G005 too large; G008 numbers that are not finite;
            G011 several images; G014 a reader that is not installed.
    """
    form = _form(path, content)
    scan = read_dm(path, content, Scan) if form == DM else _by_pillow(path, content, form)
    if scan.values.size > MOST_PIXELS:
        raise too_large(path, scan.values.shape)
    if not np.isfinite(scan.values).all():
        message = "pixels that are not finite numbers"
        raise DataError(Problem("G008", message, str(path), "export the image anew"))
    return scan


def _form(path: Path, content: bytes) -> str:
    """The form that name and first bytes agree on."""
    if not content:
        raise DataError(Problem("G001", "the file is empty", str(path), "export it anew"))
    if len(content) > MOST_BYTES:
        message = f"{len(content) // 2**20} MiB, at most {MOST_BYTES // 2**20} are read"
        raise DataError(Problem("G005", message, str(path), "cut it, or average pixels"))
    form = FORMS.get(path.suffix.lower())
    if form is None:
        message = f"'{path.suffix}' is not read"
        raise DataError(Problem("G002", message, str(path), "export it as TIFF, PNG, DM3 or DM4"))
    seen = MAGIC.get(content[:4], DM if content[:4] in (b"\0\0\0\3", b"\0\0\0\4") else "no image")
    if seen != form:
        message = f"its first bytes are those of {seen}, its name says {form}"
        raise DataError(
            Problem("G002", message, str(path), "give it the right name, or export it anew")
        )
    return form


def _by_pillow(path: Path, content: bytes, form: str) -> Scan:
    """TIFF and PNG; the size is looked at before any pixel is."""
    from PIL import Image

    try:
        with quietly():
            image = Image.open(io.BytesIO(content), formats=(form,))
    except Image.DecompressionBombError as error:
        raise too_large(path, ()) from error
    except Exception as error:  # what a damaged header makes a parser raise is anything
        raise damaged(path, error) from error
    if image.width * image.height > MOST_PIXELS:
        raise too_large(path, (image.height, image.width))
    frames = _guarded(path, lambda: int(getattr(image, "n_frames", 1)))
    if frames > 1:
        message = f"{frames} images in one file"
        raise DataError(
            Problem("G011", message, str(path), "export the one that is meant, or their mean")
        )
    _guarded(path, image.load)
    return Scan(_grey(path, image), _imagej_pixel(image), _most(image))


def _guarded(path: Path, work: Callable[[], Any]) -> Any:
    """Let a parser work on bytes of a stranger."""
    try:
        with quietly():
            return work()
    except Exception as error:  # as above
        raise damaged(path, error) from error


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Let a parser not warn: what matters is refused, with the name of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _grey(path: Path, image: Image) -> NDArray[np.float64]:
    """The numbers of a grey image; one that is grey although it has three channels is taken."""
    if image.mode in GREY:
        return np.asarray(image, np.float64)
    if image.mode == "RGB":
        channels = np.asarray(image)
        if (channels == channels[..., :1]).all():
            return channels[..., 0].astype(np.float64)
    message = f"an image in colour or with transparency (mode {image.mode}); a detector gives one number a pixel"
    raise DataError(Problem("G004", message, str(path), "export it in grey, without a scale bar"))


def _most(image: Image) -> float | None:
    """The brightest that a pixel can be."""
    if image.mode in ("L", "RGB", "1"):
        return 255.0 if image.mode != "1" else 1.0
    return 65535.0 if image.mode.startswith("I;16") else None


def _imagej_pixel(image: Image) -> float | None:
    """The edge of a pixel in Å, as ImageJ writes it into a TIFF; dots per inch are no such thing."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    described, resolution = str(tags.get(270, "")), tags.get(282)
    unit = UNIT.search(described)
    if not described.startswith("ImageJ") or unit is None or not resolution:
        return None
    length = LENGTHS.get(unit[1].strip().lower())
    return None if length is None else length / float(resolution)


def damaged(path: Path, error: Exception) -> DataError:
    """What a parser stumbled over, G003."""
    told = " ".join(str(error).split())[:120] or type(error).__name__
    message = f"damaged or cut short ({told})"
    return DataError(Problem("G003", message, str(path), "copy or export it anew"))


def too_large(path: Path, shape: tuple[int, ...]) -> DataError:
    """More pixels than are read, G005."""
    size = " by ".join(map(str, shape)) or "far too many"
    message = f"{size} pixels, at most {MOST_PIXELS // 2**20} · 2²⁰ are read"
    return DataError(Problem("G005", message, str(path), "cut it, or average pixels"))
