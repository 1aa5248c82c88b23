"""Parts of the report fail alone: a line stands where the part would be."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from structkit.errors import IntegrityError

log = logging.getLogger("structkit")
LONGEST = 300


def alone(title: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Make a part of the report, with `failed` empty; or say in `failed` what went wrong.

    Args:
        title: heading of the part.
        make: makes everything that the template shows of it.
    """
    try:
        return {"title": title, "failed": "", **make()}
    except IntegrityError:
        raise  # no part of a report is made of what is damaged
    except Exception as error:
        log.warning("the report's part '%s' failed", title, exc_info=True)
        message = " ".join(str(error).split())[:LONGEST]
        return {"title": title, "failed": f"This part failed: {type(error).__name__}: {message}"}
