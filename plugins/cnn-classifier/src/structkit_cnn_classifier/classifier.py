"""The models `cnn-classifier` and `cnn-disorder`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from structkit import DataError, Problem, Table
from structkit.library import component, configured
from structkit_cnn_classifier.augmentation import shown_otherwise
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings, DisorderSettings
from structkit_torch_training import TorchClassifier

if TYPE_CHECKING:
    from structkit_torch_training.learner import Augment, Kept


class ImageClassifier(TorchClassifier):
    """What both have in common: reads the array `image`, (channels, height, width) a row.

    Trained by Adam on the cross-entropy.
    """

    settings: CnnSettings

    def facts_of(self, train: Table) -> dict[str, Any]:
        """The shape of the images.

        Raises:
            DataError: S016, images too small for the pooling.
        """
        image = train.item("image", 0).shape
        if len(image) != 3 or min(image[1:]) < 2 ** (len(self.settings.filters) - 1):
            message = f"images of shape {image} cannot pass {len(self.settings.filters)} blocks of filters"
            raise DataError(Problem("S016", message, fix="use larger images or fewer blocks"))
        if "turn" in self.settings.augment and image[1] != image[2]:
            message = f"images of {image[1]} by {image[2]} pixels cannot be turned"
            raise DataError(Problem("S016", message, fix="use square images, or leave out turn"))
        return {"image": list(image)}

    def augmentation(self) -> Augment | None:
        """Turns, mirror images and shifts, where the settings ask for them."""
        ways = self.settings.augment
        return functools.partial(shown_otherwise, ways=ways) if ways else None

    def new_network(self) -> Network:
        """Fresh weights, for images of the training data's shape."""
        channels, height, width = self.facts["image"]
        network = Network(self.settings, (channels, height, width), len(self.classes))
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions run half as fast again
        return network

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input, float32 (rows, channels, height, width)."""
        return torch.from_numpy(table.stack("image", rows).astype(np.float32))


@component
class CnnClassifier(ImageClassifier):
    """Classifies images by a convolutional network (Ziletti et al., Nature Communications 9, 2775 (2018)).

    Three blocks of two 7×7 convolutions (32, 16 and 8 filters) with max-pooling between, dropout,
    a dense layer of 128, batch normalisation and softmax: 365,719 numbers for 7 classes and images
    of 64 pixels. Adam on the cross-entropy; the epoch with the lowest validation loss is kept, and
    a training that was killed goes on to the same bytes. Batch normalisation averages with
    momentum 0.1 instead of Keras's 0.01, because the averages of a few hundred steps have not
    arrived otherwise.

    The dense layer knows where in an image things are: of crystals that all lie alike it learns
    that, of liquids and glasses it learns by heart (`cnn-disorder`). Its probabilities are surest
    of what it has never seen: let a guard follow.

    Args:
        settings: the words of `CnnSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_cnn_classifier import CnnClassifier
        >>> images = np.random.default_rng(0).random((8, 3, 16, 16), dtype=np.float32)
        >>> table = Table.of([Row(f"row {i}", label="ab"[i % 2]) for i in range(8)], image=images)
        >>> model = CnnClassifier(epochs=2, batch_size=4, filters=((8,), (8,)))
        >>> records = train(model, table, seed=1)
        >>> model.classes, model.predict(table).shape
        (('a', 'b'), (8, 2))
    """

    @configured(CnnSettings)
    def __init__(self, settings: CnnSettings) -> None:
        super().__init__(settings)


@component
class DisorderCnn(ImageClassifier):
    r"""Classifies images of disordered matter: what is there counts, not where, nor which way it is turned.

    The network of `cnn-classifier` with other defaults: few filters, batch norms, and the mean
    over all positions,

    $$
    z = \frac{1}{HW} \sum_{x, y} \phi(x, y)
    $$

    of the last features φ, so that it takes images of any size at the scale it was trained at
    (windows, then whole boxes). Training images are turned by quarters and mirrored. The learning
    rate falls to nothing and the last epoch is kept (`keep`): a few trajectories cannot say which
    epoch is best. A mean sees local structure and how often it is there; order that spans more than
    its field of view it does not see.

    Args:
        settings: the words of `DisorderSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_cnn_classifier import DisorderCnn
        >>> images = np.random.default_rng(0).random((8, 3, 16, 16), dtype=np.float32)
        >>> table = Table.of([Row(f"row {i}", label="ab"[i % 2]) for i in range(8)], image=images)
        >>> model = DisorderCnn(epochs=1, batch_size=4)
        >>> records = train(model, table, seed=1)
        >>> larger = np.zeros((1, 3, 32, 32), dtype=np.float32)
        >>> model.predict(Table.of([Row("box")], image=larger)).shape
        (1, 2)
    """

    settings: DisorderSettings

    @configured(DisorderSettings)
    def __init__(self, settings: DisorderSettings) -> None:
        super().__init__(settings)

    def kept_epoch(self) -> Kept:
        """As the settings say."""
        return self.settings.keep
