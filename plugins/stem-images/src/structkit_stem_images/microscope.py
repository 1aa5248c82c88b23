"""The transform `microscope`: an image as it would have been taken."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Measurement
from structkit.library import component, configured
from structkit_stem_images.scaling import ranged
from structkit_stem_images.settings import MicroscopeSettings, ends
from structkit_stem_images.warping import Warp, drawn_warp

Floats = NDArray[np.float64]
SMOOTH = 4.0  # blobs of contamination: their standard deviation is the image's edge over this


@dataclass(frozen=True)
class Drawn:
    """What was drawn for one image.

    Args:
        dose: electrons per Å²; None without noise.
        defocus: nm.
        drift, wobble, jitter: Å.
        contamination: share of the image's largest value.
        readout: electrons.
    """

    dose: float | None
    defocus: float
    drift: float
    wobble: float
    jitter: float
    contamination: float
    readout: float


@component
class Microscope:
    r"""Copies of an image, each as a microscope would have taken it.

    In this order: the probe out of focus, a disc of radius defocus · convergence; a layer of
    contamination; the scan that drifts, wobbles and jitters; the electrons that are counted, where
    a pixel of edge p that scatters the fraction I of the beam becomes a Poisson number of mean

    $$
    \langle n \rangle = D\, p^2\, I
    $$

    at the dose D, and the noise of the detector. What is known of sites and pixels is moved along,
    and what was drawn stands in `meta`. Aberrations other than defocus, beam damage and slow
    changes of the sample are not simulated.

    Args:
        settings: the words of `MicroscopeSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import mx2
        >>> from structkit import Measurement
        >>> from structkit_stem_images import Microscope, StemImage
        >>> clean = StemImage(pixels=64, sampling=0.25)(mx2("MoS2", vacuum=8.0))
        >>> taken = next(Microscope(dose=1e5)(Measurement("MoS2", clean), np.random.default_rng(0)))
        >>> taken.arrays["image"].shape, round(taken.meta["microscope"]["dose"])
        ((1, 64, 64), 100000)
    """

    @configured(MicroscopeSettings)
    def __init__(self, settings: MicroscopeSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Measurement, rng: np.random.Generator) -> Iterator[Measurement]:
        """The copies, with what was drawn for each in `meta`."""
        for _ in range(self.settings.copies):
            drawn = drawn_of(self.settings, rng)
            arrays = {**sample.arrays, **self._taken(sample.arrays, drawn, rng)}
            yield replace(sample, arrays=arrays, meta={**sample.meta, "microscope": asdict(drawn)})

    def _taken(
        self, arrays: Mapping[str, NDArray[Any]], drawn: Drawn, rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """The arrays that are others now."""
        step = float(arrays["sampling"][0])
        image = np.asarray(arrays["image"][0], float)
        image = blurred(image, drawn.defocus * 10 * self.settings.convergence / 1000 / step)
        image = image + drawn.contamination * float(image.max()) * layer(len(image), rng)
        lengths = (drawn.drift / step, drawn.wobble / step, drawn.jitter / step)
        warp = drawn_warp(len(image), *lengths, rng)
        image = image if warp.is_nothing else np.maximum(warp.image(image), 0)
        image = counted(image, drawn, step, rng)
        if self.settings.scale == "range":
            image = ranged(image)
        moved = {} if warp.is_nothing else _moved(arrays, warp)
        return {"image": image[None].astype(np.float32), **moved}


def _moved(arrays: Mapping[str, NDArray[Any]], warp: Warp) -> dict[str, NDArray[Any]]:
    """What is known of sites and pixels, where it is seen now."""
    moved: dict[str, NDArray[Any]] = {}
    for name, value in arrays.items():
        if name == "sites":
            moved[name] = warp.sites(value, len(warp.down))
        elif name in ("defects", "species"):
            moved[name] = warp.marks(value)
    return moved


def drawn_of(settings: MicroscopeSettings, rng: np.random.Generator) -> Drawn:
    """One draw from every range, in a fixed order."""
    dose = None
    if settings.dose is not None:
        low, high = ends(settings.dose)
        dose = float(np.exp(rng.uniform(math.log(low), math.log(high))))
    names = ("defocus", "drift", "wobble", "jitter", "contamination", "readout")
    lengths = {name: float(rng.uniform(*ends(getattr(settings, name)))) for name in names}
    return Drawn(dose=dose, **lengths)


def blurred(image: Floats, radius: float) -> Floats:
    """An image under a probe that has become a disc of some radius, in pixels; it goes on as in a mirror.

    The transform of a disc is 2 J₁(x)/x with x = 2π · frequency · radius.
    """
    if radius < 1e-6:
        return image
    from scipy.special import j1

    pad = math.ceil(radius) + 1
    padded = np.pad(image, pad, mode="symmetric")
    down, across = (np.fft.fftfreq(size) for size in padded.shape)
    x = 2 * np.pi * radius * np.hypot(down[:, None], across[: padded.shape[1] // 2 + 1])
    transfer = np.ones_like(x)
    np.divide(2 * j1(x), x, out=transfer, where=x > 1e-9)
    again = np.fft.irfft2(np.fft.rfft2(padded) * transfer, padded.shape)
    return np.asarray(np.maximum(again[pad:-pad, pad:-pad], 0))


def layer(pixels: int, rng: np.random.Generator) -> Floats:
    """A smooth layer (pixels, pixels) between 0 and 1."""
    from scipy.ndimage import gaussian_filter

    coarse = gaussian_filter(rng.normal(size=(pixels, pixels)), pixels / SMOOTH, mode="reflect")
    low, high = float(coarse.min()), float(coarse.max())
    return np.asarray((coarse - low) / (high - low))


def counted(image: Floats, drawn: Drawn, step: float, rng: np.random.Generator) -> Floats:
    """An image made of electrons: Poisson numbers of them, and the noise of reading them out.

    Args:
        image: fractions of the beam.
        drawn: the dose in electrons per Å², the noise in electrons a pixel.
        step: edge of a pixel, in Å.
        rng: what is drawn from.
    """
    if drawn.dose is None:
        return image
    electrons = drawn.dose * step**2
    counts = rng.poisson(np.clip(image, 0, 1) * electrons).astype(float)
    if drawn.readout:
        counts += rng.normal(scale=drawn.readout, size=counts.shape)
    return np.asarray(counts / electrons)
