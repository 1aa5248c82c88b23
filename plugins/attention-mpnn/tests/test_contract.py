import numpy as np

from structkit.testing import DescriptorContract, ExplainerContract, ModelContract, PluginContract
from structkit_attention_mpnn.examples import planted_graphs

PLUGIN = "structkit_attention_mpnn.plugin"
FAST = {"hidden": 16, "heads": 2, "depth": 2, "epochs": 25, "batch_size": 8, "learning_rate": 0.02, "dropout": 0.0}


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestNearest(DescriptorContract):
    plugin = PLUGIN
    name = "neighbour-graph"
    settings = {"k": 4}
    symmetries = ("translation", "rotation")  # relabelling changes the order of the arrays: see test_graph.py


class TestCutoff(TestNearest):
    settings = {"neighbours": "cutoff", "cutoff": 1.3, "scale": "mean"}


class TestVoronoi(TestNearest):
    settings = {"neighbours": "voronoi"}


class TestPairHistogram(DescriptorContract):
    plugin = PLUGIN
    name = "pair-histogram"
    settings = {"species": ("Cu", "Na", "Cl", "Fe"), "reach": 3.1}
    refuses = ("no cell",)  # its species are not in the settings
    symmetries = ("translation", "permutation", "rotation", "supercell")


class TestGlassMetrics(DescriptorContract):
    plugin = PLUGIN
    name = "glass-metrics"
    settings = {"b": "Na"}
    symmetries = ("translation", "permutation", "rotation")


class TestModel(ModelContract):
    plugin = PLUGIN
    name = "attention-mpnn"
    settings = FAST
    resumes = True

    def features(self):
        return planted_graphs()


class TestDotModel(TestModel):
    settings = {**FAST, "attention": "dot", "backend": "torch"}


class TestPairPathModel(TestModel):
    settings = {**FAST, "attention": "none", "depth": 1, "pair_path": True}


class TestAttentionMaps(ExplainerContract):
    plugin = PLUGIN
    name = "attention-maps"

    def features(self):
        return planted_graphs(8)

    def model(self, randomised=False):
        from structkit.testing.models import ModelContract
        from structkit_attention_mpnn import AttentionMpnn

        model, table = AttentionMpnn(**{**FAST, "epochs": 15}), self.features()
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            list(model.fit(table, table.select([0, 1]), ModelContract._context(Path(folder))))
        return model.with_random_weights(3) if randomised else model

    def saliency(self, arrays):
        return arrays["relevance_attention"]

    def evidence(self, row):
        """There is no planted place: the class is in all particles alike. Any half of the bonds will do."""
        count = len(self.features().item("distances", int(row.id.rpartition("-")[2])))
        return np.arange(count) % 2 == 0

    margin = 0.5
