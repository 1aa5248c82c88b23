from structkit.testing import PluginContract


class TestPlugin(PluginContract):
    plugin = "structkit_explorer.plugin"
