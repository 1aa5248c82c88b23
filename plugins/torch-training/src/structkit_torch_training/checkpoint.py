"""Going on where a killed training stopped: the state after every epoch, sealed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from structkit.errors import IntegrityError
from structkit.store.files import file_digest, read_sealed, sealed, write_bytes, write_json
from structkit.store.inside import remove

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Adam

    from structkit.samples import RunContext


class Training(Protocol):
    """A training on its way, as far as it is kept."""

    network: nn.Module
    optimizer: Adam
    context: RunContext
    history: list[dict[str, float]]
    best: dict[str, Tensor]


class Checkpoint:
    """The state after the last finished epoch, in the scratch folder: safetensors, and a sealed record."""

    def __init__(self, folder: Path, identity: str) -> None:
        self.record, self.weights, self.identity = (
            folder / "checkpoint.json",
            folder / "checkpoint",
            identity,
        )

    def keep(self, training: Training) -> None:
        """Write the state; the record comes last and names the weights it belongs to."""
        from safetensors.torch import save

        epoch = len(training.history)
        path = self._weights(epoch)
        write_bytes(path, save(_flat(training)))
        record = {
            "identity": self.identity,
            "history": training.history,
            "sha256": file_digest(path),
        }
        write_json(self.record, sealed(record))
        remove(self._weights(epoch - 1))

    def restore(self, training: Training) -> None:
        """Go on where an interrupted run of the same training stopped, if there was one."""
        if not self.record.exists():
            return
        try:
            record = read_sealed(self.record)
        except IntegrityError:
            record = {"identity": None, "history": [], "sha256": None}
        path = self._weights(len(record["history"]))
        if (
            record["identity"] != self.identity
            or not path.exists()
            or file_digest(path) != record["sha256"]
        ):
            training.context.log("checkpoint is damaged or of another training: starting over")
            return
        from safetensors.torch import load_file

        _restore(training, load_file(path))
        training.history = list(record["history"])

    def _weights(self, epoch: int) -> Path:
        return self.weights.with_suffix(f".{epoch}.safetensors")


def _flat(training: Training) -> dict[str, Tensor]:
    """Network, best weights and Adam's moments as one flat mapping of tensors."""
    tensors = {f"network.{k}": v for k, v in training.network.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in training.best.items()}
    for index, state in training.optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in state.items()}
    return {name: value.detach().clone().contiguous() for name, value in tensors.items()}


def _restore(training: Training, tensors: Mapping[str, Tensor]) -> None:
    def under(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    training.network.load_state_dict(under("network."))
    training.best = under("best.")
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in under("adam.").items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    training.optimizer.load_state_dict({**training.optimizer.state_dict(), "state": state})
