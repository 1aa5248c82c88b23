"""What a step can be, one kind a file: what it reads and makes, its jobs, how each is done, what a run shows."""
