"""The model `unet`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from structkit import DataError, Problem, RunContext, Table
from structkit.library import component, configured
from structkit.randomness import seed_for
from structkit.store.files import digest
from structkit_stem_images.finding_sites import sites_in
from structkit_stem_images.frames import check_frames, frame_of
from structkit_stem_images.model_settings import UNetSettings
from structkit_stem_images.network import UNetwork
from structkit_stem_images.pixel_classes import UNKNOWN, known_classes
from structkit_stem_images.seen import Seen
from structkit_torch_training import Learner, load_facts, load_weights, repeatable, save_network
from structkit_torch_training.devices import check_device
from structkit_torch_training.predicting import with_random_weights

TOGETHER = 16  # rows that are predicted at once


@dataclass(frozen=True)
class PixelObjective:
    """A class for every pixel of a row, by the weighted cross-entropy.

    Args:
        classes: in the order of the logits.
        weights: how much a pixel of each class counts, float32 (classes,).
    """

    classes: tuple[str, ...]
    weights: Tensor

    def known(self, table: Table) -> Sequence[Any]:
        """The digest of what lies at the pixels of every row."""
        return [digest(table.item("target", row).tolist()) for row in range(len(table))]

    def targets(self, table: Table, device: str) -> Tensor:
        """The place of every pixel's class, int64 (rows, height, width); -1 where it is not known."""
        values = np.asarray(table.stack("target")).astype(np.int64)
        places = np.full(values.shape, UNKNOWN)
        for place, name in enumerate(self.classes):
            places[values == int(name)] = place
        return torch.from_numpy(places).to(device)

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """The cross-entropy of the pixels whose class is known, rare classes weighing more."""
        return cross_entropy(output, targets, self.weights, ignore_index=UNKNOWN)

    def weight(self, targets: Tensor) -> float:
        """What the pixels whose class is known weigh together."""
        return float(self.weights[targets[targets != UNKNOWN]].sum())

    def score(self, output: Tensor, targets: Tensor, rows: int) -> dict[str, float]:
        """Loss, and the share of pixels told right, as often as there are rows."""
        known = targets != UNKNOWN
        share = (output.argmax(1) == targets)[known].float().mean()
        return {"loss": float(self.loss(output, targets)) * rows, "accuracy": float(share) * rows}


@component
class UNet:
    """Says of every pixel what lies there, by a convolutional network, and finds the columns in its maps.

    A network that narrows and widens again, with paths across (O. Ronneberger, P. Fischer and T.
    Brox, 2015), small: 0.12 million weights. Images are standardised one by one, so that neither
    the gain of a detector nor its offset counts. Columns are local maxima of the probability of
    any column, placed at its centroids, with the class that is likeliest about them; they are
    paired with the true ones within 0.5 Å for the scores. It takes images of the sampling of its
    training, and of no other (G020). A network that has learnt one crystal finds its defects in
    that crystal; of another it has to be shown some.

    Args:
        settings: the words of `UNetSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import mx2
        >>> from structkit import Row, Table, train
        >>> from structkit_stem_images import StemImage, UNet
        >>> arrays = StemImage(pixels=32, sampling=0.25)(mx2("MoS2", vacuum=8.0))
        >>> clean = {name: [array, array] for name, array in arrays.items()}
        >>> table = Table.of([Row("one"), Row("two")], **clean, target=clean["defects"])
        >>> model = UNet(epochs=1)
        >>> records = train(model, table)
        >>> model.classes
        ('0', '1')
    """

    @configured(UNetSettings)
    def __init__(self, settings: UNetSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.facts: dict[str, Any] = {}
        self.network: UNetwork | None = None

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train on images with the array `target`; yields one record of losses an epoch.

        Raises:
            DataError: G020, edges that cannot be halved, or several samplings; D041, fewer than two
                rows.
            StepError: P012, the loss became NaN or infinite.
        """
        values = np.asarray(train.stack("target"))
        self.classes = tuple(map(str, known_classes(values)))
        self.facts = frame_of(train)
        _check_edges(self.facts["image"], self.settings.halvings)
        check_frames(valid, range(len(valid)), self.facts)
        with repeatable(context):
            torch.manual_seed(seed_for(context.seed, "weights") % 2**63)
            self.network = self._new_network()
            objective = PixelObjective(self.classes, self._weights(values).to(context.device))
            learner = Learner(self.network, self.collate, objective, self.settings, context)
            yield from learner.fit(train, valid)

    def _weights(self, values: NDArray[np.integer]) -> Tensor:
        """How much a pixel of each class counts; the mean over pixels is one."""
        counts = np.array([(values == int(name)).sum() for name in self.classes], float)
        shares = counts / counts.sum()
        weights = shares**-self.settings.balance
        return torch.tensor(weights / (shares @ weights), dtype=torch.float32)

    def _new_network(self) -> UNetwork:
        network = UNetwork(self.settings.filters, self.settings.halvings, len(self.classes))
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # half as fast again
        return network

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input, standardised, float32 (rows, 1, height, width).

        Mean and spread are those of each image; of one from which an explainer has deleted pixels, those
        of the image as it was (`intact`), so that what is left looks as before.

        Raises:
            DataError: G020, images of another size or sampling than those of the training.
        """
        check_frames(table, rows, self.facts)
        images = torch.from_numpy(table.stack("image", rows).astype(np.float32))
        whole = images
        if "intact" in table.arrays:
            whole = torch.from_numpy(table.stack("intact", rows).astype(np.float32))
        mean = whole.mean(dim=(2, 3), keepdim=True)
        spread = whole.std(dim=(2, 3), keepdim=True)
        return (images - mean) / spread.clamp_min(1e-6 * float(mean.abs().max()) + 1e-12)

    def maps(self, features: Table) -> Iterator[NDArray[np.float32]]:
        """Probabilities of the classes of every pixel, (classes, height, width) a row.

        Raises:
            ValueError: the model is not trained.
        """
        for seen in self._seen(features):
            yield seen.probabilities

    def of_parts(self, features: Table) -> Iterator[NDArray[np.float32]]:
        """The same of the pixels row by row, (pixels, classes) a row."""
        for maps in self.maps(features):
            yield maps.reshape(len(maps), -1).T

    def _seen(self, features: Table) -> Iterator[Seen]:
        """What the network makes of every row."""
        network = self._trained()
        network.eval()
        device = next(network.parameters()).device
        for start in range(0, len(features), TOGETHER):
            rows = range(start, min(start + TOGETHER, len(features)))
            with torch.no_grad():
                logits, last, image = network.answered(self.collate(features, rows).to(device))
            maps = (torch.softmax(logits, 1), last, image)
            yield from map(Seen, *(one.cpu().numpy() for one in maps))

    def predict(self, features: Table) -> dict[str, Any]:
        """What is said of every row, as `PixelClasses` takes it."""
        return self.predict_with_features(features)[0]

    def features(self, features: Table) -> list[NDArray[np.float32]]:
        """Where the network sees each column that it finds, (sites, numbers) a row."""
        return self.predict_with_features(features)[1]

    def predict_with_features(
        self, features: Table
    ) -> tuple[dict[str, Any], list[NDArray[np.float32]]]:
        """What `predict` and `features` give, in one pass."""
        classes = np.array([int(name) for name in self.classes])
        pixels, sites, said, seen = [], [], [], []
        separation = self.settings.separation / self.facts["sampling"]
        for row in self._seen(features):
            pixels.append(classes[row.probabilities.argmax(axis=0)])
            where, probable = sites_in(row.probabilities, separation, self.settings.threshold)
            sites.append(where)
            said.append(probable)
            seen.append(row.at(where))
        empty = np.zeros((0, *self.facts["image"][1:]), np.int64)
        told = {"pixels": np.stack(pixels) if pixels else empty, "sites": sites, "said": said}
        return told, seen

    def with_random_weights(self, seed: int) -> Self:
        """A copy that has learnt nothing: every weight of its network is drawn anew."""
        self._trained()
        return with_random_weights(self, seed)

    def to(self, device: str) -> Self:
        """Move the network to a device, such as `cuda:1`.

        Raises:
            SpecError: Y012, there is no such device here.
        """
        check_device(device)
        self._trained().to(device)
        return self

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), classes and facts (JSON) into a folder."""
        save_network(folder, self._trained(), {**self.facts, "classes": list(self.classes)})

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.facts = load_facts(folder)
        self.classes = tuple(self.facts.pop("classes"))
        self.network = self._new_network()
        load_weights(folder, self.network)

    def _trained(self) -> UNetwork:
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        return self.network


def _check_edges(image: Sequence[int], halvings: int) -> None:
    """Refuse images whose edges are not whole pixels after all halvings.

    Raises:
        DataError: G020.
    """
    if any(edge % 2**halvings for edge in image[1:]):
        message = f"images of {image[1]} by {image[2]} pixels cannot be halved {halvings} times"
        fix = f"use edges divisible by {2**halvings}, or lower halvings"
        raise DataError(Problem("G020", message, fix=fix))
