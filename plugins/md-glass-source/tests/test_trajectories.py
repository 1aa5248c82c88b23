"""Resuming, matching, windows, settings."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from structkit import DataError, Sample, Task
from structkit_md_glass_source import MdGlass, Window, cool
from structkit_md_glass_source.cooling import Trajectory
from structkit_md_glass_source.matching import matched
from structkit_md_glass_source.schedule import schedule
from structkit_md_glass_source.settings import CoolingSettings, GlassSettings

SHORT = {"particles": 120, "cooling_steps": 4000, "equilibration_steps": 400}


class Killed(BaseException):
    pass


def interrupted(settings, seed, folder, legs):
    """Run a trajectory and stop it the hard way after some legs."""
    trajectory = Trajectory(settings, seed, folder, "x")
    original = trajectory._leg

    def leg(engine, leg):
        if trajectory.done.legs == legs:
            raise Killed
        original(engine, leg)

    trajectory._leg = leg
    with pytest.raises(Killed):
        trajectory.run()


@pytest.mark.parametrize("legs", [1, 9, 30])
def test_resumed_trajectory_is_the_same_to_the_last_bit(tmp_path, legs):
    settings = CoolingSettings(**SHORT, temperatures=[1.5, 0.05], frames="quenched")
    whole = Trajectory(settings, 7, tmp_path / "whole", "x").run()
    interrupted(settings, 7, tmp_path / "cut", legs)
    resumed = Trajectory(settings, 7, tmp_path / "cut", "x")
    assert resumed.done.legs == legs
    resumed.run()
    assert resumed.done.curve == whole.curve
    for first, second in zip(whole.frames, resumed.done.frames, strict=True):
        assert np.array_equal(first.positions, second.positions) and first.facts() == second.facts()


def test_a_cooling_is_slow_only_below_a_temperature():
    settings = CoolingSettings(
        equilibration_steps=100, slow_below=0.6, approach_steps=1400, cooling_steps=5500,
        temperatures=[1.3, 0.6, 0.5, 0.05],
    )  # fmt: skip
    legs = schedule(settings)
    assert [(leg.until, leg.keep) for leg in legs if leg.keep] == [
        (800, 1.3), (1500, 0.6), (2500, 0.5), (7000, 0.05)]  # fmt: skip
    steps = [leg.until for leg in legs]
    assert steps == sorted(set(steps)), "each step once"
    coldness = [-leg.temperature for leg in legs]
    assert coldness == sorted(coldness), "never warmer again"
    assert all(leg.temperature == pytest.approx(leg.keep) for leg in legs if leg.keep)


def test_a_slow_cooling_is_gone_on_with(tmp_path):
    settings = CoolingSettings(
        **SHORT, slow_below=0.6, approach_steps=1000, temperatures=[0.9, 0.05], frames="quenched"
    )
    whole = Trajectory(settings, 7, tmp_path / "whole", "x").run()
    interrupted(settings, 7, tmp_path / "cut", 20)
    resumed = Trajectory(settings, 7, tmp_path / "cut", "x").run()
    assert resumed.curve == whole.curve
    assert resumed.frames[1].inherent_energy == whole.frames[1].inherent_energy


def test_damaged_or_foreign_checkpoint_is_not_gone_on_from(tmp_path):
    settings = CoolingSettings(**SHORT, temperatures=[1.5])
    interrupted(settings, 7, tmp_path, 5)
    assert Trajectory(settings, 8, tmp_path, "x").done.legs == 0, "of another seed"
    (restart,) = [p for p in tmp_path.rglob("*.restart") if "leg-4" in p.name]
    data = bytearray(restart.read_bytes())
    data[len(data) // 2] ^= 1
    restart.write_bytes(data)
    assert Trajectory(settings, 7, tmp_path, "x").done.legs == 0


def test_nothing_else_in_a_scratch_folder_is_touched(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for seed in (1, 2):
        cool(**SHORT, temperatures=[1.9], seed=seed, scratch=tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    assert len(list(tmp_path.glob("trajectory-*/state.json"))) == 2


def test_engine_leaves_no_shared_memory_behind():
    before = set(Path("/dev/shm").glob("mpich_shm_*"))
    cool(**SHORT, temperatures=[2.0])
    assert set(Path("/dev/shm").glob("mpich_shm_*")) <= before


def test_library_call_says_what_it_needs():
    with pytest.raises(ValueError, match="name at least one"):
        cool(**SHORT)
    with pytest.raises(ValueError, match="seed 0: expected 1 to"):
        cool(**SHORT, temperatures=[1.0], seed=0)


def test_matched_pairs_have_equal_energies(tmp_path):
    settings = GlassSettings(
        **SHORT, pair="equal-energy", match_every=400, match_tolerance=0.01, hot=1.0
    )
    found = [
        matched(Trajectory(settings, seed, tmp_path / str(seed), "x"), settings)
        for seed in range(1, 4)
    ]
    assert any(found), "with this tolerance some trajectory has a match"
    for liquid, glass in filter(None, found):
        assert (liquid.temperature, glass.temperature) == (0.547, 0.05)
        assert abs(liquid.inherent_energy - glass.inherent_energy) <= 0.01
        assert liquid.energy_per_particle == liquid.thermal_energy > liquid.inherent_energy, (
            "frames: thermal"
        )


def test_a_liquid_at_any_temperature_is_matched_among_other_frames(tmp_path):
    words = {**SHORT, "temperatures": [0.9, 0.5, 0.05], "hot": 1.0}
    settings = GlassSettings(
        **words, match=0.5, match_every=400, match_tolerance=0.005, frames="quenched"
    )
    plain = cool(**words, quench=True, seed=4, scratch=tmp_path)
    hot, liquid, glass = matched(Trajectory(settings, 4, tmp_path, "x"), settings)
    energies = [atoms.info["energy_per_particle"] for atoms in plain]
    assert [hot.inherent_energy, glass.inherent_energy] == [energies[0], energies[2]]
    assert abs(energies[1] - energies[2]) > 0.005, "on the way down it has another energy"
    assert liquid.temperature == 0.5
    assert abs(liquid.inherent_energy - glass.inherent_energy) <= 0.005


def test_trajectory_without_a_match_gives_nothing_and_says_so(tmp_path, caplog):
    settings = GlassSettings(
        **SHORT, pair="equal-energy", match_every=50, match_tolerance=1e-12, match_candidates=3
    )
    with caplog.at_level("INFO", logger="structkit.progress"):
        assert matched(Trajectory(settings, 1, tmp_path, "t-1"), settings) == []
    assert "t-1: none of 3 liquids is within 1e-12 of the glass's energy; left out" in caplog.text


def test_without_a_match_the_other_frames_remain(tmp_path):
    settings = GlassSettings(
        **SHORT, temperatures=[0.9, 0.5, 0.05], hot=1.0, match=0.5, match_every=50, match_tolerance=1e-12,
        match_candidates=2,
    )  # fmt: skip
    frames = matched(Trajectory(settings, 1, tmp_path, "t-1"), settings)
    assert [frame.temperature for frame in frames] == [0.9, 0.05]


def test_source_gives_labelled_frames_of_one_group():
    source = MdGlass(**SHORT, temperatures=[0.6, 0.05], trajectories=2)
    assert [task.id for task in source.tasks()] == ["trajectory-0000", "trajectory-0001"]
    samples = list(source.samples(source.tasks()[1], np.random.default_rng(0)))
    group = samples[0].group
    assert group.startswith("trajectory-0001-")
    assert [(s.id, s.label, s.group) for s in samples] == [
        (f"{group}-T0.6", "liquid", group),
        (f"{group}-T0.05", "glass", group),
    ]
    curve = np.array(samples[0].meta["cooling_curve"])
    assert (
        curve.shape[1] == 2
        and (np.diff(curve[:, 0]) < 0).all()
        and curve[-1, 0] == pytest.approx(0.05)
    )


def test_independent_trajectories_share_no_name():
    source = MdGlass(**SHORT, temperatures=[1.99], trajectories=1)
    names = {
        sample.group
        for seed in (0, 1)
        for sample in source.samples(source.tasks()[0], np.random.default_rng(seed))
    }
    assert len(names) == 2


def test_source_goes_on_in_the_scratch_folder(tmp_path):
    source = MdGlass(**SHORT, temperatures=[0.6], trajectories=1)
    rng = np.random.default_rng(0)
    list(source.samples(Task("trajectory-0000", {}, tmp_path), rng))
    assert list(tmp_path.glob("trajectory-*/state.json"))


@pytest.fixture(scope="module")
def liquid():
    (atoms,) = cool(**SHORT, temperatures=[2.0], seed=4)
    return atoms


def test_windows_are_squares_around_the_origin(liquid):
    cuts = [
        s.atoms
        for s in Window(particles=40, copies=5)(Sample("x", liquid), np.random.default_rng(0))
    ]
    for atoms in cuts:
        assert len(atoms) == 40 and not atoms.pbc.any() and not atoms.cell[:].any()
        edge = atoms.info["window_edge"]
        assert np.abs(atoms.positions[:, :2]).max() == pytest.approx(edge / 2)
        assert atoms.info["units"] == "lj" and len(atoms.arrays["radius"]) == 40
        assert 40 / edge**2 == pytest.approx(1.2, rel=0.25)
    assert not np.allclose(cuts[0].positions, cuts[1].positions)


def test_windows_reach_across_the_periodic_boundary(liquid):
    from structkit_md_glass_source.window import cut

    box = np.array([liquid.cell[0, 0]] * 2)
    here = cut(liquid, np.array([0.3, 0.2]), box, 30, "x")
    moved = liquid.copy()
    moved.positions[:, :2] = np.mod(moved.positions[:, :2] + [3.0, 4.0], box)
    there = cut(moved, np.array([3.3, 4.2]), box, 30, "x")
    assert np.allclose(here.positions, there.positions) and list(here.symbols) == list(
        there.symbols
    )


def test_windows_of_a_volume_are_cubes_across_the_boundary():
    (atoms,) = cool(**{**SHORT, "particles": 250}, dimensions=3, temperatures=[2.0], seed=4)
    (cut,) = Window(particles=60)(Sample("x", atoms), np.random.default_rng(0))
    assert len(cut.atoms) == 60 and not cut.atoms.pbc.any()
    edge = cut.atoms.info["window_edge"]
    assert np.abs(cut.atoms.positions).max() == pytest.approx(edge / 2)
    assert (np.ptp(cut.atoms.positions, axis=0) > 0.7 * edge).all(), "in all three directions"


def test_window_larger_than_the_box_is_refused(liquid):
    with pytest.raises(
        DataError, match="M012 'x': no square with 121 of its 120 particles fits into the box"
    ):
        list(Window(particles=121)(Sample("x", liquid), np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "give either temperatures"),
        (
            {"pair": "equal-energy", "dimensions": 3},
            "pair equal-energy names temperatures of the two-dimensional mixture",
        ),
        (
            {"temperatures": [1.0], "dimensions": 3, "particles": 150},
            "narrower than two cutoffs; take at least 211",
        ),
        ({"temperatures": [1.0], "pair": "liquid-1.99"}, "give either temperatures"),
        ({"temperatures": [1.0, 0.4, 0.05], "match": 0.5}, "match 0.5 is none of .*: 1, 0.4 "),
        ({"temperatures": [0.5, 0.3, 0.05], "match": 0.3}, "match 0.3 is below glass_below 0.37"),
        ({"temperatures": [0.05], "match": 0.05}, "match 0.05 is none of .*: there are none"),
        ({"pair": "liquid-0.44", "match": 0.5}, "match 0.5 is none of .*: 0.44 "),
        ({"temperatures": [3.0]}, "temperature 3 is not between cold 0.05 and hot 2"),
        ({"temperatures": [1.0, 1.0]}, "cannot be told apart"),
        ({"temperatures": [1.0, 1.0000001]}, "1.0000001 and 1.0 cannot be told apart"),
        ({"temperatures": [1.99, 0.05, 2.0], "cooling_steps": 3}, "fall on one time step"),
        ({"pair": "equal-energy", "cold": 0.5469999}, "cannot be told apart"),
        ({"temperatures": [1.0], "cold": 2.5}, "cold 2.5 is not below hot 2"),
        (
            {"temperatures": [1.0], "slow_below": 2.0},
            "slow_below 2 is not between cold 0.05 and hot 2",
        ),
        ({"temperatures": [1.0], "particles": 30}, "narrower than two cutoffs"),
        (
            {"temperatures": [1.0], "fraction_a": 0.999, "particles": 100},
            "leaves one species empty",
        ),
        ({"temperatures": [1.0], "species": ["Ni", "Ni"]}, "A and B are both 'Ni'"),
        ({"temperatures": [1.0], "species": ["A", "B"]}, "'A' is no element symbol"),
        (
            {"temperatures": [1.0], "cooling_steps": 0},
            "expected 1 to 1 000 000 000 steps, fast or slow",
        ),
        ({"temperatures": [1.0], "cooling_steps": "medium"}, "cooling_steps"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        GlassSettings(**settings)


def test_presets_are_the_papers_temperatures():
    assert GlassSettings(pair="liquid-0.96").kept == (0.957, 0.05)
    assert GlassSettings(pair="liquid-1.99", cooling_steps="slow").steps == 20_000_000
    assert (
        GlassSettings(pair="equal-energy").matched_at == 0.547
        and GlassSettings(pair="liquid-0.55").matched_at is None
    )
