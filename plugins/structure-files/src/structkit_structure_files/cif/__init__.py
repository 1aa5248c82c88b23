"""CIF: its blocks, sites, symmetry and disorder, and what it says of itself."""
