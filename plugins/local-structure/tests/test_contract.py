from structkit.testing import DescriptorContract, PluginContract

PLUGIN = "structkit_local_structure.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestBondCosines(DescriptorContract):
    plugin = PLUGIN
    name = "bond-cosines"
    # relabelling changes the order of the atoms: see test_cosines.py
    symmetries = (
        "translation",
        "rotation",
    )
    refuses = ("no cell", "lone atom")


class TestAveraged(TestBondCosines):
    settings = {"average": True, "neighbours": 8}
