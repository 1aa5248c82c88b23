from structkit.testing import ExecutorContract, PluginContract

PLUGIN = "structkit_dask_executor.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestDask(ExecutorContract):
    plugin = PLUGIN
    name = "dask"
