"""Whether oneDNN multiplies the network's matrices faster than what torch takes by itself, on this processor.

OMP_NUM_THREADS=1 .venv/bin/python plugins/attention-mpnn/benchmarks/linear_layers.py

torch multiplies single precision by MKL. oneDNN is reached by `torch.ops.mkldnn._linear_pointwise`, which is
private and has no gradient: a layer that used it would need a function of its own for each of three products. They are
timed in turns, by process time, the least of each counts; shapes are those of four graphs of 4,320 particles.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import linear

TURNS = 15
PARTICLES, BONDS = 4 * 4320, 4 * 4320 * 6
SHAPES = [(BONDS, 64, 64), (BONDS, 192, 64), (PARTICLES, 64, 192), (PARTICLES, 64, 64)]


def by_onednn(values: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A linear layer: (rows, inputs) by (outputs, inputs) -> (rows, outputs)."""
    made: Tensor = torch.ops.mkldnn._linear_pointwise(values, weight, bias, "none", [], "")
    return made


def seconds(ways: list[Callable[[], Tensor]]) -> list[float]:
    """The least process time of each of several ways, done in turns."""
    least = [float("inf")] * len(ways)
    for _ in range(TURNS):
        for place, way in enumerate(ways):
            begun = time.process_time()
            way()
            least[place] = min(least[place], time.process_time() - begun)
    return least


def products(rows: int, inputs: int, outputs: int) -> dict[str, list[Callable[[], Tensor]]]:
    """The three products of a layer in training, each by torch and by oneDNN."""
    values, back = torch.randn(rows, inputs), torch.randn(rows, outputs)
    weight, bias = torch.randn(outputs, inputs), torch.randn(outputs)
    across, upright, gradients = (
        weight.t().contiguous(),
        values.t().contiguous(),
        back.t().contiguous(),
    )
    return {
        "outputs": [lambda: linear(values, weight, bias), lambda: by_onednn(values, weight, bias)],
        "gradient of inputs": [lambda: back @ weight, lambda: by_onednn(back, across)],
        "gradient of weights": [lambda: back.t() @ values, lambda: by_onednn(gradients, upright)],
    }


def main() -> None:
    """Print a line a shape and product."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for shape in SHAPES:
        for name, ways in products(*shape).items():
            usual, other = seconds(ways)
            same = torch.equal(ways[0](), ways[1]())
            words = f"{usual * 1e3:6.2f} ms by MKL, {other * 1e3:6.2f} by oneDNN, {usual / other:4.2f} times as fast"
            print(
                f"{shape!s:18} {name:20} {words}, {'equal bits' if same else 'other bits'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
