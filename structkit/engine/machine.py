"""What the machine is that computes: its instructions and kernels, and how much memory was taken."""

from __future__ import annotations

import functools
import platform
import resource


@functools.cache
def cpu() -> str:
    """The vector instructions and the BLAS kernels of this process: equal words, equal last bits.

    Such as `x86_64 AVX512_SKX OpenBLAS:SkylakeX`.
    """
    import numpy as np
    from threadpoolctl import threadpool_info

    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    kernels = {
        f"{pool['internal_api']}:{pool['architecture']}"
        for pool in threadpool_info()
        if "architecture" in pool
    }
    return " ".join([platform.machine(), *features[-1:], *sorted(kernels)])


def cpu_seconds() -> float:
    """Processor time that this process, its threads and its finished children have taken so far."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(who) for who in whose]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def peak_memory_mib() -> float:
    """Largest resident memory of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
