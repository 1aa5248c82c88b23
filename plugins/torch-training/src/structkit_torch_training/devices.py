"""Where a network can work."""

from __future__ import annotations

from structkit.errors import Problem, SpecError


def available(device: str) -> bool:
    """Tell whether torch can work on a device here: `cpu`, `cuda`, `cuda:1` or `mps`.

    A model names this function in its declaration, and a run is refused before it computes
    anything: `devices="structkit_torch_training.devices:available"`.
    """
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return True
    import torch

    backend = getattr(torch, kind, None)
    if backend is None or not backend.is_available():
        return False
    return int(number or 0) < int(backend.device_count())


def check_device(device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        SpecError: Y012, there is no such device here.
    """
    if not available(device):
        message = f"device '{device}' is not available here"
        raise SpecError(Problem("Y012", message, "--device", "use cpu"))
