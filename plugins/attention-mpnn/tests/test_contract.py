import numpy as np

from structkit.testing import ExplainerContract, ModelContract, PluginContract
from structkit_particle_descriptors.examples import planted_graphs

PLUGIN = "structkit_attention_mpnn.plugin"
FAST = {
    "hidden": 16,
    "heads": 2,
    "depth": 2,
    "epochs": 25,
    "batch_size": 8,
    "learning_rate": 0.02,
    "basis": 16,
    "pair_path": False,
}


class TestPlugin(PluginContract):
    plugin = PLUGIN


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
