"""Settings of the guards."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from structkit import Settings


class CalibrationSettings(Settings):
    """What is fitted."""

    per_class: bool = False
    """a bias for each class that has at least nine calibration groups, beside the one temperature"""


class ConformalSettings(Settings):
    """What is promised."""

    coverage: float = Field(0.9, gt=0, lt=1)
    """how often the set, or the interval, is to hold the truth, for rows of groups never seen"""
    per_class: bool = False
    """keep the promise in each class that has calibration groups enough, and not only on the whole"""


class NoveltySettings(Settings):
    """What is called unlike the training data."""

    false_alarms: float = Field(0.05, gt=0, lt=1)
    """share of rows like the training data that may be called novel"""
    method: Literal["mahalanobis", "neighbours"] = "mahalanobis"
    """distance to the mean of the nearest class, or to the nearest training rows"""
    features: Literal["both", "model", "inputs"] = "both"
    """where: in the model's own features, in what it reads, or in both, of which the larger distance counts"""
    neighbours: int = Field(1, ge=1)
    """the how many-th nearest training row `neighbours` measures to"""


class VerdictSettings(Settings):
    """What is promised, and what is refused."""

    coverage: float = Field(0.9, gt=0, lt=1)
    """how often the set, or the interval, is to hold the truth, for rows of groups never seen"""
    false_alarms: float = Field(0.05, gt=0, lt=1)
    """share of rows like the training data that may be called none of these"""
    per_class: bool = False
    """keep the promise in each class that has calibration groups enough, and not only on the whole"""
    method: Literal["mahalanobis", "neighbours"] = "mahalanobis"
    """how unlikeness is measured: to the mean of the nearest class, or to the nearest training rows"""
