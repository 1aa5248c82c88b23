"""Networks on the disk: weights as safetensors, everything else as JSON; no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.store.files import write_bytes, write_json

if TYPE_CHECKING:
    from torch import nn


def save_network(folder: Path, network: nn.Module, facts: Mapping[str, Any]) -> None:
    """Weights as safetensors, everything else as JSON; no pickle."""
    from safetensors.torch import save

    state = {
        name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()
    }
    write_bytes(folder / "weights.safetensors", save(state))
    write_json(folder / "model.json", dict(facts))


def load_facts(folder: Path) -> dict[str, Any]:
    """What `save_network` wrote beside the weights."""
    facts: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return facts


def load_weights(folder: Path, network: nn.Module) -> None:
    """Put the weights that `save_network` wrote into a network of the same shape.

    Raises:
        ValueError: the network has another shape.
    """
    from safetensors.torch import load_file

    try:
        network.load_state_dict(load_file(folder / "weights.safetensors"))
    except RuntimeError as error:
        message = (
            f"{folder}: the weights are of a network of another shape; give the settings that it was trained with, "
            "as the run's resolved.yaml has them (defaults may have changed since)"
        )
        raise ValueError(message) from error
    network.eval()
