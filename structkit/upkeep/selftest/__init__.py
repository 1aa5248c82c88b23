"""Whether structkit can be trusted on the disk at hand: kills, flipped bits and races, tried for real."""
