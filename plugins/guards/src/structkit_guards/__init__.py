"""What a prediction may promise: on arrays, and as guards of a pipeline."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_guards.calibration import Temperature, fit_temperature
    from structkit_guards.calibration_guard import Calibration
    from structkit_guards.conformal_guard import Conformal
    from structkit_guards.distance import Whitened
    from structkit_guards.groups import GroupedScores, least_groups
    from structkit_guards.novelty_guard import Novelty
    from structkit_guards.sets import ClassSets, Intervals
    from structkit_guards.verdict_guard import Verdict

__all__ = [
    "Calibration",
    "ClassSets",
    "Conformal",
    "GroupedScores",
    "Intervals",
    "Novelty",
    "Temperature",
    "Verdict",
    "Whitened",
    "fit_temperature",
    "least_groups",
]
__getattr__ = exports(
    __name__,
    Calibration="calibration_guard",
    ClassSets="sets",
    Conformal="conformal_guard",
    GroupedScores="groups",
    Intervals="sets",
    Novelty="novelty_guard",
    Temperature="calibration",
    Verdict="verdict_guard",
    Whitened="distance",
    fit_temperature="calibration",
    least_groups="groups",
)
