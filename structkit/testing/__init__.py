"""Contract suites that a plugin's tests inherit: one class per kind of component, one for executors, one for the whole.

They are made of physics and learning, not of shapes, and a failure says what to change. See docs/testing-a-plugin.md.
The suites need pytest; `hard_structures` and `planted_images` do not.
"""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit.testing.descriptors import DescriptorContract
    from structkit.testing.executors import ExecutorContract
    from structkit.testing.explainers import ExplainerContract
    from structkit.testing.materials import hard_structures, planted_images
    from structkit.testing.models import ModelContract
    from structkit.testing.plugins import PluginContract
    from structkit.testing.sources import SourceContract
    from structkit.testing.transforms import TransformContract

__all__ = [
    "DescriptorContract",
    "ExecutorContract",
    "ExplainerContract",
    "ModelContract",
    "PluginContract",
    "SourceContract",
    "TransformContract",
    "hard_structures",
    "planted_images",
]
__getattr__ = exports(
    __name__,
    DescriptorContract="descriptors",
    ExecutorContract="executors",
    ExplainerContract="explainers",
    ModelContract="models",
    PluginContract="plugins",
    SourceContract="sources",
    TransformContract="transforms",
    hard_structures="materials",
    planted_images="materials",
)
