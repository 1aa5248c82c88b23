"""The library of plugins with a torch network: a classifier, a model of numbers, their training loop, their files.

Nothing here imports torch before it is called.
"""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_torch_training.classifier import TorchClassifier
    from structkit_torch_training.learner import Learner
    from structkit_torch_training.objective import ClassObjective, NumberObjective
    from structkit_torch_training.predicting import probabilities, with_random_weights
    from structkit_torch_training.regressor import TorchRegressor
    from structkit_torch_training.repeating import repeatable
    from structkit_torch_training.settings import TrainingSettings
    from structkit_torch_training.weights import load_facts, load_weights, save_network

VERSION = 4
"""raised when equal rows and settings now give another network; models declare it in `versions`"""

__all__ = [
    "VERSION",
    "ClassObjective",
    "Learner",
    "NumberObjective",
    "TorchClassifier",
    "TorchRegressor",
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
    ClassObjective="objective",
    Learner="learner",
    NumberObjective="objective",
    TorchClassifier="classifier",
    TorchRegressor="regressor",
    TrainingSettings="settings",
    load_facts="weights",
    load_weights="weights",
    repeatable="repeating",
    probabilities="predicting",
    save_network="weights",
    with_random_weights="predicting",
)
