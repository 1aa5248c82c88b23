"""The pipeline file: read with its lines, checked against the plugins, and described for editors."""
