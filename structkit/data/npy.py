"""`.npy` files that grow by blocks. Anybody can read them with numpy alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Any

import numpy as np

from structkit.data.columns import Array
from structkit.store.inside import stream_to

ARRAY_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def save_array(path: Path, array: Array) -> None:
    """Write a whole array into a file of its own, without pickle."""
    with stream_to(path) as stream:
        np.save(stream, array, allow_pickle=False)


class GrowingNpy:
    """An `.npy` file to which arrays are added along the first axis.

    numpy pads the header so that the final length fits in place: the file is as if it had been
    written at once.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = stream_to(path)
        self.name, self.length = path.name.partition(".")[0], 0
        self.like: Array | None = None

    def append(self, block: Array) -> None:
        """Add an array.

        Raises:
            ValueError: its dtype or shape is not that of the arrays before.
        """
        if self.like is None:
            self.like = np.empty((0, *block.shape[1:]), block.dtype)
            self._header()
        elif (block.dtype, block.shape[1:]) != (self.like.dtype, self.like.shape[1:]):
            given, before = (
                f"{array.dtype}{list(array.shape[1:])}" for array in (block, self.like)
            )
            raise ValueError(f"array '{self.name}' is {given}, the rows before have {before}")
        self._file.write(np.ascontiguousarray(block).data)
        self.length += len(block)

    def _header(self) -> None:
        assert self.like is not None  # noqa: S101  (set by the first block)
        layout: Any = {
            "descr": np.lib.format.dtype_to_descr(self.like.dtype),
            "fortran_order": False,
            "shape": (self.length, *self.like.shape[1:]),
        }
        np.lib.format.write_array_header_1_0(self._file, layout)

    def close(self) -> None:
        """Write the final length."""
        if self.like is not None:
            self._file.seek(0)
            self._header()
        self._file.close()
