"""What a row can hold, seen by the engine: how it becomes arrays and comes back, and what makes two equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table


class Item(Protocol):
    """What rows hold. Built with the name of what is held, and the names of its ragged arrays.

    Attributes:
        sample: the class of what a source yields, `Sample` or `Measurement`.
        holds: the name of what is held.
        ragged: names of the arrays whose length differs from row to row.
    """

    sample: ClassVar[type[Any]]
    holds: str
    ragged: tuple[str, ...]

    def to_row(self, sample: Any) -> tuple[Row, dict[str, Array]]:
        """A sample as a row and its arrays.

        Raises:
            ValueError: the sample does not hold such an item, or an unsound one.
        """

    def arrays(self, table: Table, index: int) -> Mapping[str, Array]:
        """The arrays of one row, as they lie on the disk."""

    def to_sample(self, row: Row, arrays: Mapping[str, Array]) -> Any:
        """A row with its arrays as a sample, which may be changed."""

    def is_unchanged(self, sample: Any, arrays: Mapping[str, Array]) -> bool:
        """Whether a sample is still what its arrays say."""

    def own(self, sample: Any) -> Any:
        """The sample with an item of its own, which nobody else changes."""

    def content(self, arrays: Mapping[str, Array]) -> str:
        """A digest of 32 hexadecimal digits: equal items have equal ones."""

    def fault(self, arrays: Mapping[str, Array]) -> str:
        """What is wrong with the arrays of a row, in words; nothing when they are sound."""
