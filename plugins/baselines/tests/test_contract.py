from structkit.testing import DescriptorContract, ModelContract, NumbersContract, PluginContract

PLUGIN = "structkit_baselines.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestLogistic(ModelContract):
    plugin = PLUGIN
    name = "logistic-regression"


class TestNeighbours(ModelContract):
    plugin = PLUGIN
    name = "nearest-neighbours"


class TestExtraTrees(NumbersContract):
    plugin = PLUGIN
    name = "extra-trees"
    settings = {"trees": 20}
    tolerance = 1e-12


class TestRidge(NumbersContract):
    plugin = PLUGIN
    name = "ridge"
    settings = {"penalty": 1e-6}
    tolerance = 1e-12


class TestSpaceGroup(DescriptorContract):
    plugin = PLUGIN
    name = "space-group"
    settings = {"symprec": 0.01, "angle_tolerance": -1.0}
    symmetries = ("translation", "permutation", "rotation", "supercell")
