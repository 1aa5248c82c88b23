"""Writing a table row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from structkit.data.block import Block, load_part, save_part
from structkit.data.columns import Array
from structkit.data.merging import write_table
from structkit.data.rows import Row, StoredPart
from structkit.store.inside import make_folder, remove

LARGEST = 256 * 2**20  # bytes that are kept in memory


class TableWriter:
    """Writes a table row by row into a folder; what does not fit into memory waits on the disk.

    Args:
        folder: of the table.
        ragged: names of the arrays whose first axis may differ from row to row; all others must
            keep one shape.
        largest: bytes that are kept in memory.
    """

    def __init__(self, folder: Path, ragged: Iterable[str] = (), largest: int = LARGEST) -> None:
        self.folder, self.ragged, self.largest = folder, frozenset(ragged), largest
        self.block, self.full = Block(ragged), 0

    def append(self, row: Row, arrays: Mapping[str, Array]) -> None:
        """Add one row; raises as `Block.append` does."""
        self.block.append(row, arrays)
        if self.block.bytes > self.largest:
            make_folder(self.folder)
            save_part(self._path(self.full), self.block.part())
            self.block, self.full = Block(self.ragged), self.full + 1

    def close(self) -> None:
        """Finish every file; the folder is a table from here on.

        Raises:
            ValueError: arrays of the first and of later rows do not fit together.
        """
        write_table(self._parts(), self.folder)
        self._tidy()

    def _parts(self) -> Iterator[StoredPart]:
        yield from (load_part(self._path(number)) for number in range(self.full))
        yield self.block.part()

    def _path(self, number: int) -> Path:
        return self.folder / f"block-{number:06d}.npys"

    def _tidy(self) -> None:
        for number in range(self.full):
            remove(self._path(number))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._tidy()
