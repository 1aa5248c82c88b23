"""Small images and files for examples and tests."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Measurement, Row, Table
from structkit.store.files import write_bytes
from structkit_stem_images.crystals import ThinCrystals
from structkit_stem_images.defects import MarkedDefects
from structkit_stem_images.microscope import Microscope
from structkit_stem_images.stem_image import StemImage

SMALL = {"pixels": 48, "sampling": 0.25}


def simulated(crystal: str = "MoS2", seed: int = 0, **settings: Any) -> Measurement:
    """An image of a piece of a crystal with defects, without noise."""
    rng = np.random.default_rng(seed)
    source = ThinCrystals(crystals=(crystal,), count=1, field=18.0)
    (piece,) = source.samples(source.tasks()[0], rng)
    (damaged,) = MarkedDefects(vacancies=0.06, substitutions=0.06)(piece, rng)
    arrays = StemImage(**{**SMALL, **settings})(damaged.atoms)
    return Measurement(f"{crystal} {seed}", arrays, crystal, f"{crystal} {seed}")


def taken(crystal: str = "MoS2", seed: int = 0, dose: float = 1e6) -> Measurement:
    """The same as a microscope takes it."""
    scope = Microscope(dose=dose, drift=0.0, wobble=0.0, jitter=0.0, defocus=0.0, contamination=0.0)
    (child,) = scope(simulated(crystal, seed), np.random.default_rng(seed))
    return child


def learnable(count: int = 16) -> Table:
    """Images whose pixels are to be told, with the array `target`."""
    images = [taken("MoS2", seed) for seed in range(count)]
    rows = [Row(one.id, one.label, str(one.group), "made") for one in images]
    return Table.of(
        rows,
        image=np.stack([one.arrays["image"] for one in images]),
        sampling=np.stack([one.arrays["sampling"] for one in images]),
        defects=np.stack([one.arrays["defects"] for one in images]),
        target=np.stack([one.arrays["defects"] for one in images]),
        sites=[one.arrays["sites"] for one in images],
    )


def write_image(path: Path, values: NDArray[Any], **options: Any) -> Path:
    """Write an array as Pillow does; returns the path."""
    from PIL import Image

    stream = io.BytesIO()
    kind = {".png": "PNG"}.get(path.suffix, "TIFF")
    Image.fromarray(values).save(stream, kind, **options)
    write_bytes(path, stream.getvalue())
    return path


def write_dm3(path: Path, values: NDArray[np.float32], scale: float, unit: str = "nm") -> Path:
    """Write the least that a DM3 file of one image holds; returns the path.

    Args:
        path: of the file.
        values: float32 (height, width).
        scale: edge of a pixel, in `unit`.
        unit: of both axes.
    """
    height, width = values.shape
    axis = _group("", [_number("Origin", 6, 0.0), _number("Scale", 6, scale), _text("Units", unit)])
    calibrations = _group("Calibrations", [_group("Dimension", [axis, axis])])
    sizes = _group("Dimensions", [_number("", 5, width), _number("", 5, height)])
    data = _tag("Data", struct.pack(">iii", 20, 6, values.size), values.astype("<f4").tobytes())
    image = _group("ImageData", [calibrations, data, _number("DataType", 5, 2), sizes])
    listed = _group("ImageList", [_group("", [image, _group("ImageTags", [])])])
    body = _heads(1) + listed
    write_bytes(path, struct.pack(">iii", 3, len(body) + 4, 1) + body + bytes(8))
    return path


def _heads(count: int) -> bytes:
    return struct.pack(">bbi", 1, 0, count)


def _named(kind: int, name: str) -> bytes:
    return struct.pack(">bH", kind, len(name)) + name.encode()


def _group(name: str, inside: list[bytes]) -> bytes:
    return _named(20, name) + _heads(len(inside)) + b"".join(inside)


def _tag(name: str, info: bytes, data: bytes) -> bytes:
    return _named(21, name) + b"%%%%" + struct.pack(">i", len(info) // 4) + info + data


def _number(name: str, kind: int, value: float) -> bytes:
    """A tag of a float (6) or an unsigned whole number (5)."""
    packed = struct.pack("<f", value) if kind == 6 else struct.pack("<I", int(value))
    return _tag(name, struct.pack(">i", kind), packed)


def _text(name: str, text: str) -> bytes:
    """A tag of characters of two bytes."""
    return _tag(name, struct.pack(">iii", 20, 4, len(text)), text.encode("utf-16-le"))
