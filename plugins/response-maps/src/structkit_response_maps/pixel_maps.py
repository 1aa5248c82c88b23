"""The explainer of pixels: which pixels of an image carry the verdict on one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from structkit import Table
from structkit.library import component, configured
from structkit_response_maps.class_maps import Target, gradient_x_input, integrated_gradients
from structkit_response_maps.settings import PixelMapSettings

Map = NDArray[np.float32]


class OfPixels(Protocol):
    """A model of pixels that offers `gradients`.

    `network` maps images (batch, channels, height, width) to logits (batch, classes, height, width).
    """

    network: Any

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input."""


@component
class PixelMaps:
    """Which pixels of an image speak for the class that was said of one of them.

    All methods start from a grey image, its mean everywhere, as the deletion does by which the core
    tests them. A network whose input is standardised reads that as zero.

    * `gradient-x-input`: the derivative of the class's logit at the pixel times the input (Shrikumar
      et al., arXiv:1605.01713);
    * `integrated-gradients`: the same, averaged on the straight way from zero (Sundararajan et al.,
      ICML 2017, equation 1);
    * `nearness`: how near each pixel is, whatever the network says: what others are to surpass.

    Args:
        settings: the words of `PixelMapSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import mx2
        >>> from structkit import Row, Table, train
        >>> from structkit_response_maps import PixelMaps
        >>> from structkit_stem_images import StemImage, UNet
        >>> arrays = StemImage(pixels=32, sampling=0.25)(mx2("MoS2", vacuum=8.0))
        >>> clean = {name: [array, array] for name, array in arrays.items()}
        >>> table = Table.of([Row("one"), Row("two")], **clean, target=clean["defects"])
        >>> model = UNet(epochs=1)
        >>> records = train(model, table)
        >>> asked = table.with_arrays(explained=[np.array([8, 520])] * 2)  # flat places of pixels
        >>> maps = next(PixelMaps().explain(model, asked))
        >>> maps["relevance_integrated_gradients"].shape
        (2, 32, 32)
    """

    @configured(PixelMapSettings)
    def __init__(self, settings: PixelMapSettings) -> None:
        self.settings = settings

    def explain(self, model: OfPixels, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Maps of every row, in order.

        Yields:
            `relevance_integrated_gradients` and so on, one for each of `methods`: float32 (explained
            pixels, height, width); and `said`, int64 (explained pixels), the place of the class that
            is explained.
        """
        device = next(model.network.parameters()).device
        for row in range(len(features)):
            image = model.collate(features, [row]).to(device)
            targets = self._targets(model.network, image, features.item("explained", row))
            maps = {
                f"relevance_{name.replace('-', '_')}": self._maps(
                    model.network, image, name, targets
                )
                for name in self.settings.methods
            }
            yield {**maps, "said": np.array([target[0] for target in targets], np.int64)}

    def _targets(
        self, network: Any, image: Tensor, pixels: NDArray[np.int64]
    ) -> list[tuple[int, int, int]]:
        """The class that is said of each pixel, with its row and column."""
        with torch.no_grad():
            said = network(image)[0].argmax(0).cpu().numpy()
        rows, columns = np.divmod(pixels, said.shape[1])
        places = zip(rows.tolist(), columns.tolist(), strict=True)
        return [(int(said[place]), *place) for place in places]

    def _maps(
        self, network: Any, image: Tensor, name: str, targets: list[tuple[int, int, int]]
    ) -> Map:
        methods: dict[str, Callable[[Target], Map]] = {
            "gradient-x-input": lambda target: gradient_x_input(network, _asked(image), target),
            "integrated-gradients": lambda target: integrated_gradients(
                network, _asked(image), target, self.settings.steps
            ),
            "nearness": lambda target: _nearness(image, target),
        }
        shape = tuple(image.shape[-2:])
        maps = [methods[name](target) for target in targets]
        return np.stack(maps) if maps else np.zeros((0, *shape), np.float32)

    def strength(self, inputs: Mapping[str, NDArray[Any]], pixel: int) -> NDArray[Any]:
        """How far each pixel is from the mean of the image, (height, width), whichever is explained."""
        return np.asarray(np.abs(inputs["image"] - _mean(inputs["image"])).sum(axis=0))

    def without(
        self, inputs: Mapping[str, NDArray[Any]], deleted: NDArray[np.bool_], pixel: int
    ) -> dict[str, NDArray[Any]]:
        """The inputs of a row with some pixels (height, width) of the image at its mean.

        Beside it stands the image as it was, `intact`: a model that standardises images takes mean and
        spread from there. Those of what is left would show every other pixel brighter than it was.
        """
        image = inputs["image"]
        grey = np.where(deleted, _mean(image), image).astype(image.dtype)
        return {**inputs, "image": grey, "intact": image}


def _asked(image: Tensor) -> Tensor:
    """The image as one by which derivatives are taken."""
    return image.detach().clone().requires_grad_(True)


def _mean(image: NDArray[Any]) -> NDArray[Any]:
    """The mean of each channel, (channels, 1, 1)."""
    return np.asarray(image.mean(axis=(1, 2), keepdims=True))


def _nearness(image: Tensor, target: Target) -> Map:
    """Less for pixels that are farther away, (height, width)."""
    assert isinstance(target, tuple)  # noqa: S101  (who calls has pixels)
    down, across = np.indices(tuple(image.shape[-2:]))
    away = np.hypot(down - target[1], across - target[2])
    return np.asarray(-away, np.float32)
