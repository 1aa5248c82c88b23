"""Attentive response maps of Ziletti et al. (2018), and class-specific maps, of a convolutional classifier."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_response_maps.class_maps import grad_cam, gradient_x_input, integrated_gradients
    from structkit_response_maps.maps import ResponseMaps
    from structkit_response_maps.pixel_maps import PixelMaps
    from structkit_response_maps.response import response_map

__all__ = [
    "PixelMaps",
    "ResponseMaps",
    "grad_cam",
    "gradient_x_input",
    "integrated_gradients",
    "response_map",
]
__getattr__ = exports(
    __name__,
    PixelMaps="pixel_maps",
    ResponseMaps="maps",
    response_map="response",
    gradient_x_input="class_maps",
    integrated_gradients="class_maps",
    grad_cam="class_maps",
)
