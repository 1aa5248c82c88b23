"""PANalytical's XRDML: one scan, its angles, counts and wavelength."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree  # noqa: S405  (documents with declarations are refused before)

import numpy as np

from structkit import DataError, Problem
from structkit_powder_spectra.columns import agreed_wavelength
from structkit_powder_spectra.scan import Scan
from structkit_powder_spectra.settings import ReadSettings
from structkit_powder_spectra.waves import Floats

Element = ElementTree.Element


def read_xrdml(text: str, path: Path, settings: ReadSettings) -> Scan:
    """The scan of an XRDML file.

    Raises:
        DataError: X016 no sound XRDML, X009 several scans, X002 another axis than 2θ, X003 another
            wavelength than said, X006 not finite.
    """
    root = _parsed(text, path)
    scans = list(root.iter("scan"))
    if len(scans) != 1:
        code = "X009" if scans else "X016"
        fix = "export each scan on its own"
        raise DataError(Problem(code, f"{len(scans)} scans in one file", str(path), fix))
    points = scans[0].find("dataPoints")
    if points is None:
        raise _broken("no dataPoints", path)
    counts = _counts(points, path)
    angles = _angles(points, len(counts), path)
    wave = root.find(".//usedWavelength/kAlpha1")
    written = None if wave is None or not wave.text else float(_floats(wave.text, path)[0])
    wavelength = agreed_wavelength(written, settings, path)
    return Scan(angles, counts, "2theta", wavelength, str(path))


def _parsed(text: str, path: Path) -> Element:
    """The document without name spaces; one that declares entities is never parsed."""
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise _broken("it declares entities or a document type", path)
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \n"))  # noqa: S314
    except ElementTree.ParseError as error:
        raise _broken(f"not XML: {error}", path) from error
    for element in root.iter():
        element.tag = re.sub(r"^\{.*\}", "", element.tag)
    if root.tag != "xrdMeasurements":
        raise _broken(f"the document is <{root.tag}>, expected <xrdMeasurements>", path)
    return root


def _counts(points: Element, path: Path) -> Floats:
    """Counts, with the attenuation of the beam taken into account."""
    listed = points.find("counts")
    if listed is None:
        listed = points.find("intensities")
    if listed is None or not listed.text:
        raise _broken("neither counts nor intensities", path)
    counts = _floats(listed.text, path)
    factors = points.find("beamAttenuationFactors")
    if factors is None or not factors.text or listed.tag == "intensities":
        return counts
    attenuation = _floats(factors.text, path)
    if len(attenuation) != len(counts):
        raise _broken(f"{len(attenuation)} attenuation factors of {len(counts)} counts", path)
    return counts * attenuation


def _angles(points: Element, count: int, path: Path) -> Floats:
    """2θ of every point, listed or evenly spaced."""
    axes = {str(item.get("axis")): item for item in points.findall("positions")}
    if "2Theta" not in axes:
        message = f"the scan moves {', '.join(axes) or 'nothing'}, expected 2Theta"
        raise DataError(Problem("X002", message, str(path), "export a scan over 2θ"))
    element = axes["2Theta"]
    listed = element.find("listPositions")
    if listed is not None and listed.text:
        angles = _floats(listed.text, path)
    else:
        ends = [element.findtext(name) or "" for name in ("startPosition", "endPosition")]
        first, last = _floats(" ".join(ends), path, 2).tolist()
        angles = np.linspace(first, last, count)
    if len(angles) != count:
        raise _broken(f"{len(angles)} positions of {count} counts", path)
    return angles


def _floats(text: str, path: Path, expected: int | None = None) -> Floats:
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError as error:
        code = "X010" if "," in text else "X016"
        raise DataError(Problem(code, f"{error}", str(path), "write '.' decimals")) from error
    if not np.isfinite(values).all():
        raise DataError(Problem("X006", "a number is not finite", str(path), "measure again"))
    if len(values) == 0 or (expected and len(values) != expected):
        raise _broken(f"{len(values)} numbers, expected {expected or 'some'}", path)
    return values


def _broken(message: str, path: Path) -> DataError:
    return DataError(Problem("X016", message, str(path), "export it again"))
