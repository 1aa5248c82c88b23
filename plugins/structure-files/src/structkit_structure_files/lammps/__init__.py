"""LAMMPS: dumps, data files, and the masses of their types."""
