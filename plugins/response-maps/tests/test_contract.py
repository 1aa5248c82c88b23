from structkit.testing import ExplainerContract, PluginContract

PLUGIN = "structkit_response_maps.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestResponseMaps(ExplainerContract):
    plugin = PLUGIN
    name = "response-maps"
    settings = {"layers": (1,)}
