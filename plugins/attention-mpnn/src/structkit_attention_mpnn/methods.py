"""How a bond's share in a prediction is told; named apart from the settings, which take long to import."""

from __future__ import annotations

from typing import Literal

Method = Literal["attention", "gradient", "gradient-x-attention", "integrated-gradients"]
