"""Equal energy: for the glass of a trajectory, a liquid configuration whose inherent structure has its energy."""

from __future__ import annotations

import logging

from structkit_md_glass_source.cooling import BRANCH, Trajectory
from structkit_md_glass_source.engine import Engine
from structkit_md_glass_source.frame import Frame
from structkit_md_glass_source.schedule import held
from structkit_md_glass_source.settings import GlassSettings

progress = logging.getLogger("structkit.progress")
SAME = (
    1e-7  # ε per particle: as near as this, it is the same minimum, which no label could tell apart
)


def matched(trajectory: Trajectory, settings: GlassSettings) -> list[Frame]:
    """The liquid and the glass of a trajectory, matched on inherent-structure energy; empty when none matches.

    The trajectory goes two ways from the liquid's temperature: down to the glass, and on at that
    temperature, where a configuration is tried every `match_every` steps until one is within
    `match_tolerance` of the glass. If only the means were equal, a single configuration could still
    be told apart by its energy.
    """
    done = trajectory.run()
    liquid, glass = done.frames
    if _match(liquid, glass, settings):
        return [liquid, glass]
    leg = next(leg for leg in trajectory.legs if leg.keep is not None)
    tried = done.legs - len(trajectory.legs)  # before the run was interrupted
    with Engine(done.folder) as engine:
        for number in range(1, settings.match_candidates):
            leg = held(leg, settings.match_every)
            if number <= tried:
                continue
            restart = f"leg-{done.legs}.restart"
            liquid = trajectory.finished(engine, trajectory.advance(engine, BRANCH, leg, restart))
            if _match(liquid, glass, settings):
                return [liquid, glass]
            done.legs += 1
            done.written(BRANCH, restart)
    told = f"none of {settings.match_candidates} liquids is within {settings.match_tolerance:g} of the glass's energy"
    progress.info(f"{trajectory.name}: {told}; left out")
    return []


def _match(liquid: Frame, glass: Frame, settings: GlassSettings) -> bool:
    """Whether two configurations have inherent structures of one energy, and not one inherent structure."""
    if liquid.inherent_energy is None or glass.inherent_energy is None:
        raise ValueError("matching needs inherent-structure energies")
    return SAME < abs(liquid.inherent_energy - glass.inherent_energy) <= settings.match_tolerance
