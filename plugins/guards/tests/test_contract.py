from structkit.testing import GuardContract, PluginContract

PLUGIN = "structkit_guards.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestCalibration(GuardContract):
    plugin = PLUGIN
    name = "calibration"


class TestCalibrationPerClass(GuardContract):
    plugin = PLUGIN
    name = "calibration"
    settings = {"per_class": True}


class TestConformal(GuardContract):
    plugin = PLUGIN
    name = "conformal"


class TestConformalPerClass(GuardContract):
    plugin = PLUGIN
    name = "conformal"
    settings = {"per_class": True}


class TestNovelty(GuardContract):
    plugin = PLUGIN
    name = "novelty"


class TestNoveltyByNeighbours(GuardContract):
    plugin = PLUGIN
    name = "novelty"
    settings = {"method": "neighbours", "neighbours": 3}


class TestVerdict(GuardContract):
    plugin = PLUGIN
    name = "verdict"
