"""Tables as the first version wrote them: rows as lines of JSON, with entries of `meta` that only insiders knew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array, Column, Texts
from structkit.data.rows import METAL, Row, RowsPart
from structkit.store.reading import opened, parsed

CONTENT, INFO, ARRAYS, SUBSET = "_content", "_info", "_arrays", "subset"


def first_part(folder: Path, columns: Mapping[str, Column], origin: str) -> RowsPart:
    """Rows of the first layout, with the columns that structures have today."""
    with opened(folder / "rows.jsonl") as stream:
        records = [parsed(line) for line in stream]
    rows = [_row(record, origin) for record in records]
    if "extra" not in columns:
        return RowsPart(rows, columns)
    metas = [record["meta"] for record in records]
    return RowsPart(rows, {**columns, **_structures(columns["extra"], metas)})


def _row(record: Mapping[str, Any], origin: str) -> Row:
    meta = dict(record["meta"])
    info = meta.pop(INFO, {})
    meta.pop(ARRAYS, None)
    return Row(
        id=record["id"],
        label=record["label"],
        group=record["group"],
        origin=origin,
        content=meta.pop(CONTENT, ""),
        subset=meta.pop(SUBSET, ""),
        units=str(info.get("units", METAL)),
        meta=meta,
    )


def _structures(extra: Column, metas: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Further per-atom arrays were side by side as float64; now each has its own bytes, and `layout` names them."""
    layouts = [
        [[name, kind, shape] for name, (kind, shape) in meta.get(ARRAYS, {}).items()]
        for meta in metas
    ]
    blocks = [_bytes(extra[number], layout) for number, layout in enumerate(layouts)]
    return {
        "extra": _ragged(blocks),
        "layout": _texts(layouts),
        "info": _texts([meta.get(INFO, {}) for meta in metas]),
    }


def _bytes(flat: Array, layout: Sequence[Sequence[Any]]) -> Array:
    """One row's block of float64, as the bytes of its arrays one after the other."""
    widths = [int(np.prod(shape, dtype=int)) for _, _, shape in layout]
    if not widths or not sum(widths):
        return np.zeros(0, np.uint8)
    pieces = np.split(flat.reshape(-1, sum(widths)), np.cumsum(widths)[:-1], axis=1)
    typed = [
        piece.astype(np.dtype(kind)) for piece, (_, kind, _) in zip(pieces, layout, strict=True)
    ]
    return np.frombuffer(b"".join(piece.tobytes() for piece in typed), np.uint8)


def _texts(values: Sequence[Any]) -> Column:
    texts = Texts.of(json.dumps(value, sort_keys=True) for value in values)
    return Column(texts.flat, texts.offsets)


def _ragged(blocks: Sequence[Array]) -> Column:
    flat = np.concatenate(blocks) if blocks else np.zeros(0, np.uint8)
    return Column(flat, np.cumsum([0, *map(len, blocks)]))
