"""`structkit.toml`: what belongs to a place and not to a study, such as the options of executors.

It is looked for in the working folder, then in the user's configuration folder
(`$XDG_CONFIG_HOME/structkit`, by default `~/.config/structkit`). Nothing in it changes a result.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from structkit.components import Executor, Settings
from structkit.discovery.settings import problems_of, validate
from structkit.errors import Problem, SpecError

NAME = "structkit.toml"


class Site(Settings):
    """The words of the file."""

    executors: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """options of executors, by name"""


def site_file() -> Path | None:
    """The file that holds here, if there is one."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path(NAME), home / "structkit" / NAME)
    return next((path for path in places if path.is_file()), None)


def executor_options(executor: Executor) -> Settings:
    """The options of an executor, as the site's file has them, else by default.

    Raises:
        SpecError: Y001 no TOML; Y010 to Y013, unknown or wrong words.
    """
    path = site_file()
    site = _read(path) if path else Site()
    try:
        return validate(executor.settings, site.executors.get(executor.name, {}))
    except ValidationError as error:
        prefix = ("executors", executor.name)
        problems = problems_of(error, executor.settings, lambda _: str(path), prefix, executor.name)
        raise SpecError(*problems) from error


def _read(path: Path) -> Site:
    try:
        return validate(Site, tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        raise SpecError(*problems_of(error, Site, lambda _: str(path))) from error
    except (ValueError, OSError) as error:
        raise SpecError(
            Problem("Y001", f"not TOML: {error}", str(path), "mend it, or take it away")
        ) from error
