"""Size and sampling of images, which a model must know again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from structkit import DataError, Problem, Table

ALIKE = 0.02  # by which samplings may differ, as a share


def frame_of(train: Table) -> dict[str, Any]:
    """Shape and sampling of the images that a model learns from, all alike.

    Raises:
        DataError: G020, several samplings or sizes, more than one channel; G021, no sampling.
    """
    if "sampling" not in train.arrays:
        message = "these images do not say how many Å a pixel is"
        fix = "use images of stem-image or image-files"
        raise DataError(Problem("G021", message, fix=fix))
    shape = list(train.item("image", 0).shape)
    if shape[0] != 1:
        message = f"images of {shape[0]} channels; an image of a detector has one"
        raise DataError(Problem("G020", message, train.rows[0].id, "use another model"))
    facts = {"image": shape, "sampling": float(train.item("sampling", 0)[0])}
    check_frames(train, range(len(train)), facts)
    return facts


def check_frames(table: Table, rows: Iterable[int], facts: Mapping[str, Any]) -> None:
    """Refuse images of another size or sampling than a model knows.

    Raises:
        DataError: G020, with the row.
    """
    for row in rows:
        shape = list(table.item("image", row).shape)
        sampling = float(table.item("sampling", row)[0])
        same = abs(sampling / facts["sampling"] - 1) <= ALIKE
        if shape != facts["image"] or not same:
            height, width = facts["image"][1:]
            message = (
                f"an image of {shape[-2]} by {shape[-1]} pixels of {sampling:.3g} Å; the model "
                f"learnt {height} by {width} of {facts['sampling']:.3g} Å"
            )
            fix = "read and simulate all images with one pixels and one sampling"
            raise DataError(Problem("G020", message, table.rows[row].id, fix))
