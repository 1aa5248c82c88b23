"""Equal energy: for the glass of a trajectory, a liquid configuration whose inherent structure has its energy."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from structkit_md_glass_source.cooling import BRANCH, Trajectory
from structkit_md_glass_source.engine import Engine
from structkit_md_glass_source.frame import Frame
from structkit_md_glass_source.schedule import held
from structkit_md_glass_source.settings import GlassSettings

progress = logging.getLogger("structkit.progress")
PAIR = 2  # frames: a liquid and its glass
SAME = (
    1e-7  # ε per particle: as near as this, it is the same minimum, which no label could tell apart
)


def matched(trajectory: Trajectory, settings: GlassSettings) -> list[Frame]:
    """The frames of a trajectory, one of whose liquids has the energy of the glass; without a match the others.

    A glass alone is no pair: where nothing but the two was asked for, nothing is left.

    The trajectory goes two ways from that liquid's temperature: down to the glass, and on at that
    temperature, where a configuration is tried every `match_every` steps until one is within
    `match_tolerance` of the glass. If only the means were equal, a single configuration could still
    be told apart by its energy.
    """
    frames = list(trajectory.run().frames)
    place = settings.kept.index(settings.matched_at)
    for liquid in _liquids(trajectory, settings, frames[place]):
        if _match(liquid, frames[-1], settings):
            return [*frames[:place], liquid, *frames[place + 1 :]]
    words = f"none of {settings.match_candidates} liquids is within {settings.match_tolerance:g} of the glass's energy"
    progress.info(f"{trajectory.name}: {words}; left out")
    return [*frames[:place], *frames[place + 1 :]] if len(frames) > PAIR else []


def _liquids(trajectory: Trajectory, settings: GlassSettings, first: Frame) -> Iterator[Frame]:
    """The liquid as it was on the way down, then those it becomes while it is held."""
    yield first
    done = trajectory.done
    leg = next(leg for leg in trajectory.legs if leg.keep == settings.matched_at)
    tried = done.legs - len(trajectory.legs)  # before the run was interrupted
    with Engine(done.folder) as engine:
        for number in range(1, settings.match_candidates):
            leg = held(leg, settings.match_every)
            if number <= tried:
                continue
            restart = f"leg-{done.legs}.restart"
            yield trajectory.finished(engine, trajectory.advance(engine, BRANCH, leg, restart))
            done.legs += 1
            done.written(BRANCH, restart)


def _match(liquid: Frame, glass: Frame, settings: GlassSettings) -> bool:
    """Whether two configurations have inherent structures of one energy, and not one inherent structure."""
    if liquid.inherent_energy is None or glass.inherent_energy is None:
        raise ValueError("matching needs inherent-structure energies")
    return SAME < abs(liquid.inherent_energy - glass.inherent_energy) <= settings.match_tolerance
