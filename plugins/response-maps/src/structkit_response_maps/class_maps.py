"""Class-specific maps: which pixels raise the logit of one class. The methods are captum's."""

from __future__ import annotations

import numpy as np
from captum.attr import InputXGradient, IntegratedGradients, LayerAttribution, LayerGradCam
from numpy.typing import NDArray
from torch import Tensor, nn

Map = NDArray[np.float32]
Target = int | tuple[int, int, int]


def gradient_x_input(network: nn.Module, image: Tensor, target: Target) -> Map:
    """Gradient of the class's logit times the image, summed over channels.

    Source: Shrikumar et al., arXiv:1605.01713 (2016).

    Args:
        network: (1, channels, height, width) to logits (1, classes), or (1, classes, height, width), in
            evaluation mode.
        image: (1, channels, height, width).
        target: which class; of logits of pixels the class, and the row and column of the pixel.

    Returns:
        float32 (height, width); positive where the image speaks for the class.
    """
    return _plane(InputXGradient(network).attribute(image, target=target))


def integrated_gradients(network: nn.Module, image: Tensor, target: Target, steps: int) -> Map:
    """Gradients times the image, averaged on the straight way from an empty image, summed over channels.

    The map sums to the logit less that of an empty image, up to the error of `steps` points
    (Gauss-Legendre).
    Source: Sundararajan et al., ICML 2017, equation 1. Arguments and result as `gradient_x_input`.
    """
    return _plane(IntegratedGradients(network).attribute(image, target=target, n_steps=steps))


def grad_cam(network: nn.Module, layer: nn.Module, image: Tensor, target: int) -> Map:
    """The layer's feature maps weighted by their mean gradients, positive part, enlarged to the image.

    Source: Selvaraju et al., ICCV 2017, equations 1 and 2. Arguments and result as
    `gradient_x_input`.
    """
    coarse = LayerGradCam(network, layer).attribute(image, target=target, relu_attributions=True)
    return _plane(LayerAttribution.interpolate(coarse, image.shape[-2:], "bilinear"))


def _plane(attribution: Tensor) -> Map:
    plane: Map = attribution.detach().sum(dim=1)[0].cpu().numpy().astype(np.float32)
    return plane
