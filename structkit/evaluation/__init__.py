"""What is to be said of rows, and how well it was said: targets, splits, scores with intervals, faithfulness."""
