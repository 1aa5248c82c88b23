"""Structure files of one's own: each is read as it stands, or refused with a code and a place."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_structure_files.reading import read_structures
    from structkit_structure_files.settings import FilesSettings, ReadSettings
    from structkit_structure_files.source import Files, space_group

__all__ = ["Files", "FilesSettings", "ReadSettings", "read_structures", "space_group"]
__getattr__ = exports(
    __name__,
    Files="source",
    FilesSettings="settings",
    ReadSettings="settings",
    read_structures="reading",
    space_group="source",
)
