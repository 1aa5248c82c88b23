"""Pairs of atoms nearer than a cutoff, with or without periodic boundaries."""

from structkit_neighbours.pairs import Pairs, pairs

__all__ = ["Pairs", "pairs"]
