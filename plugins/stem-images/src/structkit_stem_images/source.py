"""The source `image-files`: images of microscopes as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from structkit.library import component, configured
from structkit_stem_images.reading import read_images
from structkit_stem_images.settings import ImageFilesSettings
from structkit_structure_files.bound import MeasuredFiles, check_all, contents_of

NOTES = (".json", ".jsonl", ".md", ".yaml", ".yml", ".py", ".html", ".svg", ".pdf", ".txt", ".csv")


@component
class ImageFiles(MeasuredFiles[ImageFilesSettings]):
    """Images of a folder, a glob or a manifest. One file is one task.

    Args:
        settings: the words of `ImageFilesSettings`.
    """

    notes = NOTES

    @configured(ImageFilesSettings)
    def __init__(self, settings: ImageFilesSettings) -> None:
        self.settings = settings

    def group_of(self, path: Path, name: str) -> str:
        """A folder, or the file itself."""
        return path.parent.as_posix() if self.settings.group == "folder" else name

    def arrays_of(
        self, path: Path, content: bytes | None
    ) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """The frames of a file, or its tiles; raises as `read_images` does."""
        frames = read_images(path, self.settings, content)
        whole = self.settings.cut == "middle"
        return {"" if whole else f"#{number}": arrays for number, arrays in enumerate(frames)}


def contents(settings: ImageFilesSettings) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return contents_of(settings, NOTES)


def check_files(settings: ImageFilesSettings) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    check_all(ImageFiles(**settings.model_dump()))
