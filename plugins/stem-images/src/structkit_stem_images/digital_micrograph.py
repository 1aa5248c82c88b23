"""DM3 and DM4 files, read by RosettaSciIO where it is installed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from structkit import DataError, Problem
from structkit.store.files import write_bytes

LENGTHS = {"nm": 10.0, "µm": 1e4, "um": 1e4, "Å": 1.0, "A": 1.0, "pm": 0.01}
SQUARE = 0.01  # by which the edges of a pixel may differ, as a share


def read_dm(path: Path, content: bytes, make: Callable[..., Any]) -> Any:
    """The image of a DM file with the edge of its pixels, as `make(values, pixel)`.

    Raises:
        DataError: G003 damaged; G004 in colour or complex; G007 pixels that are not square; G011
            several images, or none; G014 no reader is installed.
    """
    found = _signals(path, content)
    flat = [one for one in found if np.ndim(one["data"]) == 2]
    if len(flat) != 1:
        message = (
            f"{len(flat)} images in one file, and {len(found) - len(flat)} of other dimensions"
        )
        raise DataError(Problem("G011", message, str(path), "export the one that is meant"))
    values = np.asarray(flat[0]["data"])
    if values.dtype.kind not in "iufb":
        message = (
            f"pixels of {values.dtype}: a colour or a complex number; a detector gives one number"
        )
        raise DataError(Problem("G004", message, str(path), "export the image of the detector"))
    return make(values.astype(np.float64), _pixel(path, flat[0]["axes"]))


def _signals(path: Path, content: bytes) -> list[Mapping[str, Any]]:
    """What RosettaSciIO reads from the very bytes that were hashed."""
    try:
        from rsciio.digitalmicrograph import file_reader
    except ImportError as error:
        message = "DM files are read by RosettaSciIO, which is not installed"
        fix = "pip install 'structkit-stem-images[dm]', or export a TIFF"
        raise DataError(Problem("G014", message, str(path), fix)) from error
    with tempfile.TemporaryDirectory(prefix="structkit-") as folder:
        copy = Path(folder) / f"image{path.suffix.lower()}"
        write_bytes(copy, content)
        try:
            return list(file_reader(str(copy)))
        except Exception as error:  # what a damaged file makes a parser raise is anything
            told = " ".join(str(error).split())[:120] or type(error).__name__
            message = f"damaged or cut short ({told})"
            raise DataError(
                Problem("G003", message, str(path), "copy or export it anew")
            ) from error


def _pixel(path: Path, axes: Any) -> float | None:
    """The edge of a pixel in Å, where both axes are lengths."""
    edges = [LENGTHS.get(str(axis.get("units")), 0.0) * float(axis["scale"]) for axis in axes]
    if min(edges) <= 0:
        return None
    if abs(edges[0] / edges[1] - 1) > SQUARE:
        message = f"pixels of {edges[0]:.4g} by {edges[1]:.4g} Å are not square"
        raise DataError(Problem("G007", message, str(path), "resample the image"))
    return float(np.mean(edges))
