"""How `environment-network` learns: batches of atoms through torch, all networks in step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import Problem, RunContext
from structkit.errors import StepError
from structkit.randomness import generator, seed_for
from structkit_local_structure.network import Networks
from structkit_local_structure.settings import NetworkSettings

if TYPE_CHECKING:
    from torch import nn

Record = dict[str, float]


@dataclass(frozen=True)
class Lessons:
    """Atoms that are learnt from.

    Args:
        features: float32 (atoms, features), standardised.
        classes: int64 (atoms,), places among the classes.
        weights: float32 (atoms,), with a mean of 1.
    """

    features: NDArray[np.float32]
    classes: NDArray[np.int64]
    weights: NDArray[np.float32]


def trained(
    lessons: Lessons,
    watched: Lessons,
    settings: NetworkSettings,
    names: tuple[str, ...],
    context: RunContext,
    into: list[Any],
) -> Iterator[Record]:
    """Train networks; yields a record an epoch; `into` receives each network's layers.

    Raises:
        StepError: P010, torch is not installed; P012, the loss became NaN or infinite.
    """
    torch = _torch()
    threads = torch.get_num_threads()
    torch.set_num_threads(context.threads)
    try:
        pupils = [
            _pupil(lessons, names, settings, context, number) for number in range(settings.networks)
        ]
        for epoch in range(settings.epochs):
            losses = [_epoch(pupil, lessons, settings, context, epoch) for pupil in pupils]
            record = {"epoch": epoch + 1.0, "train_loss": float(np.mean(losses))}
            yield {**record, **_scores(pupils, watched)}
        into += [_layers(pupil.network) for pupil in pupils]
    finally:
        torch.set_num_threads(threads)


@dataclass
class _Pupil:
    """A network that learns: its number, its optimizer, the steps it has made."""

    number: int
    network: Any
    optimizer: Any
    step: int = 0


def _pupil(
    lessons: Lessons,
    names: tuple[str, ...],
    settings: NetworkSettings,
    context: RunContext,
    number: int,
) -> _Pupil:
    import torch

    torch.manual_seed(seed_for(context.seed, "network", number) % 2**63)
    network = new_network(lessons.features.shape[1], len(names), settings)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    return _Pupil(number, network, optimizer)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        message = "environment-network learns by torch, which is not installed"
        fix = "pip install 'structkit-local-structure[train]'"
        raise StepError(Problem("P010", message, fix=fix)) from None
    return torch


def new_network(inputs: int, outputs: int, settings: NetworkSettings) -> nn.Sequential:
    """Linear layers with SiLU between them."""
    from torch import nn

    sizes = [inputs, *settings.hidden]
    layers: list[nn.Module] = []
    for one, two in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(one, two), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))


def _epoch(
    pupil: _Pupil, lessons: Lessons, settings: NetworkSettings, context: RunContext, epoch: int
) -> float:
    """One pass of a network over the atoms; returns its mean loss.

    Raises:
        StepError: P012, the loss became NaN or infinite.
    """
    import torch

    total = math.ceil(len(lessons.classes) / settings.batch_size) * settings.epochs
    order = generator(context.seed, "order", pupil.number, epoch).permutation(len(lessons.classes))
    loss = 0.0
    for begin in range(0, len(order), settings.batch_size):
        rows = order[begin : begin + settings.batch_size]
        share = 0.5 * (1 + math.cos(math.pi * pupil.step / total))
        for group in pupil.optimizer.param_groups:
            group["lr"] = settings.learning_rate * share
        pupil.step += 1
        parts = (lessons.features[rows], lessons.classes[rows], lessons.weights[rows])
        loss += _step(pupil, *map(torch.from_numpy, parts))
    if not math.isfinite(loss):
        message = f"loss is {loss} in epoch {epoch + 1} of network {pupil.number + 1}"
        raise StepError(Problem("P012", message, fix="lower learning_rate"))
    return loss / len(order)


def _step(pupil: _Pupil, features: Any, classes: Any, weights: Any) -> float:
    from torch.nn.functional import cross_entropy

    pupil.optimizer.zero_grad()
    losses = cross_entropy(pupil.network(features), classes, reduction="none") * weights
    losses.mean().backward()
    pupil.optimizer.step()
    return float(losses.detach().sum())


def _scores(pupils: list[_Pupil], watched: Lessons) -> Record:
    """Loss and accuracy, weighted, of atoms that are not learnt from: the mean over the networks."""
    if not len(watched.classes):
        return {}
    losses, shares = zip(*[_score(pupil.network, watched) for pupil in pupils], strict=True)
    return {"valid_loss": float(np.mean(losses)), "valid_accuracy": float(np.mean(shares))}


def _score(network: Any, watched: Lessons) -> tuple[float, float]:
    import torch
    from torch.nn.functional import cross_entropy

    with torch.no_grad():
        logits = network(torch.from_numpy(watched.features))
        classes = torch.from_numpy(watched.classes)
        losses = cross_entropy(logits, classes, reduction="none").numpy() * watched.weights
        right = (logits.argmax(1) == classes).numpy() * watched.weights
    total = float(watched.weights.sum())
    return float(losses.sum()) / total, float(right.sum()) / total


def _layers(network: Any) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights (inputs, outputs) and biases of each layer."""
    from torch import nn

    linear = [module for module in network if isinstance(module, nn.Linear)]
    return [
        (layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())
        for layer in linear
    ]


def as_networks(
    layers: list[Any], mean: NDArray[np.float32], scale: NDArray[np.float32], names: tuple[str, ...]
) -> Networks:
    """The layers of several networks as one object."""
    depth = range(len(layers[0]))
    weights = tuple(np.stack([network[layer][0] for network in layers]) for layer in depth)
    biases = tuple(np.stack([network[layer][1] for network in layers]) for layer in depth)
    return Networks(mean, scale, weights, biases, names)
