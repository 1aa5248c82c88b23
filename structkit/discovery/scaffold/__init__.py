"""A new plugin, written from templates: it installs, runs the pipeline that it ships, and passes its own tests."""
