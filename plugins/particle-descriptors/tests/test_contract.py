from structkit.testing import DescriptorContract, PluginContract

PLUGIN = "structkit_particle_descriptors.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestNearest(DescriptorContract):
    plugin = PLUGIN
    name = "neighbour-graph"
    settings = {"k": 4}
    # relabelling changes the order of the arrays: see test_graph.py
    symmetries = (
        "translation",
        "rotation",
    )


class TestCutoff(TestNearest):
    settings = {"neighbours": "cutoff", "cutoff": 1.3, "scale": "mean"}


class TestVoronoi(TestNearest):
    settings = {"neighbours": "voronoi"}


class TestPairHistogram(DescriptorContract):
    plugin = PLUGIN
    name = "pair-histogram"
    settings = {"species": ("Cu", "Na", "Cl", "Fe"), "reach": 3.1}
    refuses = ("no cell",)  # its species are not in the settings
    symmetries = ("translation", "permutation", "rotation", "supercell")


class TestGlassMetrics(DescriptorContract):
    plugin = PLUGIN
    name = "glass-metrics"
    settings = {"b": "Na"}
    symmetries = ("translation", "permutation", "rotation")
