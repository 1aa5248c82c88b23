"""From a checked pipeline to results: jobs and their keys, shards, training, the walk."""
