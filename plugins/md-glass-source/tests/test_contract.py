from structkit.testing import PluginContract, SourceContract

PLUGIN = "structkit_md_glass_source.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestMdGlass(SourceContract):
    plugin = PLUGIN
    name = "md-glass"
    settings = {"particles": 100, "cooling_steps": 4000, "equilibration_steps": 200, "trajectories": 3,
                "temperatures": (1.9, 0.05)}  # fmt: skip
