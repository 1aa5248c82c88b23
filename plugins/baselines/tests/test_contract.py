from structkit.testing import DescriptorContract, ModelContract, PluginContract

PLUGIN = "structkit_baselines.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestLogistic(ModelContract):
    plugin = PLUGIN
    name = "logistic-regression"


class TestNeighbours(ModelContract):
    plugin = PLUGIN
    name = "nearest-neighbours"


class TestSpaceGroup(DescriptorContract):
    plugin = PLUGIN
    name = "space-group"
    settings = {"symprec": 0.01, "angle_tolerance": -1.0}
    symmetries = ("translation", "permutation", "rotation", "supercell")
