"""What can make a score look better than it is, looked for before training and after it."""
