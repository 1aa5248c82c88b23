"""Lines of a pattern by the planes that reflect there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit_powder_spectra.grid import Grid, grid_of
from structkit_powder_spectra.indexing import Indexed, indexed, lattice_of
from structkit_powder_spectra.lines import lorentz_polarisation, two_theta_of_g
from structkit_powder_spectra.network_settings import SpectrumMapSettings
from structkit_powder_spectra.pattern import plane_name, representative
from structkit_powder_spectra.reflections import Reflections

EQUIVALENT = 1e-6  # 1/Å
APART = 0.1  # degrees, lines nearer than this are named together, by the strongest


def named_lines(
    inputs: Mapping[str, NDArray[Any]],
    maps: Sequence[NDArray[Any]],
    settings: SpectrumMapSettings,
    label: str | None = None,
) -> dict[str, NDArray[Any]]:
    """The strongest lines of a row with the relevance of the parts in which they lie.

    Args:
        inputs: arrays of a row: `spectrum`, and where it has them `axis` and the reflections.
        maps: relevance by method, each (parts,).
        settings: how many lines, and which lattices name those of rows without reflections.
        label: of the row.

    Returns:
        `line_places` (lines,), `line_planes` int16 (lines, 3), `line_relevance` (lines, methods), and
        `lattice_scale` (1,): of the cell that names the lines; 1 of reflections of the row's own, 0
        where the lines have no names.
    """
    places, planes, scale = _lines(inputs, settings, label)
    points, start, step = len(inputs["spectrum"]), 0.0, 1.0
    if "axis" in inputs:
        grid = grid_of(inputs)
        start, step = grid.start, grid.step
    index = np.clip(np.round((places - start) / step).astype(int), 0, points - 1)
    parts = [index * len(curve) // points for curve in maps]
    relevance = [curve[part] for curve, part in zip(maps, parts, strict=True)]
    return {
        "line_places": places,
        "line_planes": planes,
        "lattice_scale": np.array([scale]),
        "line_relevance": np.array(relevance, np.float32).reshape(len(maps), len(places)).T,
    }


def _lines(
    inputs: Mapping[str, NDArray[Any]], settings: SpectrumMapSettings, label: str | None
) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Places on the axis and planes of the strongest lines, by growing place, and the scale of the cell."""
    count = settings.peaks
    if len(inputs.get("strength", ())) and "axis" in inputs:
        reflections = Reflections(inputs["hkl"], inputs["strength"], inputs["reciprocal"])
        return *strongest_lines(reflections, grid_of(inputs), count), 1.0
    spectrum = np.asarray(inputs["spectrum"], float)
    index = _summits(spectrum, count)
    if "axis" not in inputs:
        return index.astype(float), np.zeros((len(index), 3), np.int16), 0.0
    grid = grid_of(inputs)
    named = _by_lattice(grid, index, spectrum[index], settings, label)
    return grid.values[index], named.planes, named.scale


def _by_lattice(
    grid: Grid,
    index: NDArray[np.int64],
    heights: NDArray[Any],
    settings: SpectrumMapSettings,
    label: str | None,
) -> Indexed:
    """Names of measured lines by the lattice of their label; none where no lattice is given, or it does not fit."""
    given = settings.lattices.get(label or "")
    if given is None:
        return Indexed(np.zeros((len(index), 3), np.int16), 0.0)
    reach, near = settings.lattice_strain, settings.near
    lattice = lattice_of(given.spacegroup, given.cell, grid, reach)
    return indexed(grid.two_theta[index], heights, lattice, grid, reach, near)


def strongest_lines(
    reflections: Reflections, grid: Grid, count: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Places on an axis and planes of the strongest lines of a crystal, by growing place."""
    angles = two_theta_of_g(reflections.g, grid.wavelength)
    places = grid.of_two_theta(angles)
    inside = np.flatnonzero((places >= grid.start) & (places <= grid.stop) & (angles < 179))
    strength = reflections.strength * lorentz_polarisation(np.minimum(angles, 179.0))
    groups = np.split(inside, np.flatnonzero(np.diff(angles[inside]) > APART) + 1)
    groups = sorted((rows for rows in groups if len(rows)), key=lambda rows: -strength[rows].sum())
    groups = sorted(groups[:count], key=lambda rows: places[rows[0]])
    best = [int(rows[np.argmax(strength[rows])]) for rows in groups]
    planes = [_name_giver(reflections, rows, strength) for rows in groups]
    return places[best], np.array(planes, np.int16).reshape(len(best), 3)


def _name_giver(
    reflections: Reflections, rows: NDArray[np.int64], strength: NDArray[Any]
) -> NDArray[Any]:
    """The plane that names a line: of those as far apart as the strongest, which are its equivalents."""
    g = reflections.g[rows]
    alike = np.abs(g - g[np.argmax(strength[rows])]) < EQUIVALENT
    return representative(reflections.hkl[rows[alike]])


def _summits(spectrum: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The highest local maxima, by growing place."""
    from scipy.signal import find_peaks

    index, facts = find_peaks(spectrum, height=0.0, distance=max(1, len(spectrum) // 200))
    best = np.argsort(-facts["peak_heights"], kind="stable")[:count]
    return np.sort(index[best]).astype(np.int64)


def names(planes: NDArray[Any]) -> list[str]:
    """Planes as they are written; an empty word where none is known."""
    return [plane_name(plane) if plane.any() else "" for plane in planes]
