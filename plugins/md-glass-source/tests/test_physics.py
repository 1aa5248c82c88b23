"""The engine against numbers worked by hand and against conservation laws."""

import numpy as np
import pytest
from ase import Atoms
from scipy.spatial import cKDTree

from structkit import DataError, Sample, StructkitError
from structkit_md_glass_source import Quench, cool, script
from structkit_md_glass_source.cooling import random_start
from structkit_md_glass_source.engine import Engine, EngineError
from structkit_md_glass_source.schedule import schedule
from structkit_md_glass_source.settings import CoolingSettings, PotentialSettings

SMALL = {"particles": 150, "density": 1.2, "cooling_steps": 4000, "equilibration_steps": 1000}


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path) as running:
        yield running


def energy(engine, positions, types, edge, settings):
    """Potential energy per particle of a flat configuration."""
    engine.commands(*script.system((edge, edge)), *script.potential(settings))
    engine.create(np.array(types), np.array(positions, dtype=float))
    engine.commands("run 0")
    return engine.thermo("pe")[0]


def by_hand(positions, types, edge, settings):
    """The same by a direct sum over the minimum images."""
    gaps = positions[:, None] - positions[None, :]
    gaps -= edge * np.round(gaps / edge)  # in a plane z is one for all
    r = np.linalg.norm(gaps, axis=2)[np.triu_indices(len(positions), 1)]
    pair = (types[:, None] + types[None] - 2)[np.triu_indices(len(positions), 1)]
    epsilon, sigma = np.array(settings.epsilon)[pair], np.array(settings.sigma)[pair]
    near = r < settings.cutoff * sigma
    x = (sigma[near] / r[near]) ** 6
    return float((4 * epsilon[near] * (x * x - x)).sum() / len(positions))


@pytest.mark.parametrize(
    ("types", "depth", "sigma"), [((1, 1), 1.0, 1.0), ((1, 2), 1.5, 0.8), ((2, 2), 0.5, 0.88)]
)
def test_two_particles_have_the_energy_of_their_pair(engine, types, depth, sigma):
    settings = PotentialSettings()
    least = [[5, 5, 0], [5 + 2 ** (1 / 6) * sigma, 5, 0]]
    assert energy(engine, least, types, 20.0, settings) == pytest.approx(-depth / 2, rel=1e-9)
    at_cutoff = 4 * depth * (2.5**-12 - 2.5**-6) / 2
    inside = [[5, 5, 0], [5 + 2.4999999 * sigma, 5, 0]]
    outside = [[5, 5, 0], [5 + 2.5000001 * sigma, 5, 0]]
    assert energy(engine, inside, types, 20.0, settings) == pytest.approx(at_cutoff, rel=1e-5)
    assert energy(engine, outside, types, 20.0, settings) == 0.0
    shifted = PotentialSettings(shift=True)
    assert energy(engine, inside, types, 20.0, shifted) == pytest.approx(0, abs=1e-6)


def test_triangular_lattice(engine):
    a, columns, rows = 1.1, 16, 18
    places = [
        [a * (i + 0.5 * (j % 2)), a * np.sqrt(3) / 2 * j, 0]
        for j in range(rows)
        for i in range(columns)
    ]
    settings = PotentialSettings()
    lengths = (a * columns, a * np.sqrt(3) / 2 * rows)
    engine.commands(*script.system(lengths), *script.potential(settings))
    engine.create(np.ones(len(places), int), np.array(places))
    engine.commands("run 0")
    # shells of the triangular lattice within 2.5: 6 at 1, 6 at √3, 6 at 2 lattice constants
    shells = a * np.array([1, np.sqrt(3), 2])
    expected = 0.5 * 6 * (4 * (shells**-12 - shells**-6)).sum()
    assert engine.thermo("pe")[0] == pytest.approx(expected, rel=1e-9)


def test_mixture_agrees_with_a_direct_sum(engine):
    settings = CoolingSettings(**SMALL)
    positions, types = random_start(settings, np.random.default_rng(4))
    found = energy(engine, positions, types, settings.edge, settings)
    assert found == pytest.approx(by_hand(positions, types, settings.edge, settings), rel=1e-10)


def test_energy_is_conserved_without_a_thermostat(engine):
    """The truncated potential jumps by up to 0.016 ε a pair at the cutoff; shifted to zero there it does not."""
    settings = CoolingSettings(**SMALL, shift=True)
    engine.commands(*script.system((settings.edge, settings.edge)))
    positions, types = random_start(settings, np.random.default_rng(1))
    engine.create(types, positions)
    engine.commands(*script.start(settings, 5), "timestep 0.002", "fix nve all nve", "run 500")
    (before,) = engine.thermo("etotal")
    engine.commands("run 3000")
    assert engine.thermo("etotal")[0] == pytest.approx(before, abs=2e-3)


def test_thermostat_holds_temperature_and_its_fluctuation(engine):
    settings = CoolingSettings(**SMALL)
    engine.commands(*script.system((settings.edge, settings.edge)))
    positions, types = random_start(settings, np.random.default_rng(1))
    engine.create(types, positions)
    engine.commands(*script.start(settings, 5), "timestep 0.005")
    engine.commands("fix bath all nvt temp 1.5 1.5 0.5", "run 4000")
    found = []
    for _ in range(300):
        engine.commands("run 40 pre no post no")
        found.append(engine.thermo("temp")[0])
    # canonical: variance of the temperature 2T²/f with f = 2N − 2 degrees of freedom
    assert np.mean(found) == pytest.approx(1.5, rel=0.02)
    assert np.std(found) == pytest.approx(1.5 * np.sqrt(2 / (2 * 150 - 2)), rel=0.25)


@pytest.fixture(scope="module")
def frames():
    return cool(**SMALL, temperatures=[2.0, 0.9, 0.05], quench=True, seed=2)


def test_library_call_gives_frames_on_the_way_down(frames):
    assert [a.info["temperature"] for a in frames] == [2.0, 0.9, 0.05]
    assert [a.info["step"] for a in frames] == [1000, 1000 + round(4000 * 1.1 / 1.95), 5000]
    for atoms in frames:
        assert list(atoms.pbc) == [True, True, False] and np.ptp(atoms.positions[:, 2]) == 0.0
        assert len(atoms) / (atoms.cell[0, 0] * atoms.cell[1, 1]) == pytest.approx(1.2)
        assert list(atoms.symbols).count("Ni") == round(0.65 * 150)
        assert (atoms.positions[:, :2] >= 0).all() and (
            atoms.positions[:, :2] < atoms.cell[0, 0]
        ).all()
        assert atoms.info["max_force"] <= 1e-6 and atoms.info["units"] == "lj"
        assert (
            atoms.info["energy_per_particle"]
            == atoms.info["inherent_energy"]
            < atoms.info["thermal_energy"]
        )
    energies = [a.info["thermal_energy"] for a in frames]
    assert energies == sorted(energies, reverse=True)


def test_energy_of_a_frame_is_that_of_its_positions(frames):
    types = np.where(np.array(frames[-1].get_chemical_symbols()) == "Ni", 1, 2)
    found = by_hand(frames[-1].positions, types, frames[-1].cell[0, 0], PotentialSettings())
    assert found == pytest.approx(frames[-1].info["energy_per_particle"], rel=1e-9)


def test_inherent_structure_is_a_minimum(frames):
    """Quenching it again moves nothing, and any small displacement raises the energy."""
    quench, rng = Quench(), np.random.default_rng(0)
    (again,) = quench(Sample("a", frames[-1]), rng)
    assert np.abs(again.atoms.positions - frames[-1].positions).max() < 1e-4
    types = np.where(np.array(frames[-1].get_chemical_symbols()) == "Ni", 1, 2)
    least = by_hand(
        frames[-1].positions, types, frames[-1].cell[0, 0], PotentialSettings(cutoff=2.5)
    )
    for _ in range(5):
        moved = frames[-1].positions + 1e-3 * rng.normal(size=(150, 3)) * [1, 1, 0]
        assert by_hand(moved, types, frames[-1].cell[0, 0], PotentialSettings()) > least


def test_first_neighbours_sit_where_the_potential_has_its_minimum(frames):
    """First peak of g_AB near 2^(1/6)·0.8, of g_AA near 2^(1/6); unlike neighbours are nearer."""
    atoms = frames[-1]
    large = np.array(atoms.get_chemical_symbols()) == "Ni"
    box = atoms.cell[0, 0]
    nearest = {}
    for name, others in (("AA", large), ("AB", ~large)):
        tree = cKDTree(np.mod(atoms.positions[others, :2], box), boxsize=box)
        distances, _ = tree.query(np.mod(atoms.positions[large, :2], box), k=2)
        nearest[name] = np.median(distances[:, 1 if name == "AA" else 0])
    assert nearest["AB"] == pytest.approx(0.88, abs=0.06) and nearest["AA"] == pytest.approx(
        1.02, abs=0.08
    )


def peak(atoms, same):
    """Place and height of the first peak of g_AA (or g_AB)."""
    large = np.array(atoms.get_chemical_symbols()) == "Ni"
    box = atoms.cell[0, 0]
    first, second = (atoms.positions[mask, :2] for mask in (large, large if same else ~large))
    gaps = first[:, None] - second[None]
    r = np.linalg.norm(gaps - box * np.round(gaps / box), axis=2)
    bins = np.linspace(0.7, 1.5, 33)
    counts = np.histogram(r, bins)[0] / (
        np.pi * np.diff(bins**2) * len(first) * len(second) / box**2
    )
    return (bins[:-1] + bins[1:])[counts.argmax()] / 2, counts.max()


def test_peaks_of_the_pair_distribution_sharpen_and_move_outwards_on_cooling():
    """Hot particles climb each other's cores; cold ones sit in the minima of their pairs."""
    thermal = [
        cool(**{**SMALL, "particles": 400}, temperatures=[2.0, 0.05], seed=seed) for seed in (1, 2)
    ]
    for same in (True, False):
        hot, cold = (np.mean([peak(frames[i], same) for frames in thermal], axis=0) for i in (0, 1))
        assert cold[1] > 1.3 * hot[1], "the first peak is higher in the cold"
        assert cold[0] >= hot[0] - 0.02, "and no nearer"


@pytest.fixture(scope="module")
def volume():
    """A liquid of the mixture of Kob and Andersen, and its glass, in three dimensions."""
    return cool(**{**SMALL, "particles": 250}, dimensions=3, temperatures=[1.0, 0.05], seed=1)


def test_mixture_in_three_dimensions(volume):
    for atoms in volume:
        assert atoms.symbols.count("Ni") == 200 and atoms.pbc.all()
        assert len(atoms) / atoms.cell.volume == pytest.approx(1.2)
        assert (np.ptp(atoms.positions, axis=0) > 0.9 * atoms.cell[0, 0]).all()


def test_energy_of_a_volume_is_the_sum_over_pairs_and_its_minimum_is_a_solid(volume):
    """Energies are not shifted; the glass lies below its liquid, and both minima below the liquid as it was."""
    types = np.where(np.array(volume[0].get_chemical_symbols()) == "Ni", 1, 2)
    for atoms in volume:
        found = by_hand(atoms.positions, types, atoms.cell[0, 0], PotentialSettings())
        assert found == pytest.approx(atoms.info["energy_per_particle"], rel=1e-9)
    minima = [
        next(iter(Quench()(Sample("x", atoms), np.random.default_rng(0)))).atoms for atoms in volume
    ]
    liquid, glass = (atoms.info["energy_per_particle"] for atoms in minima)
    assert glass < liquid < volume[0].info["energy_per_particle"]
    assert all(atoms.info["max_force"] <= 1e-6 for atoms in minima)


def test_nothing_leaves_the_plane(engine):
    settings = CoolingSettings(**SMALL)
    positions, types = random_start(settings, np.random.default_rng(1))
    engine.commands(*script.system((settings.edge, settings.edge)))
    engine.create(types, positions)
    engine.commands(
        *script.start(settings, 5),
        "timestep 0.005",
        "fix bath all nvt temp 2.0 2.0 0.5",
        "run 3000",
    )
    engine.commands(*script.minimise(settings))
    assert not engine.state()[0][:, 2].any()


def test_same_seed_same_frames_other_seed_others(frames):
    again = cool(**SMALL, temperatures=[2.0, 0.9, 0.05], quench=True, seed=2)
    for first, second in zip(frames, again, strict=True):
        assert np.array_equal(first.positions, second.positions) and first.info == second.info
    other = cool(**SMALL, temperatures=[2.0], seed=3)
    assert not np.allclose(other[0].positions, frames[0].positions)


def test_cubic_crystal_of_one_species_is_its_own_inherent_structure():
    atoms = Atoms("Ni2", [[0, 0, 0], [0.8, 0.8, 0.8]], cell=[1.6] * 3, pbc=True).repeat(4)
    atoms.positions += 0.03 * np.random.default_rng(0).normal(size=atoms.positions.shape)
    atoms.info["units"] = "lj"
    (found,) = Quench()(Sample("x", atoms), np.random.default_rng(0))
    assert found.atoms.info["max_force"] <= 1e-6 and found.atoms.info["energy_per_particle"] < -5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda a: a.info.pop("units"), "M010 'x' is not in reduced units"),
        (lambda a: a.set_cell(None), "M011"),
        (lambda a: a.positions.__setitem__((0, 2), 0.5), "M011"),
        (lambda a: setattr(a, "numbers", [29] * len(a)), "M013 'x' holds Cu; A is Ni and B is P"),
        (
            lambda a: a.positions.__setitem__(3, a.positions[8]),
            "M014 particles 3 and 8 of 'x' are in one place",
        ),
    ],
)
def test_quench_refuses_what_it_cannot_know(frames, change, code):
    atoms = frames[0].copy()
    change(atoms)
    with pytest.raises(DataError, match=code):
        list(Quench()(Sample("x", atoms), np.random.default_rng(0)))


def test_too_few_iterations_are_an_error():
    with pytest.raises(
        StructkitError, match=r"M002 step 1000: largest force .* after 3 iterations"
    ):
        cool(**SMALL, temperatures=[2.0], quench=True, max_iterations=3)


def test_too_large_a_time_step_is_an_error_with_lammps_words():
    with pytest.raises(StructkitError, match=r"seed 1: M00[13] .*step"):
        cool(**SMALL, temperatures=[2.0, 0.05], time_step=0.1)


def test_error_of_lammps_comes_back_and_the_process_lives(engine):
    with pytest.raises(EngineError, match="Unknown command: nonsense"):
        engine.commands("nonsense 1")
    assert engine.alive
    engine.commands("units lj")


def test_frame_of_another_temperature_than_the_thermostats_is_refused():
    with pytest.raises(
        StructkitError,
        match=r"M003 step \d+: the particles have temperature [\d.]+, the thermostat",
    ):
        cool(**{**SMALL, "cooling_steps": 400}, temperatures=[0.05])


def test_death_of_the_process_is_told(engine):
    engine._process.kill()
    with pytest.raises(EngineError, match="the LAMMPS process was killed by SIGKILL"):
        engine.commands("units lj")


def test_schedule_ends_where_the_last_frame_is():
    legs = schedule(CoolingSettings(temperatures=[1.99, 0.957]))
    assert legs[-1].keep == 0.957 and legs[-1].temperature == pytest.approx(0.957, abs=1e-4)
    assert [leg.keep for leg in legs if leg.keep] == [1.99, 0.957]
    steps = [leg.until for leg in legs]
    assert steps == sorted(set(steps)) and steps[-1] == 20_000 + round(200_000 * (2 - 0.957) / 1.95)
    hot = schedule(CoolingSettings(temperatures=[2.0], equilibration_steps=0))
    assert [(leg.until, leg.keep) for leg in hot] == [(0, 2.0)]
