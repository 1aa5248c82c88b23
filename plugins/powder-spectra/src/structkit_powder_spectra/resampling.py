"""A scan on the points of a grid."""

from __future__ import annotations

import numpy as np

from structkit import DataError, Problem
from structkit_powder_spectra.grid import TWO_THETA, Grid, Q
from structkit_powder_spectra.scan import Scan
from structkit_powder_spectra.settings import ReadSettings
from structkit_powder_spectra.waves import Floats, q_of_two_theta, two_theta_of_q

END = 1.5  # steps of the grid that a file may end before it


def on_grid(scan: Scan, settings: ReadSettings) -> Floats:
    """Counts at the points of a grid: between finer points their mean, between coarser ones a line.

    Positions are carried over by q, so that a scan of another wavelength fits.

    Raises:
        DataError: X012, the scan does not reach the whole grid, or none of it; X003, it takes a
            wavelength to say where it lies.
    """
    grid = settings.grid
    positions = _carried(scan, grid)
    _check_reach(positions, scan, settings)
    counts = np.interp(grid.values, positions, scan.counts)
    if np.median(np.diff(positions)) < 0.999 * grid.step:
        counts = _means(positions, scan.counts, grid)
    top = counts.max()
    if top <= 0:
        message = f"no counts in {grid.describe()}"
        raise DataError(Problem("X015", message, scan.where, "change start and stop"))
    return counts / top if settings.scale == "max" else counts


def _carried(scan: Scan, grid: Grid) -> Floats:
    """Positions of a scan on the axis of the grid, growing; those that it cannot have are NaN."""
    if scan.axis == grid.axis == TWO_THETA and scan.wavelength == grid.wavelength:
        return scan.positions
    if scan.axis == grid.axis == Q:
        return scan.positions
    if scan.axis == TWO_THETA:
        q = q_of_two_theta(scan.positions, float(scan.wavelength or grid.wavelength))
    else:
        q = scan.positions
    return q if grid.axis == Q else two_theta_of_q(q, grid.wavelength)


def _check_reach(positions: Floats, scan: Scan, settings: ReadSettings) -> None:
    grid = settings.grid
    low, high = float(np.nanmin(positions)), float(np.nanmax(positions))
    if not np.isfinite(positions).all():
        message = f"beyond what λ = {grid.wavelength:g} Å reaches"
        raise DataError(Problem("X012", message, scan.where, "use axis: q"))
    room = END * grid.step
    said = f"it reaches from {low:.4g} to {high:.4g}, the grid is {grid.describe()}"
    if high < grid.start or low > grid.stop:
        message = f"the ranges do not overlap: {said}"
        raise DataError(Problem("X012", message, scan.where, "change start and stop"))
    if (low > grid.start + room or high < grid.stop - room) and not settings.fill:
        fix = "change start and stop, or set fill: true"
        raise DataError(Problem("X012", said, scan.where, fix))


def _means(positions: Floats, counts: Floats, grid: Grid) -> Floats:
    """The mean over each step of the grid, of the line through the points."""
    pieces = np.diff(positions) * (counts[1:] + counts[:-1]) / 2
    total = np.concatenate([[0.0], np.cumsum(pieces)])
    edges = np.append(grid.values, grid.stop + grid.step) - grid.step / 2
    inside = np.clip(edges, positions[0], positions[-1])
    widths = np.diff(inside)
    sums = np.diff(_integral(inside, positions, counts, total))
    plain = np.interp(grid.values, positions, counts)
    return np.where(widths > 0.5 * grid.step, sums / np.maximum(widths, 1e-12), plain)


def _integral(at: Floats, positions: Floats, counts: Floats, total: Floats) -> Floats:
    """The integral of the line through the points, up to some positions."""
    place = np.clip(np.searchsorted(positions, at, "right") - 1, 0, len(positions) - 2)
    here = np.interp(at, positions, counts)
    return np.asarray(total[place] + (at - positions[place]) * (counts[place] + here) / 2)
