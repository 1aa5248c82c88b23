"""Attentive response maps of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from structkit_response_maps.maps import ResponseMaps, response_map

__all__ = ["ResponseMaps", "response_map"]
