"""Where results are kept: the store, and the run folders that show them."""
