"""torch made to repeat itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from structkit.samples import RunContext
from structkit_torch_training.devices import check_device
from structkit_torch_training.memory import keep_memory


@contextlib.contextmanager
def repeatable(context: RunContext) -> Iterator[None]:
    """Make torch repeat itself for the length of a block: fixed threads and deterministic kernels.

    Raises:
        SpecError: Y012, the device of the context is not there.
    """
    import torch

    check_device(context.device)
    keep_memory()
    threads = torch.get_num_threads()
    kernels = torch.get_deterministic_debug_mode()
    torch.set_num_threads(context.threads)
    # use_deterministic_algorithms does the same, but imports torch's compiler first: a second
    torch.set_deterministic_debug_mode("error" if context.device == "cpu" else "warn")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(kernels)
