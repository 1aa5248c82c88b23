"""Where a network can work."""

from __future__ import annotations

from structkit.errors import Problem, SpecError


def available(device: str) -> bool:
    """Tell whether torch can work on a device here: `cpu`, `cuda`, `cuda:1` or `mps`.

    A model names this function in its declaration, so that a run is refused before anything is computed:
    `devices="structkit_torch_training.devices:available"`.
    """
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return True
    import torch

    backend = getattr(torch, kind, None)
    return backend is not None and backend.is_available() and int(number or 0) < backend.device_count()


def check_device(device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        SpecError: Y012, there is no such device here.
    """
    if not available(device):
        message = f"device '{device}' is not available here"
        raise SpecError(Problem("Y012", message, "--device", "use cpu"))
