"""The 32 filters of the first layer, after training on fingerprints.

Seven by seven pixels, three channels: red, green and blue are the three axes of the diffraction.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).parent))
from response_maps import fingerprints, trained  # type: ignore[import-not-found]  # noqa: E402

SHOWS = ("cnn-classifier",)  # components


def draw() -> Figure:
    """Two lines of filters."""
    network = trained(fingerprints()).network
    assert network is not None  # noqa: S101  (it was trained just now)
    filters = next(network.parameters()).detach().numpy()
    figure = Figure(figsize=(9, 2.3), layout="constrained")
    for axis, weights in zip(figure.subplots(2, 16).ravel(), filters, strict=True):
        shades = np.moveaxis(weights, 0, -1) / np.abs(filters).max() / 2 + 0.5
        axis.imshow(np.clip(shades, 0, 1), interpolation="nearest")
        axis.set_axis_off()
    return figure
