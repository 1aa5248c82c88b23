"""What this plugin declares: a writer of pages to explore."""

from __future__ import annotations

from collections.abc import Iterator

from structkit import Explorer, hookimpl

STRUCTKIT_API = 1


@hookimpl
def structkit_explorers() -> Iterator[Explorer]:
    yield Explorer(
        name="map",
        build="structkit_explorer.explorer:MapExplorer",
        summary="structures in 3-D beside a map of their features",
    )
