"""The explainer `spectrum-maps`: which stretches of a pattern a prediction rests on, and which lines lie there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients
from numpy.typing import NDArray
from torch import Tensor, nn

from structkit import Table
from structkit.library import component, configured
from structkit_powder_spectra.naming import named_lines
from structkit_powder_spectra.network_settings import SpectrumMapSettings

Map = NDArray[np.float32]
SHOWN = ("spectrum", "axis")  # what the report draws beside the maps
EMPTY = 25  # percentile of a pattern that stands for nothing


class Differentiable(Protocol):
    """A model that offers `gradients`: `network` maps (rows, 1, points) to logits."""

    network: Any

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input."""


@component
class SpectrumMaps:
    """Relevance along the axis of a spectrum, with lines named by their planes.

    The axis is cut into `parts`; each has one number by each of `methods`: the gradient of the
    class's logit times what is above the background, integrated gradients on the way from an empty
    pattern, and how far the logit falls when the part is empty. An empty pattern is the level of a
    quarter of the points. The core tests them by deletion and with random weights. Lines of
    simulated rows are named by their own reflections, those of a measured row by the lattice that
    `lattices` gives its label, where that fits better than it fits nineteen of twenty patterns
    whose lines are displaced; where two families of planes lie within `near`, a line has no name.

    A part that matters to the network need not be what a crystallographer would look at: the
    background of one instrument may carry the answer, and the map then says so.

    Args:
        settings: the words of `SpectrumMapSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_powder_spectra import PowderXrd, SpectrumCnn, SpectrumMaps
        >>> describe = PowderXrd(start=20, stop=100, step=0.1)
        >>> metals = {"Cu": "fcc", "Fe": "bcc", "Al": "fcc", "W": "bcc"}
        >>> patterns = [describe(bulk(name)) for name in metals]
        >>> rows = [Row(name, label) for name, label in metals.items()]
        >>> arrays = {name: [pattern[name] for pattern in patterns] for name in patterns[0]}
        >>> table = Table.of(rows, **arrays)
        >>> model = SpectrumCnn(epochs=3, filters=[4, 4])
        >>> records = train(model, table)
        >>> maps = next(SpectrumMaps(parts=40).explain(model, table))
        >>> maps["relevance_occlusion"].shape
        (40,)
    """

    @configured(SpectrumMapSettings)
    def __init__(self, settings: SpectrumMapSettings) -> None:
        self.settings = settings

    def explain(self, model: Differentiable, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Maps of every row, in order.

        Yields:
            `relevance_gradient_x_input` and so on, one for each of `methods`: float32 (parts,);
            `spectrum` and `axis` as the model had them; `line_places` (lines,), on the axis; `line_planes`
            (lines, 3): hkl, or 0 0 0 where there is no name; `line_relevance` (lines, methods), of the
            part in which a line lies; `lattice_scale` (1,): of the cell of `lattices` that names the
            lines, 1 where they are the row's own reflections, 0 where none has a name.
        """
        device = next(model.network.parameters()).device
        names = features.arrays
        for row in range(len(features)):
            spectrum = model.collate(features, [row]).to(device)
            maps = self._maps(model.network, spectrum)
            inputs = {name: features.item(name, row) for name in names}
            yield {
                **{f"relevance_{name.replace('-', '_')}": value for name, value in maps.items()},
                **{name: np.asarray(inputs[name]) for name in SHOWN if name in inputs},
                **named_lines(inputs, list(maps.values()), self.settings, features.rows[row].label),
            }

    def strength(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """How much there is of each part above nothing, (parts,)."""
        spectrum = np.asarray(inputs["spectrum"], float)
        return self._sums(np.abs(spectrum - np.percentile(spectrum, EMPTY)))

    def without(
        self, inputs: Mapping[str, NDArray[Any]], deleted: NDArray[np.bool_]
    ) -> dict[str, NDArray[Any]]:
        """The inputs of a row with some parts at the level of its background."""
        spectrum = inputs["spectrum"]
        gone = np.asarray(deleted)[parts_of(len(spectrum), self.settings.parts)]
        empty = np.percentile(spectrum, EMPTY)
        return {**inputs, "spectrum": np.where(gone, empty, spectrum).astype(spectrum.dtype)}

    def _maps(self, network: nn.Module, spectrum: Tensor) -> dict[str, Map]:
        with torch.no_grad():
            target = int(network(spectrum).argmax())
        level = float(np.percentile(spectrum.cpu().numpy(), EMPTY))
        methods: dict[str, Callable[[], Map]] = {
            "gradient-x-input": lambda: self._gradient(network, spectrum, target, level),
            "integrated-gradients": lambda: self._integrated(network, spectrum, target, level),
            "occlusion": lambda: self._occlusion(network, spectrum, target, level),
        }
        return {name: methods[name]() for name in self.settings.methods}

    def _gradient(self, network: nn.Module, spectrum: Tensor, target: int, level: float) -> Map:
        """Gradient of the class's logit times what is above the background (Shrikumar et al., 2016)."""
        whole = spectrum.detach().requires_grad_(True)
        gradient = InputXGradient(_Above(network, level)).attribute(whole - level, target=target)
        return self._summed(gradient)

    def _integrated(self, network: nn.Module, spectrum: Tensor, target: int, level: float) -> Map:
        """Gradients averaged on the way from an empty pattern (Sundararajan et al., ICML 2017)."""
        way = IntegratedGradients(network)
        empty = torch.full_like(spectrum, level)
        steps = self.settings.steps
        return self._summed(way.attribute(spectrum, empty, target=target, n_steps=steps))

    def _occlusion(self, network: nn.Module, spectrum: Tensor, target: int, level: float) -> Map:
        """Fall of the class's logit when a part is empty."""
        part = torch.from_numpy(parts_of(spectrum.shape[-1], self.settings.parts))
        numbers = torch.arange(int(part.max()) + 1)
        hidden = (part[None] == numbers[:, None]).to(spectrum.device)[:, None]
        with torch.no_grad():
            variants = torch.where(hidden, level, spectrum)
            fall = network(spectrum)[0, target] - network(variants)[:, target]
        values: Map = fall.cpu().numpy().astype(np.float32)
        return values

    def _summed(self, attribution: Tensor) -> Map:
        values = attribution.detach().cpu().numpy().reshape(-1)
        return self._sums(values).astype(np.float32)

    def _sums(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(parts_of(len(values), self.settings.parts), weights=values)


class _Above(nn.Module):
    """A network of what is above a level."""

    def __init__(self, network: nn.Module, level: float) -> None:
        super().__init__()
        self.network, self.level = network, level

    def forward(self, above: Tensor) -> Tensor:
        logits: Tensor = self.network(above + self.level)
        return logits


def parts_of(points: int, parts: int) -> NDArray[np.int64]:
    """The part that each point belongs to, (points,); as many parts as points where there are fewer."""
    return np.arange(points) * min(parts, points) // points
