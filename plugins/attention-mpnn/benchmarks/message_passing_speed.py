"""Training and inference per particle on DGL, plain torch, compiled torch and torch_geometric: one network, one run.

.venv/bin/python -m pip install torch_geometric
OMP_NUM_THREADS=1 .venv/bin/python plugins/attention-mpnn/benchmarks/message_passing_speed.py

The engines run the same `Network` with the same weights on the same batch, in turns; their logits must
agree. Compiled is plain torch by `torch.compile`, which needs a C++ compiler; compiling is not timed. Graphs
join the six nearest, or all within 2.5 σ.
Also: what building the graphs costs, what subnormal numbers would cost, how near the matrix
products are to the machine's rate, and how memory grows with the number of edges.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from structkit_attention_mpnn import network as network_module
from structkit_attention_mpnn.batch import Batch, batch
from structkit_attention_mpnn.network import Network
from structkit_attention_mpnn.operations import Operations, TorchOperations, operations
from structkit_attention_mpnn.settings import MpnnSettings
from structkit_particle_descriptors import NeighbourGraph
from structkit_particle_descriptors.examples import flat, graph_table

GRAPHS, PARTICLES, ROUNDS = 4, 4320, 5
ENGINES = ("dgl", "torch", "compiled", "torch_geometric")
GRAPH_SETTINGS: dict[str, dict[str, Any]] = {
    "six nearest": {"k": 6},
    "within 2.5": {"neighbours": "cutoff", "cutoff": 2.5},
}


class GeometricOperations(TorchOperations):
    """The same operations by torch_geometric's own functions."""

    def to_receivers(self, edges: Tensor) -> Tensor:
        """The sum of the edges that come in at each particle."""
        from torch_geometric.utils import scatter

        found: Tensor = scatter(edges, self.batch.receivers, 0, self.count, "sum")
        return found

    def softmax_at_receivers(self, edges: Tensor) -> Tensor:
        """Softmax over the edges that come in at each particle."""
        from torch_geometric.utils import softmax

        found: Tensor = softmax(edges, self.batch.receivers, num_nodes=self.count)
        return found

    def softmax_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """Softmax over the values of each graph."""
        from torch_geometric.utils import softmax

        groups = torch.repeat_interleave(torch.arange(len(counts)), counts)
        found: Tensor = softmax(values, groups, num_nodes=len(counts))
        return found

    def sum_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """The sum of the values of each graph."""
        from torch_geometric.utils import scatter

        groups = torch.repeat_interleave(torch.arange(len(counts)), counts)
        found: Tensor = scatter(values, groups, 0, len(counts), "sum")
        return found


def chosen(name: str, one: Batch) -> Operations:
    """An engine by name, torch_geometric among them."""
    name = "torch" if name == "compiled" else name
    return GeometricOperations(one) if name == "torch_geometric" else operations(name, one)


def example(graphs: int, particles: int, joined: str = "six nearest") -> Batch:
    """Periodic configurations of the density of the glass study."""
    edge = float(np.sqrt(particles / 1.2))
    boxes = [flat(particles, seed, edge) for seed in range(graphs)]
    return batch(graph_table(boxes, **GRAPH_SETTINGS[joined]), range(graphs), [15, 28])


def training_step(network: nn.Module, one: Batch) -> Tensor:
    """Forward and backward."""
    network.zero_grad()
    logits = network(one)
    nn.functional.cross_entropy(logits, torch.zeros(len(one), dtype=torch.long)).backward()
    return logits.detach()


def inference(network: nn.Module, one: Batch) -> Tensor:
    """Forward alone."""
    with torch.no_grad():
        return network(one)


def seconds(act: Callable[[], object]) -> float:
    """Process time of one call: what others do on the machine counts little."""
    started = time.process_time()
    act()
    return time.process_time() - started


def multiply_rate() -> float:
    """Multiplications and additions a second of a large matrix product."""
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return 2 * 1024**3 / min(seconds(lambda: a @ b) for _ in range(20))


def products(act: Callable[[], object]) -> float:
    """Multiplications and additions of all matrix products of one call."""
    with FlopCounterMode(display=False) as counter:
        act()
    return float(counter.get_total_flops())


def everywhere(network: Network) -> Network:
    """The network with random weights where it begins with zeros: else all engines would agree on nothing."""
    for weights in network.parameters():
        if not weights.any():
            nn.init.normal_(weights, std=0.1)
    return network


def on_engines(network: Network) -> dict[str, nn.Module]:
    """The network as each engine runs it; they share its weights."""
    return {
        name: torch.compile(network, dynamic=False) if name == "compiled" else network
        for name in ENGINES
    }


def compare(attention: str, hidden: int, joined: str) -> None:
    """Print the times of the engines on one network and one sort of graphs."""
    one = example(GRAPHS, PARTICLES, joined)
    torch.manual_seed(0)
    settings = MpnnSettings(hidden=hidden, attention=attention, dropout=0.0)
    network = everywhere(Network(settings, 2, (0.5, 2.0), 0, 2, "dgl").train())
    torch.compiler.reset()
    forms = on_engines(network)
    times: dict[tuple[str, str], list[float]] = {}
    logits: dict[str, Tensor] = {}
    for turn in range(ROUNDS + 1):
        for name in ENGINES:
            network.engine = name
            logits[name] = training_step(forms[name], one) if turn == 0 else logits[name]
            for what, act in (("training", training_step), ("inference", inference)):
                taken = seconds(lambda act=act, name=name: act(forms[name], one))  # type: ignore[misc]
                if turn:  # the first turn warms up, and compiles
                    times.setdefault((what, name), []).append(taken)
    worst = max(float((logits[name] - logits["dgl"]).abs().max()) for name in ENGINES)
    print(
        f"\n{attention} attention, hidden {hidden}, {joined}: "
        f"{GRAPHS} graphs of {PARTICLES} particles, {len(one.senders)} edges"
    )
    print(f"largest difference of the logits between engines: {worst:.1e}")
    network.engine = "dgl"
    for what, act in (("training", training_step), ("inference", inference)):
        medians = {name: float(np.median(times[what, name])) for name in ENGINES}
        say_times(what, medians, products(lambda act=act: act(network, one)))  # type: ignore[misc]


def say_times(what: str, medians: dict[str, float], multiplications: float) -> None:
    """Print the time of each engine, and what of DGL's is left once the matrix products are taken away."""
    words = ", ".join(f"{name} {1e3 * t:.0f}" for name, t in medians.items())
    others = min(t for name, t in medians.items() if name != "dgl")
    rate = multiply_rate()
    share = 100 * multiplications / rate / medians["dgl"]
    print(f"{what}, ms: {words}; best of the others / dgl {others / medians['dgl']:.2f}; ", end="")
    print(f"matrix products alone would take {share:.0f} % of dgl's at {rate / 1e9:.0f} GFLOP/s")


def subnormal_numbers() -> None:
    """Print what a training step gains by Gaussians that are cut off before they become subnormal numbers."""
    one = example(GRAPHS, PARTICLES)
    settings = MpnnSettings(hidden=32, depth=1, attention="none", basis=64, pair_path=False)
    network = Network(settings, 2, (0.5, 2.0), 0, 2, "dgl").train()
    cut, times = network_module.FAR, {"cut": [], "whole": []}  # type: ignore[var-annotated]
    for turn in range(ROUNDS + 1):
        for name, far in (("cut", cut), ("whole", -np.inf)):
            network_module.FAR = far
            taken = seconds(lambda: training_step(network, one))
            times[name] += [taken] if turn else []  # the first turn warms up
    network_module.FAR = cut
    cut_off, whole = (float(np.median(times[name])) for name in ("cut", "whole"))
    print(
        f"\n64 Gaussians: a step of {1e3 * cut_off:.0f} ms cut off, {1e3 * whole:.0f} ms not; {whole / cut_off:.2f}"
    )


def graph_building() -> None:
    """Print the time of one graph of 4,320 particles against a training step on it."""
    atoms = flat(PARTICLES, 0, float(np.sqrt(PARTICLES / 1.2)))
    describe = NeighbourGraph(k=6)
    one = batch(graph_table([atoms], k=6), [0], [15, 28])
    network = Network(MpnnSettings(dropout=0.0), 2, (0.5, 2.0), 0, 2, "dgl").eval()
    build = min(seconds(lambda: describe(atoms)) for _ in range(5))
    step = min(seconds(lambda: training_step(network, one)) for _ in range(5))
    print(
        f"\na graph of {PARTICLES} particles: {1e3 * build:.1f} ms; a training step on it: {1e3 * step:.1f} ms"
    )


def memory() -> None:
    """Print the memory that a training step needs beside its input, for growing batches; a process each."""
    print("\nmemory of a training step:")
    for graphs in (1, 2, 4, 8):
        command = [sys.executable, __file__, "--memory", str(graphs)]
        words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        edges, needed = int(words[-2]), int(words[-1])
        print(
            f"{edges:7d} edges: {needed / 1024:.0f} MiB, {1024 * needed / edges:.0f} bytes an edge"
        )


def _needed(graphs: int) -> tuple[int, int]:
    """Edges of a batch, and by how many KiB a training step on it exceeds what was resident before."""
    tiny, one = example(1, 64), example(graphs, PARTICLES)
    network = Network(MpnnSettings(dropout=0.0), 2, (0.5, 2.0), 0, 2, "dgl").eval()
    training_step(network, tiny)  # libraries that load late
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    training_step(network, one)
    return len(one.senders), _status("VmHWM") - before


def _status(name: str) -> int:
    """A line of /proc/self/status, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def main() -> None:
    """Print everything."""
    network_module.operations = chosen
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    if sys.argv[1:2] == ["--memory"]:
        print(*_needed(int(sys.argv[2])))
        return
    for joined in GRAPH_SETTINGS:
        for attention in ("bonds", "dot", "none"):
            compare(attention, 64, joined)
    subnormal_numbers()
    graph_building()
    memory()


if __name__ == "__main__":
    main()
