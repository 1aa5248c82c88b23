from structkit.testing import DescriptorContract, PluginContract

PLUGIN = "structkit_diffraction_fingerprint.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestFingerprint(DescriptorContract):
    plugin = PLUGIN
    name = "diffraction-fingerprint"
    settings = {"size": 32}
    symmetries = ("translation", "permutation")
    refuses = ("lone atom",)


class TestFingerprintWithoutElements(DescriptorContract):
    plugin = PLUGIN
    name = "diffraction-fingerprint"
    settings = {"size": 24, "contrast": "none", "angle": 30.0}
    refuses = ("lone atom",)


class TestPowderPattern(DescriptorContract):
    plugin = PLUGIN
    name = "powder-pattern"
    settings = {"points": 60}
    symmetries = ("translation", "permutation", "rotation", "supercell")
    tolerance = 1e-3
    refuses = ("lone atom",)


class TestPowderImage(DescriptorContract):
    plugin = PLUGIN
    name = "powder-image"
    settings = {"size": 32}
    symmetries = ("translation", "permutation", "rotation", "supercell")
    tolerance = 2e-3
    refuses = ("lone atom",)
