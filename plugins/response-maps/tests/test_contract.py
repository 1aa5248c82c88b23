from structkit.testing import ExplainerContract, PluginContract
from structkit_torch_training.testing import small_cnn

PLUGIN = "structkit_response_maps.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestResponseMaps(ExplainerContract):
    plugin = PLUGIN
    name = "response-maps"
    settings = {"layers": (1,)}

    def model(self, randomised=False):
        return small_cnn(self.features(), randomised)
