"""The pages that the code knows, one module for each sort; `docs/generate.py` writes them."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
NOTE = "<!-- made by docs/generate.py: change the code, not this file -->"
PLUGINS = """
core structure-files baselines composition crystal-source diffraction-fingerprint
cnn-classifier response-maps guards md-glass-source energy-source particle-descriptors
local-structure ready-models attention-mpnn powder-spectra stem-images explorer
"""
OURS = tuple(f"structkit-{name}" for name in PLUGINS.split())


def without_stop(sentence: str) -> str:
    """A sentence as a heading has it."""
    return sentence.strip().rstrip(".")
