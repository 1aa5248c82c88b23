"""Whether a scan can be believed: its axis, its steps, its counts; nothing is mended in silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_powder_spectra.columns import BRIDGE, refuse_or_warn
from structkit_powder_spectra.grid import TWO_THETA, Q
from structkit_powder_spectra.scan import Scan
from structkit_powder_spectra.settings import ReadSettings
from structkit_powder_spectra.waves import Floats, q_of_d, two_theta_of_q

FEWEST = 16  # points of a spectrum
UNEVEN = 0.2  # of the usual step, beyond which a step is another one
SHORT_WAVE = 1.2  # Å, below which a whole pattern may lie below 12 degrees
SMALL_ANGLE = 12.0  # degrees
LARGEST_Q = 25.0  # 1/Å
CLIPPED, BRIGHT = 3, 1000.0  # points of one largest value that is as large speak for a full counter
WORDS = {TWO_THETA: "2θ", Q: "q", "d": "d"}


def sound(scan: Scan, settings: ReadSettings) -> Scan:
    """A scan in growing 2θ or q, checked.

    Raises:
        DataError: X001 too few points, X002 another axis, X003 no wavelength, X004 X007 steps, X005
            negative, X006 not finite, X008 saturated, X009 two spectra, X015 constant.
    """
    _check_size(scan)
    scan = _growing(scan)
    _check_axis(scan)
    scan = _as_angle_or_q(scan)
    _check_steps(scan, settings)
    return _counted(scan, settings)


def _check_size(scan: Scan) -> None:
    if len(scan.positions) < FEWEST:
        message = f"{len(scan.positions)} points, a spectrum has {FEWEST} at least"
        raise DataError(Problem("X001", message, scan.where))
    for name, values in (("position", scan.positions), ("counts", scan.counts)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            message = f"{name} of point {bad[0] + 1} is {values[bad[0]]}"
            raise DataError(Problem("X006", message, scan.place(int(bad[0])), "measure it again"))


def _growing(scan: Scan) -> Scan:
    """A scan that falls all the way, as those in d do, is turned; one that turns back is two."""
    steps = np.diff(scan.positions)
    if (steps > 0).all():
        return scan
    if (steps < 0).all():
        return replace(scan, positions=scan.positions[::-1], counts=scan.counts[::-1], first_line=0)
    rising = steps[0] > 0
    turn = int(np.flatnonzero(steps <= 0 if rising else steps >= 0)[0]) + 1
    place = scan.place(turn)
    if scan.positions[turn] == scan.positions[turn - 1]:
        message = f"position {scan.positions[turn]:g} stands twice"
        raise DataError(Problem("X004", message, place, "leave one out"))
    message = f"positions turn back from {scan.positions[turn - 1]:g} to {scan.positions[turn]:g}"
    fix = "two spectra? write one file for each"
    raise DataError(Problem("X009", message, place, fix))


def _check_axis(scan: Scan) -> None:
    """Refuse numbers that cannot be, or hardly are, of the axis that is said."""
    first, last = float(scan.positions[0]), float(scan.positions[-1])
    said = f"{WORDS[scan.axis]} from {first:g} to {last:g}"
    if first <= 0 and (scan.axis != TWO_THETA or first < -10):
        raise DataError(Problem("X002", f"{said}: not above zero", scan.where, "look at file_axis"))
    doubt = {TWO_THETA: _no_angle, Q: _no_q, "d": _no_d}[scan.axis](scan, first, last)
    if doubt:
        raise DataError(Problem("X002", f"{said}: {doubt}", scan.where, "look at file_axis"))


def _no_angle(scan: Scan, first: float, last: float) -> str:
    if last >= 180:
        return "an angle 2θ is below 180°"
    long_wave = scan.wavelength is None or scan.wavelength > SHORT_WAVE
    if last <= SMALL_ANGLE and long_wave:
        return "so few degrees hold no pattern; is the axis q or d?"
    for axis in (Q, "d"):  # even in 2θ after it is read as another axis: it is that axis
        values = _angle_of(scan.positions, axis, scan.wavelength or 1.54)
        if not _is_even(scan.positions) and values is not None and _is_even(values):
            return f"the steps are even if the axis is {axis}"
    return ""


def _no_q(scan: Scan, first: float, last: float) -> str:
    if scan.wavelength and last > 4 * np.pi / scan.wavelength:
        return f"λ = {scan.wavelength:g} Å reaches q = {4 * np.pi / scan.wavelength:.3g} 1/Å"
    return "so large a q is hardly measured; is the axis 2θ?" if last > LARGEST_Q else ""


def _no_d(scan: Scan, first: float, last: float) -> str:
    if scan.wavelength and first < scan.wavelength / 2:
        return f"λ = {scan.wavelength:g} Å reaches d = {scan.wavelength / 2:.3g} Å"
    return "steps are even, as those of d hardly are; 2θ or q?" if _is_even(scan.positions) else ""


def _angle_of(positions: Floats, axis: str, wavelength: float) -> Floats | None:
    """Positions of another axis as growing angles, where all of them are angles."""
    q = positions if axis == Q else q_of_d(np.maximum(positions, 1e-9))[::-1]
    angles = two_theta_of_q(q, wavelength)
    return angles if np.isfinite(angles).all() else None


def _is_even(values: Floats) -> bool:
    steps = np.diff(values)
    usual = float(np.median(steps))
    return bool((np.abs(steps - usual) <= _tolerance(values, usual)).all())


def _tolerance(values: Floats, usual: float) -> float:
    """What rounding of the positions can change of a step."""
    scaled = np.round(values, 3)
    rounding = 2.2e-3 if np.abs(values - scaled).max() < 1e-9 else 2.2e-4
    return max(UNEVEN * abs(usual), min(rounding, 0.6 * abs(usual)))


def _as_angle_or_q(scan: Scan) -> Scan:
    """A scan in d becomes one in q; one in 2θ needs a wavelength."""
    if scan.axis == TWO_THETA and scan.wavelength is None:
        message = "the file does not say its wavelength"
        fix = "set file_wavelength, such as Cu"
        raise DataError(Problem("X003", message, scan.where, fix))
    if scan.axis != "d":
        return scan
    q = q_of_d(scan.positions)[::-1]
    return replace(scan, positions=q, counts=scan.counts[::-1], axis=Q, first_line=0)


def _check_steps(scan: Scan, settings: ReadSettings) -> None:
    """Refuse steps that change, and gaps; steps that are even in 2θ may change in q."""
    values = scan.positions
    if scan.axis == Q and not _is_even(values):
        angles = _angle_of(values, Q, scan.wavelength or 0.9 * 4 * np.pi / values[-1])
        if angles is not None and _is_even(angles):
            return
        values = values if angles is None else angles
    steps = np.diff(values)
    usual = float(np.median(steps))
    other = np.flatnonzero(np.abs(steps - usual) > _tolerance(values, usual))
    if len(other) == 0:
        return
    where, at = scan.place(int(other[0]) + 1), scan.positions[other[0]]
    if _changes(steps, other, usual, "gap" in settings.accept):
        message = f"the step changes from {usual:.4g} to {steps[other[0]]:.4g} at {at:g}"
        raise DataError(Problem("X004", message, where, "measure, or write, even steps"))
    message = f"{len(other)} gaps (first: from {at:g} to {scan.positions[other[0] + 1]:g})"
    refuse_or_warn(Problem("X007", message, where, BRIDGE), "gap", settings)


def _changes(steps: Floats, other: NDArray[np.int64], usual: float, gaps_are_taken: bool) -> bool:
    """Whether unusual steps are another step, and not points that lack here and there."""
    times = steps[other] / usual
    if (times < 1).any():
        return True
    few = len(other) <= 0.02 * len(steps)
    return not few and not (gaps_are_taken and (np.abs(times - np.round(times)) < UNEVEN).all())


def _counted(scan: Scan, settings: ReadSettings) -> Scan:
    """Counts that are not negative, not clipped and not all the same."""
    counts = scan.counts
    low, high = float(counts.min()), float(counts.max())
    if low == high:
        message = f"every point has {low:g} counts"
        raise DataError(Problem("X015", message, scan.where, "measure it again"))
    if low < 0:
        point = int(np.argmin(counts))
        message = f"{int((counts < 0).sum())} negative counts (first: {low:g})"
        fix = "was a background taken off? accept: [negative] sets them to 0"
        refuse_or_warn(Problem("X005", message, scan.place(point), fix), "negative", settings)
        counts = np.maximum(counts, 0)
    full = np.flatnonzero(counts == high)
    if high >= BRIGHT and _longest_run(full) >= CLIPPED:
        message = f"{len(full)} points have the largest value {high:g}: the counter was full"
        fix = "attenuate the beam; accept: [saturated] takes it"
        refuse_or_warn(
            Problem("X008", message, scan.place(int(full[0])), fix), "saturated", settings
        )
    return replace(scan, counts=counts)


def _longest_run(places: NDArray[np.int64]) -> int:
    """The most points that lie side by side."""
    runs = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
    return max(len(run) for run in runs)
