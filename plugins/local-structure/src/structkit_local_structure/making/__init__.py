"""Structures of which it is known to which lattice each atom belongs."""
