"""Lines of measured patterns named by a lattice: rightly, or not at all."""

import numpy as np
import pytest
from pydantic import ValidationError

from structkit.samples import Measurement
from structkit_powder_spectra import Instrument, PowderXrd
from structkit_powder_spectra.examples import crystals
from structkit_powder_spectra.grid import grid_of
from structkit_powder_spectra.naming import named_lines, names
from structkit_powder_spectra.network_settings import SpectrumMapSettings

GRID = {"start": 20.0, "stop": 90.0, "step": 0.05}
SALT = {"spacegroup": 225, "cell": (5.64, 5.64, 5.64, 90, 90, 90)}
OXIDE = {"spacegroup": 186, "cell": (3.25, 3.25, 5.207, 90, 90, 120)}


def measured(name, strain=0.0, seed=0):
    """A pattern as it is measured, with the planes of its own lines: no reflections, a strained cell, noise."""
    arrays = PowderXrd(**GRID)(crystals()[name])
    settings = {"lattice_strain": strain, "texture": None, "zero_shift": 0.0, "displacement": 0.0}
    settings |= {"background": 0.05, "counts": (20000.0, 20000.0), "alpha2": 0.0}
    child = next(Instrument(**settings)(Measurement(name, arrays), np.random.default_rng(seed)))
    return {key: child.arrays[key] for key in ("spectrum", "axis")}, arrays


def named(arrays, label, **settings):
    return named_lines(arrays, [np.zeros(10)], SpectrumMapSettings(**settings), label)


@pytest.mark.parametrize("seed", range(4))
def test_measured_lines_have_the_names_of_simulated_ones(seed):
    """The cell is up to 1 % larger or smaller; names are those of the structure's own reflections."""
    for name, lattice in (("NaCl", SALT), ("ZnO", OXIDE)):
        bare, own = measured(name, 0.01, seed)
        said = named(bare, name, lattices={name: lattice}, peaks=6)
        truth = named(own, name, peaks=30)
        by_place = dict(zip(names(truth["line_planes"]), truth["line_places"], strict=True))
        found = [plane for plane in names(said["line_planes"]) if plane]
        assert len(found) >= 4, (name, found)
        scale = float(said["lattice_scale"][0])
        for place, plane in zip(said["line_places"], names(said["line_planes"]), strict=True):
            if plane:  # the strained cell moves a line by Bragg's law
                sine = np.sin(np.radians(by_place[plane]) / 2) / scale
                assert 2 * np.degrees(np.arcsin(sine)) == pytest.approx(place, abs=0.15), plane


def test_a_lattice_of_something_else_names_nothing():
    bare, _ = measured("NaCl")
    tungsten = {"spacegroup": 229, "cell": (3.165, 3.165, 3.165, 90, 90, 90)}
    said = named(bare, "x", lattices={"x": tungsten}, peaks=6)
    assert not said["line_planes"].any() and said["lattice_scale"][0] == 0
    dense = {
        "spacegroup": 1,
        "cell": (17.3, 19.1, 23.7, 81, 97, 103),
    }  # a line everywhere says nothing
    assert not named(bare, "x", lattices={"x": dense}, peaks=6)["line_planes"].any()


def test_rows_of_other_labels_and_without_one_have_no_names():
    bare, _ = measured("NaCl")
    for label in ("other", None):
        assert not named(bare, label, lattices={"NaCl": SALT})["line_planes"].any()
    assert grid_of(bare).axis == "2theta"


def test_families_that_share_a_line_are_not_named():
    """333 and 511 of a cubic cell lie at one place, and no powder tells them apart."""
    from structkit_powder_spectra.indexing import indexed, lattice_of

    grid = grid_of(PowderXrd(start=20, stop=110, step=0.05)(crystals()["Si"]))
    lattice = lattice_of(227, (5.431, 5.431, 5.431, 90, 90, 90), grid, 0.01)
    places = np.array([28.44, 47.30, 56.12, 69.13, 76.38, 88.03, 94.95])
    said = indexed(places, np.ones(7), lattice, grid, 0.01, 0.2)
    assert names(said.planes) == ["111", "220", "311", "400", "331", "422", ""]
    assert said.scale == pytest.approx(1, abs=1e-3)


def test_a_cell_that_the_space_group_does_not_have_is_refused():
    with pytest.raises(ValidationError, match="is none of space group F m -3 m"):
        SpectrumMapSettings(lattices={"x": {"spacegroup": 225, "cell": (5, 5, 6, 90, 90, 90)}})
    with pytest.raises(ValidationError, match="lengths above 0"):
        SpectrumMapSettings(lattices={"x": {"spacegroup": 225, "cell": (0, 5, 6, 90, 90, 90)}})
