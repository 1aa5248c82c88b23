"""Images of electron microscopes: simulated, degraded, read, their columns and defects found."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_stem_images.crystals import ThinCrystals
    from structkit_stem_images.defects import MarkedDefects
    from structkit_stem_images.microscope import Microscope
    from structkit_stem_images.peaks import ColumnPeaks
    from structkit_stem_images.site_scores import score_sites
    from structkit_stem_images.source import ImageFiles
    from structkit_stem_images.stem_image import StemImage
    from structkit_stem_images.unet import UNet

__all__ = [
    "ColumnPeaks",
    "ImageFiles",
    "MarkedDefects",
    "Microscope",
    "StemImage",
    "ThinCrystals",
    "UNet",
    "score_sites",
]
__getattr__ = exports(
    __name__,
    ColumnPeaks="peaks",
    ImageFiles="source",
    MarkedDefects="defects",
    Microscope="microscope",
    StemImage="stem_image",
    ThinCrystals="crystals",
    UNet="unet",
    score_sites="site_scores",
)
