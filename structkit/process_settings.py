"""What one process has for everybody, such as numpy's error state: how each is read and set.

Nothing is imported for it: torch is looked at only where somebody has imported it.
"""

from __future__ import annotations

import decimal
import functools
import locale
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from structkit.stopping import STOPPING

MISSING = object()  # of a library that nobody had imported
TINY = 5e-324  # the smallest number there is; zero once denormal numbers are flushed
TORCH_FLAGS = (  # of torch.backends, with what they are when nobody has set them
    ("cudnn.enabled", True),
    ("cudnn.benchmark", False),
    ("cudnn.deterministic", False),
    ("cudnn.allow_tf32", True),
    ("cuda.matmul.allow_tf32", False),
    ("mkldnn.enabled", True),
)


@dataclass(frozen=True, eq=False)
class Setting:
    """Something that is one for the whole process.

    Args:
        words: what a person calls it.
        read: gives its value, of a sort that `==` compares.
        write: sets such a value.
        quiet: whether it decides no number, and libraries set it when they are imported.
        usual: what it is when nobody has set it, for a library that may be imported meanwhile.
    """

    words: str
    read: Callable[[], Any]
    write: Callable[[Any], object]
    quiet: bool = False
    usual: Any = MISSING


def settings() -> tuple[Setting, ...]:
    """All settings that there are in this thread, with the libraries that have been imported."""
    main = threading.current_thread() is threading.main_thread()
    torch, sklearn = sys.modules.get("torch"), sys.modules.get("sklearn")
    return _all(main, _whole(torch, "compile"), _whole(sklearn, "get_config"))


def _whole(module: Any, last: str) -> Any:
    """A module, unless it is only being imported."""
    return module if hasattr(module, last) else None


@functools.lru_cache(maxsize=8)
def _all(main: bool, torch: Any, sklearn: Any) -> tuple[Setting, ...]:
    settings = [*_OF_NUMPY, *_OF_PYTHON, *_OF_SYSTEM]
    if main:  # other threads may neither read nor set them safely
        settings += _OF_MAIN_THREAD
    if torch:
        settings += _of_torch(torch)
    if sklearn:
        usual = {**sklearn.get_config(), "assume_finite": False, "transform_output": "default"}
        words = "scikit-learn's configuration"
        settings.append(Setting(words, sklearn.get_config, _into(sklearn.set_config), usual=usual))
    return tuple(settings)


def _into(function: Callable[..., object]) -> Callable[[dict[str, Any]], object]:
    """The function, called with the items of a mapping."""
    return lambda words: function(**words)


# numpy and Python --------------------------------------------------------------------------------------


def _decimals() -> tuple[Any, ...]:
    context = decimal.getcontext()
    limits = (context.prec, context.rounding, context.Emin, context.Emax)
    return (*limits, context.capitals, context.clamp, *context.traps.values())


def _set_decimals(value: tuple[Any, ...]) -> None:
    context = decimal.getcontext()
    context.prec, context.rounding, context.Emin, context.Emax = value[:4]
    context.capitals, context.clamp = value[4:6]
    for trap, caught in zip(list(context.traps), value[6:], strict=True):
        context.traps[trap] = caught


def _flushes() -> bool:
    return TINY * float(len("1")) == 0.0  # not a constant, which the compiler would know


def _unflush(value: bool) -> None:
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(value)


def _set_filters(value: list[Any]) -> None:
    warnings.filters[:] = value  # type: ignore[index]
    with suppress(AttributeError):
        warnings._filters_mutated()  # type: ignore[attr-defined]


def _streams() -> tuple[Any, ...]:
    return sys.stdin, sys.stdout, sys.stderr


def _set_streams(value: tuple[Any, ...]) -> None:
    sys.stdin, sys.stdout, sys.stderr = value


def _set_path(value: list[str]) -> None:
    sys.path[:] = value


_OF_NUMPY = (
    Setting("numpy's error state", np.geterr, _into(np.seterr)),
    Setting("numpy's print options", np.get_printoptions, _into(np.set_printoptions)),
)
_OF_PYTHON = (
    Setting("the context of decimal", _decimals, _set_decimals),
    Setting("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Setting("how denormal numbers are treated", _flushes, _unflush, quiet=True),
    Setting("the filters of warnings", lambda: list(warnings.filters), _set_filters, quiet=True),
    Setting("sys.path", lambda: list(sys.path), _set_path, quiet=True),
    Setting("the standard streams", _streams, _set_streams, quiet=True),
    Setting(
        "which log messages are left out", lambda: logging.root.manager.disable, logging.disable
    ),
)


# The system --------------------------------------------------------------------------------------------


def _environment() -> dict[Any, Any]:
    """The environment, not decoded: a hundredth of the time."""
    return dict(os.environ._data)  # type: ignore[attr-defined]


def _set_environment(value: dict[Any, Any]) -> None:
    now, encoded = (
        os.environ,
        {os.fsdecode(name): os.fsdecode(word) for name, word in value.items()},
    )
    for name in [name for name in now if name not in encoded]:
        del now[name]
    for name, word in encoded.items():
        if now.get(name) != word:
            now[name] = word
    time.tzset()


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  (a third of the time)
    except OSError:  # it was deleted
        return None


def _set_folder(value: str | None) -> None:
    if value is not None:
        os.chdir(value)


def _umask() -> int:
    before = os.umask(0o077)
    os.umask(before)
    return before


def _handlers() -> tuple[Any, ...]:
    return tuple(signal.getsignal(number) for number in STOPPING)


def _set_handlers(value: tuple[Any, ...]) -> None:
    for number, handler in zip(STOPPING, value, strict=True):
        if handler is not None:  # it was not set from Python
            signal.signal(number, handler)


def _blocked() -> set[int]:
    return signal.pthread_sigmask(signal.SIG_BLOCK, ())


def _set_blocked(value: set[int]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, value)


def _cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


_OF_SYSTEM = (
    Setting("the environment", _environment, _set_environment, quiet=True),
    Setting("the working folder", _folder, _set_folder),
    Setting(
        "the locale",
        functools.partial(locale.setlocale, locale.LC_ALL),
        functools.partial(locale.setlocale, locale.LC_ALL),
    ),
    Setting("the cores it may use", _cores, lambda value: os.sched_setaffinity(0, value)),
)
_OF_MAIN_THREAD = (
    Setting("the umask", _umask, os.umask),
    Setting("what signals do", _handlers, _set_handlers),
    Setting("which signals are blocked", _blocked, _set_blocked),
)


# torch -------------------------------------------------------------------------------------------------


def _of_torch(torch: Any) -> Iterator[Setting]:
    """The settings of torch."""

    def setting(words: str, read: Any, write: Any, usual: Any = MISSING) -> Setting:
        return Setting(f"torch's {words}", read, write, usual=usual)

    yield setting("default dtype", torch.get_default_dtype, torch.set_default_dtype, torch.float32)
    yield setting(
        "precision of float32 matrix products",
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        "highest",
    )
    # use_deterministic_algorithms would import torch's compiler: a second, and its own settings
    yield setting(
        "deterministic algorithms",
        torch.get_deterministic_debug_mode,
        torch.set_deterministic_debug_mode,
        0,
    )
    yield setting("number of threads", torch.get_num_threads, torch.set_num_threads)
    yield setting("gradients", torch.is_grad_enabled, torch.set_grad_enabled, True)
    yield setting(
        "anomaly detection", torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly, False
    )
    usual_device = torch.device("cpu")
    yield setting("default device", torch.get_default_device, _device_setter(torch), usual_device)
    for name, usual in TORCH_FLAGS:
        owner = functools.reduce(getattr, name.split(".")[:-1], torch.backends)
        last = name.rpartition(".")[2]
        read = functools.partial(getattr, owner, last)
        yield setting(name, read, functools.partial(setattr, owner, last), usual)


def _device_setter(torch: Any) -> Callable[[Any], None]:
    def write(device: Any) -> None:
        torch.set_default_device(None if device.type == "cpu" else device)

    return write
