"""Memory that glibc keeps for the next batch, where it would be given back to the kernel and asked for again.

Every large tensor is mapped when it is made and unmapped when it is dropped, and the kernel fills
its pages with zeros each time: a sixth of a training. Kept, it costs some 100 to 300 MB. No number
depends on it.
"""

from __future__ import annotations

import ctypes
import functools
import os

# of malloc.h: how much may lie free at the top of the heap, and how many blocks may be mapped
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
VARIABLE = "STRUCTKIT_KEEP_MEMORY"  # 0: leave it to the C library
MOST = 2**31 - 1


@functools.cache
def keep_memory() -> bool:
    """Let this process keep what it frees, once; whether it does. With another C library nothing is done."""
    if os.environ.get(VARIABLE) == "0":
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return False
    return bool(set_option(M_MMAP_MAX, 0) and set_option(M_TRIM_THRESHOLD, MOST))
