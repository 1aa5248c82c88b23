"""Attentive response maps of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_response_maps.maps import ResponseMaps, response_map

__all__ = ["ResponseMaps", "response_map"]
__getattr__ = exports(__name__, ResponseMaps="maps", response_map="maps")
