from structkit.testing import PluginContract, SourceContract, TransformContract

PLUGIN = "structkit_crystal_source.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestPrototypes(SourceContract):
    plugin = PLUGIN
    name = "crystal-prototypes"
    settings = {"classes": ("fcc", "rhombohedral"), "per_class": 60}


class TestOtherPrototypes(SourceContract):
    plugin = PLUGIN
    name = "other-prototypes"
    settings = {"prototypes": ("A13", "B1"), "per_group": 3}


class TestStackingFaults(SourceContract):
    plugin = PLUGIN
    name = "stacking-faults"
    settings = {"elements": ("Cu", "Mg", "Au"), "per_element": 3, "displacement": 0.05}


class TestSupercell(TransformContract):
    plugin = PLUGIN
    name = "standard-supercell"
    settings = {"min_atoms": 32}
    refuses = ("no cell", "lone atom")


class TestDefects(TransformContract):
    plugin = PLUGIN
    name = "point-defects"
    settings = {"vacancies": 0.4, "displacement": 0.1, "copies": 2}


class TestRotation(TransformContract):
    plugin = PLUGIN
    name = "random-rotation"
    settings = {"copies": 2}
