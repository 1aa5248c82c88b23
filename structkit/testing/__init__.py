"""Contract suites that a plugin's tests inherit: one class per kind of component, one for executors, one for the whole.

They are made of physics and learning, not of shapes, and a failure says what to change. See
docs/testing-a-plugin.md. The suites need pytest; `hard_structures` and the `planted_…`
tables do not.
"""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit.testing.descriptors import DescriptorContract
    from structkit.testing.executors import ExecutorContract
    from structkit.testing.explainers import ExplainerContract
    from structkit.testing.guards import GuardContract
    from structkit.testing.materials import hard_structures, planted_images, planted_numbers
    from structkit.testing.models import ModelContract
    from structkit.testing.numbers import NumbersContract
    from structkit.testing.part_explainers import AtomExplainerContract, PixelExplainerContract
    from structkit.testing.pixels import planted_pixels
    from structkit.testing.planted import planted_atoms
    from structkit.testing.plugins import PluginContract
    from structkit.testing.sources import SourceContract
    from structkit.testing.transforms import TransformContract

__all__ = [
    "AtomExplainerContract",
    "DescriptorContract",
    "ExecutorContract",
    "ExplainerContract",
    "GuardContract",
    "ModelContract",
    "NumbersContract",
    "PixelExplainerContract",
    "PluginContract",
    "SourceContract",
    "TransformContract",
    "hard_structures",
    "planted_atoms",
    "planted_images",
    "planted_numbers",
    "planted_pixels",
]
__getattr__ = exports(
    __name__,
    AtomExplainerContract="part_explainers",
    DescriptorContract="descriptors",
    ExecutorContract="executors",
    ExplainerContract="explainers",
    GuardContract="guards",
    ModelContract="models",
    NumbersContract="numbers",
    PixelExplainerContract="part_explainers",
    PluginContract="plugins",
    SourceContract="sources",
    TransformContract="transforms",
    hard_structures="materials",
    planted_atoms="planted",
    planted_images="materials",
    planted_numbers="materials",
    planted_pixels="pixels",
)
