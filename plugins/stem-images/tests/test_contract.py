import functools

import numpy as np
import pytest

from structkit import Measurement
from structkit.testing import (
    DescriptorContract,
    PluginContract,
    SourceContract,
    TransformContract,
)
from structkit.testing.learning import LearningContract
from structkit_stem_images.examples import learnable, simulated, write_image

learnt_rows = functools.cache(learnable)
PLUGIN = "structkit_stem_images.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestStemImage(DescriptorContract):
    plugin = PLUGIN
    name = "stem-image"
    settings = {"pixels": 48, "marks": ("defects", "species")}
    symmetries = ("permutation", "supercell")


class TestStemImageAlongAnotherDirection(DescriptorContract):
    plugin = PLUGIN
    name = "stem-image"
    settings = {"pixels": 32, "view": (1, 1, 0), "tilt": (1.0, -2.0), "thickness": 8.0}
    symmetries = ("permutation", "supercell")


class TestThinCrystals(SourceContract):
    plugin = PLUGIN
    name = "thin-crystals"
    settings = {"count": 2}


class TestMarkedDefects(TransformContract):
    plugin = PLUGIN
    name = "marked-defects"
    settings = {"vacancies": 0.2, "substitutions": 0.2}


class TestMicroscope(TransformContract):
    plugin = PLUGIN
    name = "microscope"
    settings = {"copies": 2, "readout": 2.0}

    def samples(self):
        flat = {"image": np.full((1, 32, 32), 0.1, np.float32), "sampling": np.array([0.3])}
        dark = {**flat, "image": np.zeros((1, 32, 32), np.float32)}
        return [
            simulated("graphene"),
            simulated("SrTiO3", marks=("species",)),
            Measurement("flat", flat, "x", "x"),
            Measurement("dark", dark, "x", "x"),
        ]


class PixelContract(LearningContract):
    plugin = PLUGIN

    def features(self):
        return learnt_rows(6)

    def said(self, model, table):
        return np.asarray(model.predict(table)["pixels"])


class TestUNet(PixelContract):
    name = "unet"
    settings = {"filters": 4, "halvings": 2, "epochs": 6, "batch_size": 2, "learning_rate": 0.01}
    resumes = True

    def said(self, model, table):
        return np.stack(list(model.maps(table)))


class TestColumnPeaks(PixelContract):
    name = "column-peaks"
    settings = {"widths": (0.3,), "thresholds": (0.1, 0.3)}


class TestImageFiles(SourceContract):
    plugin = PLUGIN
    name = "image-files"

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path):
        for seed in range(3):
            values = (200 * simulated(seed=seed).arrays["image"][0] / 0.06).astype(np.uint8)
            write_image(tmp_path / f"image {seed}.tif", values)
        type(self).settings = {"path": str(tmp_path), "pixel": 0.25, "pixels": 40, "sampling": 0.25}
