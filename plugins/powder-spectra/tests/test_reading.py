"""`spectrum-files`: what is read, and every sentence that a bad file gets."""

import re

import numpy as np
import pytest
from pydantic import ValidationError

from structkit import DataError
from structkit_powder_spectra import SpectrumFiles
from structkit_powder_spectra.examples import GRID, LINES, counts, write_columns
from structkit_powder_spectra.reading import read_for_prediction, read_scan, read_spectrum
from structkit_powder_spectra.settings import ReadSettings
from structkit_powder_spectra.source import family
from structkit_powder_spectra.waves import q_of_two_theta

CU = 1.5405929
XRDML = """<?xml version="1.0"?>
<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/2.3"><xrdMeasurement>
<usedWavelength intended="K-Alpha 1"><kAlpha1 unit="Angstrom">1.5405980</kAlpha1></usedWavelength>
<scan><dataPoints><positions axis="2Theta" unit="deg"><startPosition>15.0</startPosition>
<endPosition>85.0</endPosition></positions><counts unit="counts">{counts}</counts>
</dataPoints></scan></xrdMeasurement></xrdMeasurements>
"""


def settings(**words):
    return ReadSettings(**{"file_wavelength": "Cu", **GRID, **words})


def lines_at(arrays):
    """Where the three strongest lines lie, in degrees."""
    spectrum = arrays["spectrum"]
    grid = np.linspace(arrays["axis"][0], arrays["axis"][1], len(spectrum))
    return [
        float(grid[np.abs(grid - p) < 0.6][spectrum[np.abs(grid - p) < 0.6].argmax()])
        for p in LINES
    ]


@pytest.mark.parametrize("separator", [" ", "\t", ",", ";", ", ", "  \t"])
def test_columns(tmp_path, separator):
    arrays = read_spectrum(write_columns(tmp_path / "a.xy", separator), settings())
    assert arrays["spectrum"].shape == (1201,) and arrays["spectrum"].max() == 1
    assert lines_at(arrays) == pytest.approx(LINES, abs=0.06)


@pytest.mark.parametrize(
    "head",
    [
        "# a comment\n# Wavelength: 1.5406 A\n",
        "2theta,intensity\n",
        "Angle\tCounts\n",
        "! one\n\n' two\n",
        "2Theta [deg]  Intensity\n",
        "# 2θ (°)\tcps\n",
    ],
)
def test_heads_that_are_known(tmp_path, head):
    assert len(read_scan(write_columns(tmp_path / "a.csv", head=head), settings()).counts) == 3501


def test_a_header_can_be_passed_over(tmp_path):
    path = write_columns(tmp_path / "a.txt", head="Lab XRD v2\nSample 4711\n")
    with pytest.raises(DataError, match=r"a.txt:1: X011 .*'Lab XRD v2'.*header_lines"):
        read_scan(path, settings())
    assert len(read_scan(path, settings(header_lines=2)).counts) == 3501


def test_xrdml(tmp_path):
    path = tmp_path / "a.xrdml"
    path.write_text(XRDML.format(counts=" ".join(map(str, counts()[1]))))
    scan = read_scan(path, ReadSettings())
    assert scan.wavelength == 1.540598 and scan.positions[[0, -1]].tolist() == [15.0, 85.0]
    assert lines_at(read_spectrum(path, settings())) == pytest.approx(LINES, abs=0.06)


def test_axes_carry_the_lines_to_one_place(tmp_path):
    """A scan written in 2θ of copper or of cobalt, in q or in d says the same."""
    angles, values = counts()
    q = q_of_two_theta(angles, CU)
    cobalt = 2 * np.degrees(np.arcsin(q * 1.788996 / (4 * np.pi)))
    for axis, wave, places in (
        ("2theta", "Cu", angles),
        ("2theta", "Co", cobalt),
        ("q", "Cu", q),
        ("d", "Cu", 2 * np.pi / q),
    ):
        path = tmp_path / f"{axis} {wave}.xy"
        path.write_text("\n".join(f"{a:.7f} {c}" for a, c in zip(places, values, strict=True)))
        if wave == "Co":  # even in 2θ of copper is not even in that of cobalt
            fine = np.arange(18, 99, 0.02)
            path.write_text(
                "\n".join(
                    f"{a:.4f} {c}"
                    for a, c in zip(fine, np.interp(fine, cobalt, values), strict=True)
                )
            )
        known = settings(file_axis=axis, file_wavelength=wave)
        assert lines_at(read_spectrum(path, known)) == pytest.approx(LINES, abs=0.06), (axis, wave)


def test_counts_of_a_coarser_grid_are_means():
    from structkit_powder_spectra.resampling import on_grid
    from structkit_powder_spectra.scan import Scan

    angles = np.arange(15, 85, 0.001)
    comb = np.where(np.arange(len(angles)) % 2, 0.0, 2.0)
    scan = Scan(angles, comb, "2theta", CU, "comb")
    assert on_grid(scan, settings(scale="none"))[1:-1] == pytest.approx(1.0, abs=0.05)


def bad_text(change, **scan):
    angles, values = counts(**scan)
    return "\n".join(f"{a} {c}" for a, c in change(angles, values.astype(float)))


def pairs(angles, values):
    return zip(angles.tolist(), values.tolist(), strict=True)


def with_value(value, place=100):
    def change(angles, values):
        values[place] = value
        return pairs(angles, values)

    return change


def clipped(angles, values):
    return pairs(angles, np.minimum(values * 100, 65535))


def coarser(angles, values):
    kept = np.r_[0:1500, 1500 : len(angles) : 2]
    return pairs(angles[kept], values[kept])


def gap(angles, values):
    kept = np.r_[0:1500, 1510 : len(angles)]
    return pairs(angles[kept], values[kept])


def twice(angles, values):
    return [*pairs(angles, values), *pairs(angles, values)]


def in_q(angles, values):
    return pairs(np.round(q_of_two_theta(angles, CU), 6), values)


def in_d(angles, values):
    return pairs(np.round(2 * np.pi / q_of_two_theta(angles, CU), 6), values)


BAD = [
    ("X002", in_q, {}, "q or d"),
    ("X002", in_d, {}, "q or d"),
    ("X002", pairs, {"file_axis": "q"}, "file_axis"),
    ("X002", pairs, {"file_axis": "d"}, "file_axis"),
    ("X003", pairs, {"file_wavelength": None}, "set file_wavelength"),
    ("X004", coarser, {}, "from 0.02 to 0.04"),
    ("X005", with_value(-3.0), {}, "accept: [negative]"),
    ("X006", with_value(float("nan")), {}, "not finite"),
    ("X006", with_value(float("inf")), {}, "not finite"),
    ("X007", gap, {}, "accept: [gap]"),
    ("X008", clipped, {}, "the counter was full"),
    ("X009", twice, {}, "two spectra"),
    ("X012", pairs, {"start": 2.0, "stop": 60.0}, "fill: true"),
    ("X012", pairs, {"start": 90.0, "stop": 120.0}, "do not overlap"),
    ("X015", lambda a, v: pairs(a, v * 0 + 7), {}, "every point has 7"),
    ("X001", lambda a, v: [(1, "x")], {}, "expected position and counts"),
]


@pytest.mark.parametrize(("code", "change", "words", "said"), BAD)
def test_bad_files(tmp_path, code, change, words, said):
    path = tmp_path / "bad.xy"
    path.write_text(bad_text(change))
    with pytest.raises(DataError, match=rf"bad\.xy.*{code} .*{re.escape(said)}") as told:
        read_spectrum(path, settings(**words))
    assert len(told.value.problems) == 1 and "\n" not in str(told.value)


TEXTS = [
    ("S001", "", "a.xy"),
    ("S003", "<!DOCTYPE html><html></html>", "a.xy"),
    ("S003", "<?xml version='1.0'?><x/>", "a.xy"),
    ("X001", "# only\n# comments\n", "a.xy"),
    ("X009", "\n".join(f"{10 + i / 10} 3 4 5" for i in range(50)), "a.csv"),
    ("X010", "\n".join(f"{10 + i},{i:02d} 3{i},0" for i in range(50)), "a.txt"),
    ("X010", "\n".join(f"{10 + i},{i:02d};3{i}" for i in range(50)), "a.csv"),
    ("X010", "\n".join(f"{10 + i},02,3{i},0" for i in range(50)), "a.csv"),
    ("X002", "q,intensity\n" + "\n".join(f"{i / 10},3{i}" for i in range(1, 50)), "a.csv"),
    ("X003", "# wavelength = 0.7093\n" + "\n".join(f"{10 + i} 3{i}" for i in range(50)), "a.xy"),
    ("X001", "\n".join(f"{10 + i} 3{i}" for i in range(9)), "a.xy"),
    ("X001", "10 3\n11 4\n12 4 5\n" * 9, "a.xy"),
    ("X014", "RAW1.01", "a.raw"),
    ("X014", "PK", "a.brml"),
    ("X014", "what is it", "a.xyzzy"),
    ("X016", "<?xml version='1.0'?><other/>", "a.xrdml"),
    ("X016", "<xrdMeasurements><scan><dataPoints><counts>1 2</counts>", "a.xrdml"),
    ("S003", "<!DOCTYPE x [<!ENTITY a 'b'>]><xrdMeasurements/>", "a.xrdml"),
    ("X016", "<xrdMeasurements><scan><dataPoints/></scan></xrdMeasurements>", "a.xrdml"),
    ("X009", "<xrdMeasurements><scan/><scan/></xrdMeasurements>", "a.xrdml"),
    ("X004", "\n".join(f"{10 + i // 2} 3{i}" for i in range(50)), "a.xy"),
    ("X007", "\n".join(f"{10 + i}" + f" 3{i}" * (i != 9) for i in range(50)), "a.xy"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "name"), TEXTS)
def test_bad_texts(tmp_path, code, text, name):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=f"{code} "):
        read_scan(path, settings())


def test_xrdml_of_another_axis_is_refused(tmp_path):
    path = tmp_path / "a.xrdml"
    text = XRDML.format(counts=" ".join(map(str, counts()[1])))
    path.write_text(text.replace('axis="2Theta"', 'axis="Omega"'))
    with pytest.raises(DataError, match=r"X002 the scan moves Omega"):
        read_scan(path, settings())


def test_faults_can_be_accepted(tmp_path):
    path = tmp_path / "bad.xy"
    for change, fault in ((with_value(-3.0), "negative"), (clipped, "saturated"), (gap, "gap")):
        path.write_text(bad_text(change))
        arrays = read_spectrum(path, settings(accept=(fault,)))
        assert lines_at(arrays) == pytest.approx(LINES, abs=0.12)
    path.write_text(bad_text(pairs))
    arrays = read_spectrum(path, settings(start=2.0, fill=True))
    assert (arrays["spectrum"][:200] == arrays["spectrum"][0]).all()


def test_points_that_lack_here_and_there_are_bridged(tmp_path):
    """A program that leaves out what it has not counted, in a tenth of the lines."""
    lines = [
        f"{a} {c}" if i % 10 else f"{a}" for i, (a, c) in enumerate(zip(*counts(), strict=True))
    ]
    path = tmp_path / "bad.xy"
    path.write_text("\n".join(lines))
    with pytest.raises(
        DataError, match=r"bad.xy:1: X007 351 positions without counts \(first: 15.0\)"
    ):
        read_scan(path, settings())
    assert lines_at(read_spectrum(path, settings(accept=("gap",)))) == pytest.approx(
        LINES, abs=0.06
    )


def test_short_waves_may_measure_small_angles(tmp_path):
    path = write_columns(tmp_path / "a.xy", start=1.0, stop=11.0, step=0.005)
    words = {"file_wavelength": 0.2, "wavelength": 0.2, "start": 1.0, "stop": 11.0}
    assert len(read_spectrum(path, settings(**words))["spectrum"]) == 201


def test_source_says_label_and_group(tmp_path):
    folder = tmp_path / "rocksalt"
    folder.mkdir()
    for name in ("NaCl 1.xy", "NaCl 2.xy", "MgO_1.csv"):
        write_columns(folder / name)
    source = SpectrumFiles(
        path=str(tmp_path), label="folder", group="name", file_wavelength="Cu", **GRID
    )
    samples = [next(source.samples(task, np.random.default_rng(0))) for task in source.tasks()]
    assert [(s.id, s.label, s.group) for s in samples] == [
        ("MgO_1.csv", "rocksalt", "MgO"), ("NaCl 1.xy", "rocksalt", "NaCl"),
        ("NaCl 2.xy", "rocksalt", "NaCl"),
    ]  # fmt: skip


def test_a_bad_file_can_be_left_out(tmp_path):
    write_columns(tmp_path / "good.xy")
    (tmp_path / "bad.xy").write_text("nothing")
    words = {"path": str(tmp_path), "label": "none", "file_wavelength": "Cu", **GRID}
    source = SpectrumFiles(**words, on_bad="skip")
    found = [
        s.id for task in source.tasks() for s in source.samples(task, np.random.default_rng(0))
    ]
    assert found == ["good.xy"]
    source = SpectrumFiles(**words)
    with pytest.raises(DataError, match="X011"):
        list(source.samples(source.tasks()[0], np.random.default_rng(0)))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    from structkit_powder_spectra.source import contents

    path = write_columns(tmp_path / "a.xy")
    words = {"path": str(tmp_path), "label": "none", "file_wavelength": "Cu", **GRID}
    source = SpectrumFiles(**words, on_bad="skip")
    bound = source.reading(contents(source.settings))
    assert len(list(bound.samples(bound.tasks()[0], np.random.default_rng(0)))) == 1
    task = bound.tasks()[0]
    write_columns(path, seed=5)
    with pytest.raises(DataError, match="D031"):
        list(bound.samples(task, np.random.default_rng(0)))


def test_family_of_a_file(tmp_path):
    from pathlib import Path

    names = {
        "Cs3Bi2Br9_a200.xy": "Cs",
        "FAPbI3_gixrd.xy": "FAPbI",
        "5% Cs (Dark).xy": "5% Cs",
        "16_2.xy": "16_2",
    }
    assert {name: family(Path(name)) for name in names} == names


def test_prediction_without_settings_is_strict(tmp_path):
    with pytest.raises(DataError, match="X003"):
        read_for_prediction(write_columns(tmp_path / "a.xy", start=5.0), None, "metal")


def test_wrong_settings():
    for wrong in ({"file_wavelength": "Au"}, {"file_axis": "theta"}, {"accept": ("all",)}):
        with pytest.raises(ValidationError):
            settings(**wrong)
