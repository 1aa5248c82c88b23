"""Imported by the process that workers are forked from: it imports what the components of a run need, once."""

import contextlib
import importlib
import os

MODULES = "STRUCTKIT_PRELOAD"

for name in filter(None, os.environ.get(MODULES, "").split(",")):
    with contextlib.suppress(Exception):  # whoever needs it meets the same error, and says so
        importlib.import_module(name)
