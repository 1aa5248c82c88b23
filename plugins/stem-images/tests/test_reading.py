"""Files of images: what is read is what was written, and every fault is a sentence with its code."""

import io
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from structkit import DataError
from structkit_stem_images.examples import write_dm3, write_image
from structkit_stem_images.pictures_read import read_scan
from structkit_stem_images.reading import read_images
from structkit_stem_images.settings import ReadSettings

FRAME = {"pixels": 32, "sampling": 0.5}


def ramp(height=64, width=64, top=60_000, dtype=np.uint16):
    down, across = np.indices((height, width))
    wave = 0.5 + 0.5 * np.sin(across / 5) * np.cos(down / 7)
    return (top * (0.1 + 0.9 * wave)).astype(dtype)


def read(path, **words):
    return read_images(path, ReadSettings(**{**FRAME, "pixel": 0.25, **words}))


def refused(path, code, **words):
    with pytest.raises(DataError) as caught:
        read(path, **words)
    (problem,) = caught.value.problems
    assert problem.code == code and path.name in problem.where and problem.fix, problem
    return str(problem)


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 250), (np.uint16, 60_000)])
def test_whole_numbers_are_read_as_they_are(tmp_path, name, dtype, top):
    values = ramp(top=top, dtype=dtype)
    path = write_image(tmp_path / name, values)
    assert np.array_equal(read_scan(path, path.read_bytes()).values, values)


def test_floats_are_read_as_they_are(tmp_path):
    values = ramp(dtype=np.float32)
    path = write_image(tmp_path / "a.tiff", values)
    assert np.array_equal(read_scan(path, path.read_bytes()).values, values)
    values[3, 4] = np.nan
    refused(write_image(tmp_path / "b.tiff", values), "G008")


def test_dm3_says_its_pixels(tmp_path):
    pytest.importorskip("rsciio", reason="RosettaSciIO is not installed")
    values = ramp(48, 64).astype(np.float32)
    path = write_dm3(tmp_path / "a.dm3", values, 0.025)
    scan = read_scan(path, path.read_bytes())
    assert np.array_equal(scan.values, values) and scan.pixel == pytest.approx(0.25)
    refused(write_dm3(tmp_path / "b.dm3", values, 0.05), "G007")
    cut = tmp_path / "c.dm3"
    cut.write_bytes(path.read_bytes()[:2000])
    refused(cut, "G003")
    unknown = write_dm3(tmp_path / "d.dm3", values, 0.2, "1/nm")
    refused(unknown, "G006", pixel=None)


def test_dm_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rsciio.digitalmicrograph", None)
    path = write_dm3(tmp_path / "a.dm3", ramp().astype(np.float32), 0.025)
    assert "pip install" in refused(path, "G014")


def test_the_pixel_size_is_asked_for_never_guessed(tmp_path):
    plain = write_image(tmp_path / "plain.tif", ramp(), dpi=(300, 300))
    refused(plain, "G006", pixel=None)
    words = "ImageJ=1.53\nunit=nm\n"
    said = write_image(tmp_path / "said.tif", ramp(), description=words, x_resolution=40.0)
    assert read_scan(said, said.read_bytes()).pixel == pytest.approx(0.25)
    read(said, pixel=None)
    refused(said, "G007", pixel=0.3)


def test_a_frame_is_the_middle_at_the_sampling_that_is_asked_for(tmp_path):
    values = np.zeros((80, 100), np.uint16)
    values[39:41, 49:51] = 1000  # a bright square in the very middle
    values += np.add.outer(np.arange(80), np.arange(100)).astype(np.uint16)
    (arrays,) = read(write_image(tmp_path / "a.tif", values))
    image = arrays["image"][0]
    assert image.shape == (32, 32) and arrays["sampling"] == [0.5]
    bright = np.argwhere(image > 0.5 * image.max()).mean(axis=0)
    assert np.allclose(bright, 15.5, atol=0.1)
    assert (arrays["defects"] == -1).all() and arrays["sites"].shape == (0, 4)


def test_tiles_cover_without_overlap(tmp_path):
    values = np.repeat(np.repeat(np.arange(6).reshape(2, 3), 64, 0), 64, 1).astype(np.uint8) * 20
    values = values + (np.indices(values.shape).sum(axis=0) % 3).astype(np.uint8)
    read_tiles = read(write_image(tmp_path / "a.png", values), cut="tiles")
    assert len(read_tiles) == 6
    whole = read(write_image(tmp_path / "b.png", values), pixels=64, sampling=0.25)
    assert len(whole) == 1 and np.ptp(whole[0]["image"]) > 0


def test_coarser_sampling_does_not_alias(tmp_path):
    stripes = (30_000 + 20_000 * (np.indices((256, 256))[1] % 2)).astype(np.uint16)
    stripes[:, :128] += 5_000
    (arrays,) = read(write_image(tmp_path / "a.tif", stripes), pixels=16, sampling=2.0, pixel=0.25)
    right = arrays["image"][0][4:12, 10:14]
    assert np.ptp(right) < 0.05


def test_faults_of_files(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    whole = write_image(tmp_path / "whole.png", ramp()).read_bytes()
    tiff = write_image(tmp_path / "whole.tif", ramp()).read_bytes()
    refused(write("empty.tif", b""), "G001")
    refused(write("text.tif", b"not an image at all"), "G002")
    refused(write("other.png", tiff), "G002")
    refused(write("a.jpg", whole), "G002")
    refused(write("cut.png", whole[: len(whole) // 2]), "G003")
    refused(write("cut.tif", tiff[: len(tiff) // 2]), "G003")
    refused(write("head.tif", tiff[:8]), "G003")
    refused(write_image(tmp_path / "flat.tif", np.full((64, 64), 7, np.uint8)), "G009")
    refused(write_image(tmp_path / "small.tif", ramp(30, 64)), "G012")
    full = ramp()
    full[:16] = 65_535
    refused(write_image(tmp_path / "full.tif", full), "G013")
    read(write_image(tmp_path / "full.tif", full), accept=("saturated",))


def test_colour_is_refused_unless_it_is_grey(tmp_path):
    grey = np.repeat(ramp(top=250, dtype=np.uint8)[..., None], 3, axis=2)
    assert np.array_equal(
        read(write_image(tmp_path / "grey.png", grey))[0]["image"],
        read(write_image(tmp_path / "plain.png", grey[..., 0]))[0]["image"],
    )
    grey[5, 5] = (255, 0, 0)
    refused(write_image(tmp_path / "red.png", grey), "G004")
    clear = np.dstack([grey, np.full(grey.shape[:2], 255, np.uint8)])
    refused(write_image(tmp_path / "clear.png", clear), "G004")


def test_several_images_in_a_file_are_refused(tmp_path):
    stream = io.BytesIO()
    pages = [Image.fromarray(ramp(top=250, dtype=np.uint8)) for _ in range(3)]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    (tmp_path / "stack.tif").write_bytes(stream.getvalue())
    assert "3 images" in refused(tmp_path / "stack.tif", "G011")


def test_a_huge_image_is_refused_before_it_is_decoded(tmp_path):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    for edge in (9_000, 100_000):
        head = edge.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
        packed = zlib.compress(bytes(1000))
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed)
        (tmp_path / "bomb.png").write_bytes(bomb + chunk(b"IEND", b""))
        start = time.process_time()
        refused(tmp_path / "bomb.png", "G005")
        assert time.process_time() - start < 1


def test_damaged_bytes_never_raise_anything_else(tmp_path):
    rng = np.random.default_rng(1)
    kinds = ["a.png", "a.tif", "a.dm3"]
    for name in kinds:
        path = tmp_path / name
        if name.endswith("dm3"):
            pytest.importorskip("rsciio", reason="RosettaSciIO is not installed")
            write_dm3(path, ramp().astype(np.float32), 0.025)
        else:
            write_image(path, ramp())
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(25):
            data = whole.copy()
            places = rng.integers(0, min(len(data), 400), 4)
            data[places] = rng.integers(0, 256, 4)
            path.write_bytes(data[: rng.integers(1, len(data) + 1)].tobytes())
            try:
                (arrays,) = read(path)
                assert np.isfinite(arrays["image"]).all()
            except DataError as error:
                assert error.problems[0].code.startswith("G"), error
