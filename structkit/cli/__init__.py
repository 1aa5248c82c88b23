"""The command line: the verbs with their options, and what they do."""
