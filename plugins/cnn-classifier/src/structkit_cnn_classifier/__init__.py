"""The convolutional classifier of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from structkit_cnn_classifier.classifier import CnnClassifier

__all__ = ["CnnClassifier"]
