import torch

from structkit.testing import ExplainerContract, PixelExplainerContract, PluginContract
from structkit_torch_training.testing import small_cnn

PLUGIN = "structkit_response_maps.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestResponseMaps(ExplainerContract):
    plugin = PLUGIN
    name = "response-maps"
    settings = {"layers": (1,)}

    def model(self, randomised=False):
        return small_cnn(self.features(), randomised)


class Convolution:
    """The linear model of planted pixels as a network."""

    def __init__(self, linear):
        kernel = torch.from_numpy(linear.kernel[:, None]).float()
        self.linear = linear
        self.network = torch.nn.Conv2d(
            1, 2, kernel.shape[-1], padding=kernel.shape[-1] // 2, bias=False
        )
        self.network.weight.data = kernel

    def collate(self, table, rows):
        return torch.from_numpy(table.stack("image", rows))

    def of_parts(self, features):
        return self.linear.of_parts(features)


class TestPixelMaps(PixelExplainerContract):
    plugin = PLUGIN
    name = "pixel-maps"

    def model(self, randomised=False):
        return Convolution(super().model(randomised))
