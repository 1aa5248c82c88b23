from structkit.testing import DescriptorContract, PluginContract, SourceContract

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


class TestLocalEnvironments(DescriptorContract):
    plugin = PLUGIN
    name = "local-environments"
    # what depends on the order of atoms, and on ties in perfect crystals: see test_environments.py
    symmetries = ()
    refuses = ("no cell", "lone atom")


class TestKnownEnvironments(SourceContract):
    plugin = PLUGIN
    name = "known-environments"
    settings = {"bulk": 5, "vacancies": 1, "faults": 1, "slabs": 1, "particles": 1, "polycrystals": 0,
                "interfaces": 0, "liquids": 0, "glasses": 0, "packings": 1, "motifs": 1}  # fmt: skip
