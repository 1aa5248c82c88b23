from structkit.testing import PluginContract


class TestPlugin(PluginContract):
    plugin = "structkit_html_report.plugin"
