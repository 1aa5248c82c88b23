from structkit.testing import DescriptorContract, PluginContract, SourceContract

PLUGIN = "structkit_composition.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestComposition(DescriptorContract):
    plugin = PLUGIN
    name = "composition"
    symmetries = ("translation", "permutation", "rotation", "supercell")
    tolerance = 1e-12


class TestFractions(TestComposition):
    settings = {"features": "fractions"}


class TestEnergies(SourceContract):
    plugin = PLUGIN
    name = "experimental-energies"
