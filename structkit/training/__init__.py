"""What the torch plugins share: a classifier to inherit from, the epoch loop under it, and networks on the disk.

Nothing here imports torch before it is called.
"""

from structkit.training.classifier import TorchClassifier
from structkit.training.learner import Learner, prepare
from structkit.training.predicting import probabilities, with_random_weights
from structkit.training.settings import TrainingSettings
from structkit.training.weights import load_facts, load_weights, save_network

VERSION = 3  # raised when equal rows and settings now give another network

__all__ = [
    "VERSION",
    "Learner",
    "TorchClassifier",
    "TrainingSettings",
    "load_facts",
    "load_weights",
    "prepare",
    "probabilities",
    "save_network",
    "with_random_weights",
]
