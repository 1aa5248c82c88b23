from structkit.testing import PluginContract


class TestPlugin(PluginContract):
    plugin = "structkit_ready_models.plugin"
