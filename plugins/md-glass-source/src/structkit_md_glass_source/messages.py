"""What goes between structkit and the engine's process: a JSON head and named arrays, as npz, after its length."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
HEAD = "_head"


def send(stream: IO[bytes], head: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """Write one message."""
    packed = io.BytesIO()
    text = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    everything: dict[str, Any] = {HEAD: text, **(arrays or {})}
    np.savez(packed, **everything)
    body = packed.getbuffer()
    stream.write(struct.pack("<Q", len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """Read one message; None when the other side has gone."""
    length = stream.read(8)
    if len(length) < 8:
        return None
    body = stream.read(struct.unpack("<Q", length)[0])
    with np.load(io.BytesIO(body), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    head: dict[str, Any] = json.loads(arrays.pop(HEAD).tobytes())
    return head, arrays
