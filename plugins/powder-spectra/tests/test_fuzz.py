"""Damaged files of spectra: read, or refused with a code and a place; never anything else, and soon."""

import time

import numpy as np
import pytest

from structkit import DataError
from structkit_powder_spectra.examples import GRID, counts, write_columns
from structkit_powder_spectra.reading import read_spectrum
from structkit_powder_spectra.settings import ReadSettings

WORDS = [b"nan", b"-1", b"1e999", b"\0", b"\n\n", b",", b";", b"\t", b"#", b"<a>", b"0x10", b"1_0", "µ".encode(),
         b"1e-400", b"--", b"999999999999", b"\r", b"20 30 40 50", b"\xff\xfe", b"</counts>", b"<scan/>", b"'"]  # fmt: skip
MUTANTS = 150


def xrdml():
    values = " ".join(map(str, counts(step=0.1)[1]))
    return (
        "<xrdMeasurements><xrdMeasurement><usedWavelength><kAlpha1>1.5406</kAlpha1></usedWavelength><scan><dataPoints>"
        "<positions axis='2Theta'><startPosition>15</startPosition><endPosition>85</endPosition></positions>"
        f"<counts>{values}</counts></dataPoints></scan></xrdMeasurement></xrdMeasurements>"
    )


def damaged(data, rng):
    """A cut, an exchange, a removal, a repetition or foreign words at a few places."""
    for _ in range(rng.integers(1, 4)):
        place, length = int(rng.integers(len(data))), int(rng.integers(1, 60))
        kind = rng.integers(5)
        if kind == 0:
            data = data[:place] or b"1"
        elif kind == 1:
            data = data[:place] + WORDS[rng.integers(len(WORDS))] + data[place:]
        elif kind == 2:
            data = data[:place] + data[place + length :]
        elif kind == 3:
            data = data[:place] + data[place : place + length] * 2 + data[place + length :]
        else:
            data = (
                data[:place]
                + bytes(rng.integers(0, 256, length, dtype=np.uint8))
                + data[place + length :]
            )
    return data


@pytest.mark.parametrize("name", ["a.xy", "a.csv", "a.xrdml"])
@pytest.mark.parametrize("axis", ["2theta", "q", "d"])
def test_damaged_files(tmp_path, name, axis):
    rng = np.random.default_rng(len(name) * 7 + len(axis))
    path = tmp_path / name
    if name.endswith("xrdml"):
        whole = xrdml().encode()
    else:
        whole = write_columns(path, "," if name == "a.csv" else " ", step=0.1).read_bytes()
    settings = ReadSettings(
        file_axis=axis, file_wavelength="Cu", fill=True, accept=("gap", "negative"), **GRID
    )
    for _ in range(MUTANTS):
        path.write_bytes(damaged(whole, rng))
        start = time.process_time()
        try:
            arrays = read_spectrum(path, settings)
            assert np.isfinite(arrays["spectrum"]).all() and arrays["spectrum"].shape == (1201,)
        except DataError as error:
            (problem,) = error.problems
            assert problem.code[0] in "XSD" and name in problem.where, problem
        assert time.process_time() - start < 2
