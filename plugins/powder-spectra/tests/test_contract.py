from dataclasses import replace

import numpy as np
import pytest

from structkit import Measurement
from structkit.testing import (
    DescriptorContract,
    ExplainerContract,
    ModelContract,
    PluginContract,
    SourceContract,
    TransformContract,
)
from structkit_powder_spectra import SpectrumCnn
from structkit_powder_spectra.examples import (
    GRID,
    PLANTED,
    crystals,
    planted_spectra,
    simulated,
    write_columns,
)

PLUGIN = "structkit_powder_spectra.plugin"
WITHOUT_CELL = ("no cell", "lone atom")


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestPowderXrd(DescriptorContract):
    plugin = PLUGIN
    name = "powder-xrd"
    refuses = WITHOUT_CELL


class TestPowderXrdWithoutLines(DescriptorContract):
    plugin = PLUGIN
    name = "powder-xrd"
    settings = {"lines": False, "axis": "q", "start": 1.0, "stop": 7.0, "step": 0.005}
    symmetries = ("translation", "permutation", "rotation", "supercell")
    refuses = WITHOUT_CELL


def hard_spectra():
    """Patterns of several crystals, one without lines, one of q, and one that is flat."""
    rows = [simulated(name) for name in crystals()]
    bare = {name: rows[0].arrays[name] for name in ("spectrum", "axis")}
    waves = simulated("Cu", axis="q", start=1.0, stop=6.0, step=0.01)
    flat = {**bare, "spectrum": np.ones_like(bare["spectrum"])}
    return [
        *rows,
        Measurement("bare", bare, "x", "x"),
        replace(waves, id="waves"),
        Measurement("flat", flat, "x", "x"),
    ]


class TestInstrument(TransformContract):
    plugin = PLUGIN
    name = "instrument"
    settings = {"copies": 2, "impurity": 0.2, "axial_strain": 0.01}
    refuses = ("bare", "flat")

    def samples(self):
        return hard_spectra()


class TestTidySpectrum(TransformContract):
    plugin = PLUGIN
    name = "tidy-spectrum"

    def samples(self):
        return hard_spectra()


class TestSpectrumCnn(ModelContract):
    plugin = PLUGIN
    name = "spectrum-cnn"
    settings = {"filters": (8,), "pool": 4, "dense": 16, "epochs": 30, "batch_size": 8,
                "dropout": 0.0, "learning_rate": 0.005}  # fmt: skip
    resumes = True

    def features(self):
        return planted_spectra()


class TestSpectrumMaps(ExplainerContract):
    plugin = PLUGIN
    name = "spectrum-maps"
    settings = {"parts": 50, "methods": ("integrated-gradients",)}

    def features(self):
        return planted_spectra()

    def model(self, randomised=False):
        from structkit.library import train

        model = SpectrumCnn(**TestSpectrumCnn.settings)
        train(model, self.features(), seed=3)
        return model.with_random_weights(3) if randomised else model

    def saliency(self, arrays):
        return np.abs(arrays["relevance_integrated_gradients"])

    def evidence(self, row):
        """The part with the line, and one beside it on either side."""
        mask = np.zeros(50, dtype=bool)
        first = PLANTED[str(row.label)] // 4
        mask[first - 1 : first + 4] = True
        return mask


class TestCommonPhases(SourceContract):
    plugin = PLUGIN
    name = "common-phases"


class TestSimulatedMixtures(SourceContract):
    plugin = PLUGIN
    name = "simulated-mixtures"
    settings = {"mixtures": 3, **GRID}


class TestSpectrumFiles(SourceContract):
    plugin = PLUGIN
    name = "spectrum-files"

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path):
        for seed in range(3):
            write_columns(tmp_path / f"film {seed}.xy", seed=seed)
        type(self).settings = {
            "path": str(tmp_path), "label": "folder", "file_wavelength": "Cu", **GRID,
        }  # fmt: skip
