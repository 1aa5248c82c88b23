"""The model `column-peaks`: local maxima, the baseline of everything that learns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import RunContext, Table
from structkit.library import component, configured
from structkit.store.files import write_json
from structkit.store.reading import read_json
from structkit_stem_images.columns import COLUMN
from structkit_stem_images.finding_sites import centroids, maxima
from structkit_stem_images.frames import check_frames, frame_of
from structkit_stem_images.kernel import paint_discs
from structkit_stem_images.model_settings import PeakSettings
from structkit_stem_images.scaling import ranged
from structkit_stem_images.site_scores import Counts, f1, score_sites

RADIUS = 0.5  # Å of the disc of pixels that belongs to a maximum


@component
class ColumnPeaks:
    """Finds columns as local maxima of the smoothed image, and their places as centroids.

    Of the widths and thresholds of its settings it keeps those with the best F1 of columns on the
    training part: two numbers are all that it learns. It knows nothing of classes: every column is
    one, so that it finds no vacancy and no substitution. A network has to find columns better than
    this, at low doses above all.

    Args:
        settings: the words of `PeakSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import mx2
        >>> from structkit import Row, Table, train
        >>> from structkit_stem_images import ColumnPeaks, StemImage
        >>> arrays = StemImage(pixels=64, sampling=0.25)(mx2("MoS2", vacuum=8.0))
        >>> clean = {name: [array, array] for name, array in arrays.items()}
        >>> table = Table.of([Row("one"), Row("two")], **clean, target=clean["defects"])
        >>> model = ColumnPeaks(widths=(0.3, 0.4))
        >>> records = train(model, table)
        >>> sorted(model.predict(table))
        ['pixels', 'said', 'sites']
    """

    @configured(PeakSettings)
    def __init__(self, settings: PeakSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ("0", str(COLUMN))
        self.facts: dict[str, Any] = {}

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Choose width and threshold; yields one record.

        Raises:
            DataError: G020 G021, images that are not of one size and sampling.
        """
        self.facts = frame_of(train)
        rows = np.linspace(0, len(train) - 1, min(len(train), self.settings.most)).astype(int)
        tried = list(itertools.product(self.settings.widths, self.settings.thresholds))
        scores = [self._score(train, rows, *one) for one in tried]
        best = int(np.argmax(scores))
        self.facts |= {"width": tried[best][0], "threshold": tried[best][1]}
        yield {"epoch": 1.0, "train_loss": 1 - scores[best]}

    def _score(self, table: Table, rows: NDArray[Any], width: float, threshold: float) -> float:
        """F1 of the columns of some rows."""
        total = Counts()
        for row in rows.tolist():
            found = self._found(table.item("image", row)[0], width, threshold)
            there = np.asarray(table.item("sites", row))
            total.add(score_sites(np.column_stack([found, found[:, 0]]), there, self._step))
        return f1(total.paired, total.seen, total.there) or 0.0

    @property
    def _step(self) -> float:
        return float(self.facts["sampling"])

    def _found(self, image: NDArray[Any], width: float, threshold: float) -> NDArray[np.float64]:
        """Places (count, 2) of the maxima of an image, across and down."""
        from scipy.ndimage import gaussian_filter, minimum_filter

        separation = self.settings.separation / self._step
        smooth = gaussian_filter(ranged(image), width / self._step)
        darkest = minimum_filter(smooth, int(2 * separation) + 1)
        above = smooth - darkest
        places = maxima(smooth, separation, -np.inf)
        high = above[tuple(places.T)] >= threshold * float(np.ptp(smooth))
        return centroids(smooth, places[high], separation / 2)[:, ::-1]

    def predict(self, features: Table) -> dict[str, Any]:
        """What is said of every row, as `PixelClasses` takes it."""
        check_frames(features, range(len(features)), self.facts)
        sites = [self._row(features, row) for row in range(len(features))]
        pixels = np.zeros((len(features), *self.facts["image"][1:]), np.int64)
        for one, places in zip(pixels, sites, strict=True):
            across, down = (np.ascontiguousarray(places[:, axis]) for axis in (0, 1))
            classes = np.full(len(places), COLUMN, np.int64)
            paint_discs(one, across, down, classes, RADIUS / self._step)
        said = [np.tile(np.array([0.0, 1.0], np.float32), (len(one), 1)) for one in sites]
        return {"pixels": pixels, "sites": sites, "said": said}

    def _row(self, features: Table, row: int) -> NDArray[np.float64]:
        image = features.item("image", row)[0]
        return self._found(image, self.facts["width"], self.facts["threshold"])

    def save(self, folder: Path) -> None:
        """Write what was chosen."""
        write_json(folder / "model.json", {**self.facts, "classes": list(self.classes)})

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts = dict(read_json(folder / "model.json"))
        self.classes = tuple(facts.pop("classes"))
        self.facts = facts
