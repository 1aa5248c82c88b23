"""The LAMMPS commands of a simulation, from settings: the only place that knows LAMMPS's language."""

from __future__ import annotations

from structkit_md_glass_source.settings import CoolingSettings, PotentialSettings

THERMOSTAT = "bath"
SOFT = 0.1  # largest move of the first minimisation, in σ: a random start has overlaps


def system(lengths: tuple[float, ...], periodic: bool = True) -> list[str]:
    """An empty box of two species: two lengths make a plane, three a volume."""
    flat = len(lengths) == 2
    x, y, z = (*map(float, lengths), 1.0)[:3]
    low, high = (-z / 2, z / 2) if flat else (0.0, z)
    edges = "p p p" if periodic else ("s s p" if flat else "s s s")
    return [
        "clear",
        "units lj",
        f"dimension {2 if flat else 3}",
        f"boundary {edges}",
        "atom_style atomic",
        "atom_modify map array",
        f"region box block 0 {x!r} 0 {y!r} {low!r} {high!r}",
        "create_box 2 box",
        "mass * 1.0",
    ]


def potential(settings: PotentialSettings) -> list[str]:
    """Pair potential, neighbour lists and output; to be repeated after a restart."""
    pairs = zip(("1 1", "1 2", "2 2"), settings.epsilon, settings.sigma, strict=True)
    return [
        f"pair_style lj/cut {settings.cutoff * max(settings.sigma)!r}",
        *(f"pair_coeff {pair} {e!r} {s!r} {settings.cutoff * s!r}" for pair, e, s in pairs),
        f"pair_modify shift {'yes' if settings.shift else 'no'}",
        "neighbor 0.3 bin",
        "neigh_modify every 1 delay 0 check yes",
        "thermo_style custom step temp pe ke etotal press fmax",
        "thermo_modify norm yes",
    ]


def plane(dimensions: int) -> list[str]:
    """Keep the particles in the plane, where there is one."""
    return ["fix plane all enforce2d"] if dimensions == 2 else []


def start(settings: CoolingSettings, seed: int) -> list[str]:
    """From overlapping particles to a hot liquid: push them apart, then draw velocities."""
    return [
        *potential(settings),
        *plane(settings.dimensions),
        "min_style cg",
        f"min_modify dmax {SOFT}",
        "minimize 0.0 1.0 1000 10000",
        "reset_timestep 0",
        f"velocity all create {settings.hot!r} {seed} mom yes rot no dist gaussian",
    ]


def resume(restart: str, settings: CoolingSettings) -> list[str]:
    """The system of a restart file."""
    return [
        "clear",
        f"read_restart {restart}",
        *potential(settings),
        *plane(settings.dimensions),
        f"timestep {settings.time_step!r}",
    ]


def ramp(
    settings: CoolingSettings, first: float, last: float, begin: int, end: int, until: int
) -> list[str]:
    """Run to a step, on a linear way of the thermostat from one temperature to another between two steps.

    The thermostat is fix nvt: Nosé-Hoover chains, whose state is in the restart file.
    """
    return [
        f"fix {THERMOSTAT} all nvt temp {first!r} {last!r} {settings.thermostat_time!r}",
        f"run {until} upto start {begin} stop {end}",
    ]


def minimise(settings: PotentialSettings) -> list[str]:
    """The nearest minimum of the energy by FIRE, to a force tolerance and never to a number of steps.

    `tmax 4` lets the time step grow fourfold: the default leaves most glasses unconverged.
    """
    evaluations = 10 * settings.max_iterations
    return [
        "min_style fire",
        "min_modify norm max tmax 4",
        f"minimize 0.0 {settings.force_tolerance!r} {settings.max_iterations} {evaluations}",
    ]
