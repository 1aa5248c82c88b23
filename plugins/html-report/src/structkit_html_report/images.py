"""Figures as bytes: PNG or SVG, embedded as images, so that nothing in them can run."""

from __future__ import annotations

import base64
import contextlib
import io
import warnings
from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
from matplotlib.image import imsave
from numpy.typing import NDArray

from structkit.run import AnyFigure, Drawing
from structkit_html_report.texts import Uri

PNG = b"\x89PNG"
DPI = 110


def data_uri(data: bytes) -> Uri:
    """An image as a data URI, which holds nothing to escape or to cut."""
    kind = "png" if data.startswith(PNG) else "svg+xml"
    return Uri(f"data:image/{kind};base64,{base64.b64encode(data).decode()}")


def as_image(figure: AnyFigure) -> bytes:
    """The figure of a section as an image: bytes as they are, a drawing or pixels as PNG.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(figure, bytes):
        if not figure.lstrip().startswith((PNG, b"<")):
            raise ValueError("bytes of a figure are a PNG or an SVG")
        return figure
    if hasattr(figure, "savefig"):
        return drawing_as_png(figure)
    return pixels_as_png(figure)


def drawing_as_png(drawing: Drawing) -> bytes:
    """A matplotlib figure as PNG, whose size does not grow with what is drawn."""
    out = io.BytesIO()
    with _no_complaints():
        drawing.savefig(out, format="png", dpi=DPI)
    return out.getvalue()


def pixels_as_png(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels as PNG.

    Raises:
        ValueError: they are not uint8 of shape (height, width, 3).
    """
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[-1] != 3 or pixels.dtype != np.uint8:
        found = f"{pixels.dtype} {pixels.shape}"
        raise ValueError(f"a picture is uint8 (height, width, 3), found {found}")
    out = io.BytesIO()
    imsave(out, pixels, format="png")
    return out.getvalue()


def drawing_as_svg(drawing: Drawing) -> bytes:
    """A matplotlib figure as SVG, the same bytes every time."""
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "structkit", "svg.fonttype": "path"}), _no_complaints():
        drawing.savefig(out, format="svg", metadata={"Date": None}, transparent=True)
    return out.getvalue()


@contextlib.contextmanager
def _no_complaints() -> Iterator[None]:
    """Say nothing of labels that are longer than their figure, or of letters that no font has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
