"""`PhaseAnalysis`: mixtures whose fractions are known, seen through an instrument that the analysis does not know."""

import numpy as np
import pytest

from structkit import DataError
from structkit_powder_spectra import PhaseAnalysis
from structkit_powder_spectra.examples import crystals
from structkit_powder_spectra.fit import Pattern, bernstein, fitted
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.phase_settings import PhaseSettings
from structkit_powder_spectra.phases import Alignment, Drawer, phase_of_row, phases_of
from structkit_powder_spectra.waves import TUBES

GRID = Grid("2theta", 20.0, 0.04, 1501, TUBES["Cu"][0])


def mixed(shares, seed=0, counts=20_000.0, shift=0.05):
    """A measured mixture of weight fractions: each phase strained, broadened and textured a little."""
    rng = np.random.default_rng(seed)
    settings = PhaseSettings(debye_waller=0.9)
    phases = phases_of(crystals(), GRID, settings)
    draw = Drawer(GRID, settings)
    total = np.zeros(GRID.points)
    for name, share in shares.items():
        one = Alignment(rng.uniform(-0.006, 0.006), rng.uniform(20, 80), rng.uniform(0.9, 1.1))
        total += share / phases[name].weight_per_scale * draw(phases[name], one, shift)
    total = total / total.max() + 0.1 + 0.2 * np.exp(-np.linspace(0, 4, GRID.points))
    return rng.poisson(total * counts).astype(float)


@pytest.mark.parametrize(
    "shares",
    [
        {"NaCl": 1.0},
        {"NaCl": 0.3, "Si": 0.7},
        {"ZnO": 0.5, "Si": 0.2, "NaCl": 0.3},
        {"Cu": 0.8, "ZnO": 0.2},
    ],
)
def test_fractions_of_mixtures(shares):
    found = PhaseAnalysis()(mixed(shares), GRID, crystals())
    assert {part.name for part in found.parts} >= set(shares) and not found.something_else
    for part in (
        found.parts
    ):  # a trace of magnesium may stand for a fault of zinc oxide: their cells are alike
        assert part.fraction == pytest.approx(shares.get(part.name, 0), abs=0.05)
        assert part.interval[0] <= part.fraction <= part.interval[1]
    assert found.residual < 0.2 and found.shift == pytest.approx(0.05, abs=0.06)
    assert found.parts[0].name in found.describe() and "something else" not in found.describe()


def test_intervals_hold_most_fractions():
    held = []
    for seed in range(4):
        share = 0.15 + 0.18 * seed
        found = PhaseAnalysis()(mixed({"ZnO": share, "NaCl": 1 - share}, seed), GRID, crystals())
        held += [
            p.interval[0] <= {"ZnO": share, "NaCl": 1 - share}.get(p.name, 0) <= p.interval[1]
            for p in found.parts
        ]
    assert np.mean(held) >= 0.7 and len(held) >= 8


def test_what_no_pattern_shows_widens_the_intervals():
    from structkit_powder_spectra.mixture import unseen

    assert unseen(np.array([1.0]), 0.1) == pytest.approx([0])
    rng = np.random.default_rng(0)
    scales = np.array([0.5, 0.3, 0.2]) * (1 + 0.02 * rng.normal(size=(50_000, 3)))
    drawn = (scales / scales.sum(axis=1, keepdims=True)).std(axis=0)
    assert unseen(np.array([0.5, 0.3, 0.2]), 0.02) == pytest.approx(drawn, rel=0.03)
    pattern = mixed({"NaCl": 0.5, "Si": 0.5})
    narrow, wide = (PhaseAnalysis(systematic=s)(pattern, GRID, crystals()) for s in (0.0, 0.2))
    widths = [one.parts[0].interval[1] - one.parts[0].interval[0] for one in (narrow, wide)]
    assert widths[1] > widths[0] and narrow.parts[0].fraction == wide.parts[0].fraction


def test_what_no_reference_explains_is_said():
    others = {name: atoms for name, atoms in crystals().items() if name != "Si"}
    found = PhaseAnalysis()(mixed({"NaCl": 0.8, "Si": 0.2}), GRID, others)
    assert found.something_else and "something else is in here" in found.describe()
    assert any(abs(stray.place - 28.4) < 0.4 for stray in found.strays)
    assert found.parts[0].name == "NaCl"


def test_no_pattern_no_phase():
    rng = np.random.default_rng(0)
    flat = rng.poisson(1000, GRID.points).astype(float)
    found = PhaseAnalysis()(flat, GRID, crystals())
    assert found.parts == () and found.describe() == "no reference fits"


def test_a_row_of_powder_xrd_is_a_reference():
    from structkit_powder_spectra import PowderXrd

    arrays = PowderXrd(start=20, stop=80, step=0.04)(crystals()["NaCl"])
    phase = phase_of_row("salt", arrays)
    found = PhaseAnalysis()(mixed({"NaCl": 1.0}), GRID, [phase])
    assert [part.name for part in found.parts] == ["salt"]


def test_background_is_never_negative_and_sums_to_one():
    basis = bernstein(50, 6)
    assert basis.min() >= 0 and np.allclose(basis.sum(axis=1), 1)


def test_fit_by_gram_is_that_by_points():
    rng = np.random.default_rng(0)
    columns = rng.random((GRID.points, 3)) ** 8
    counts = columns @ [3.0, 0.0, 1.0] * 100 + 20
    pattern = Pattern.of(counts, GRID, 3)
    whole, some = (
        fitted(pattern, columns),
        fitted(pattern, columns, np.arange(GRID.points) % 2 == 0),
    )
    assert whole.scales == pytest.approx([300, 0, 100], abs=0.1)
    assert some.scales == pytest.approx([300, 0, 100], abs=0.1)


@pytest.mark.parametrize(
    ("counts", "references"),
    [(np.ones(10), crystals()), (np.zeros(GRID.points), crystals()), (np.ones(GRID.points), {}),
     (np.full(GRID.points, np.nan), crystals())],
)  # fmt: skip
def test_refusals(counts, references):
    with pytest.raises(DataError, match="X024"):
        PhaseAnalysis()(counts, GRID, references)
