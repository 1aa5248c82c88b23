"""The library of plugins with a torch network: a classifier, its training loop, its files.

Nothing here imports torch before it is called.
"""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_torch_training.classifier import TorchClassifier
    from structkit_torch_training.learner import Learner, repeatable
    from structkit_torch_training.predicting import probabilities, with_random_weights
    from structkit_torch_training.settings import TrainingSettings
    from structkit_torch_training.weights import load_facts, load_weights, save_network

VERSION = 3
"""raised when equal rows and settings now give another network; models declare it in `versions`"""

__all__ = [
    "VERSION",
    "Learner",
    "TorchClassifier",
    "TrainingSettings",
    "load_facts",
    "load_weights",
    "repeatable",
    "probabilities",
    "save_network",
    "with_random_weights",
]
__getattr__ = exports(
    __name__,
    Learner="learner",
    TorchClassifier="classifier",
    TrainingSettings="settings",
    load_facts="weights",
    load_weights="weights",
    repeatable="learner",
    probabilities="predicting",
    save_network="weights",
    with_random_weights="predicting",
)
