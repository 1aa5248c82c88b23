"""A picture of a row as the page shows it: the image, what its colours mean, and whether it may be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from matplotlib import colormaps
from matplotlib.colors import to_hex

Image = bytes | Markup  # a PNG or an SVG as bytes, or a drawing of the report's own
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")  # nothing else goes into a style
STOPS = 9  # of a scale of colours


@dataclass(frozen=True)
class ColourBar:
    """A scale of colours.

    Args:
        label: what they stand for, with the unit.
        ends: the numbers at the left end, in between and at the right end.
        colours: from left to right.
    """

    label: str
    ends: Sequence[str]
    colours: Sequence[str]

    @property
    def style(self) -> str:
        """The scale as a style; colours that are none are left out."""
        kept = [colour for colour in self.colours if COLOUR.fullmatch(colour)]
        kept = [*kept, *kept, "#808080", "#808080"][: max(2, len(kept))]
        return f"background: linear-gradient(to right, {', '.join(kept)})"

    @classmethod
    def of(cls, label: str, ends: Sequence[str], name: str) -> ColourBar:
        """The scale of a colour map of matplotlib."""
        shades = colormaps[name]
        stops = [to_hex(shades(number / (STOPS - 1))) for number in range(STOPS)]
        return cls(label, ends, stops)


@dataclass(frozen=True)
class Pictured:
    """A picture of a row.

    Args:
        caption: below it.
        image: a PNG or an SVG as bytes, or a drawing of the report's own.
        passed: of an explanation, whether it passed its tests.
        bar: of a picture whose colours stand for numbers.
        key: of one whose colours stand for things: `{"fcc": "#0072b2"}`.
        kind: `map`, whose pixels are shown as they are, `structure`, `framed` between its axes, or
            `curve`, which takes the width of its card.
    """

    caption: str
    image: Image
    passed: bool | None = None
    bar: ColourBar | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    kind: str = "map"

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The key, its colours as styles."""
        named = [(name, colour) for name, colour in self.key.items() if COLOUR.fullmatch(colour)]
        return [(name, f"background: {colour}") for name, colour in named]
