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
    """Images of your own from a folder, a glob or a manifest. One file is one task.

    TIFF and PNG by Pillow; DM3 and DM4 by RosettaSciIO. The pixel size is asked for, never
    guessed: `pixel` in Å, or what a DM file or ImageJ wrote down; dots per inch are no such thing,
    and two that disagree are refused (G007). Images are averaged or interpolated to `sampling`,
    which must be that of the images that a model learnt (G020), and cut to `pixels`: their middle,
    or all `tiles`. Every fault has a code (G): colour, several images, numbers that are not
    finite, a full detector, bytes cut short. A distorted scan stays distorted.

    Args:
        settings: the words of `ImageFilesSettings`.

    Examples:
        >>> import numpy as np
        >>> from PIL import Image
        >>> from structkit_stem_images import ImageFiles
        >>> grey = np.random.default_rng(0).integers(20, 200, (96, 96), dtype=np.uint8)
        >>> Image.fromarray(grey).save("film.png")
        >>> films = ImageFiles(path="film.png", pixel=0.2, pixels=64, sampling=0.2)
        >>> film = next(iter(films.samples(films.tasks()[0], np.random.default_rng(0))))
        >>> film.arrays["image"].shape
        (1, 64, 64)
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
