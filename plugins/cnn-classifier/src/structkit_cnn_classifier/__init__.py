"""The convolutional classifier of Ziletti et al., Nature Communications 9, 2775 (2018), and one for disorder."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_cnn_classifier.classifier import CnnClassifier, DisorderCnn

__all__ = ["CnnClassifier", "DisorderCnn"]
__getattr__ = exports(__name__, CnnClassifier="classifier", DisorderCnn="classifier")
