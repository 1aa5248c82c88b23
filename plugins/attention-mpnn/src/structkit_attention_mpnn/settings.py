"""Settings of the network and its training."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from structkit import Settings
from structkit_attention_mpnn.methods import Method
from structkit_torch_training import TrainingSettings


class MpnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    hidden: int = Field(32, ge=1, le=4096)
    """size of the messages"""
    depth: int = Field(1, ge=1, le=32)
    """rounds of message passing"""
    attention: Literal["bonds", "dot", "none"] = "bonds"
    """over the bonds of each graph, as the paper has it; dot products of neighbours with an edge bias; or none"""
    heads: int = Field(4, ge=1, le=64)
    """independent attentions; must divide `hidden`"""
    pooling: Literal["mean", "attention"] = "mean"
    """how particles become a graph"""
    pair_path: bool = True
    """whether a linear path leads from a graph's partial pair distributions to the logits, beside the messages: for
    faint differences and few graphs"""
    dropout: float = Field(0.0, ge=0, lt=1)
    """fraction of a message that is dropped while training"""
    basis: int = Field(64, ge=2, le=256)
    """Gaussians that a distance is spread over, from the 0.1 % to the 99.9 % quantile of the training data"""
    epochs: int = Field(12, ge=1, le=1_000_000)
    """passes over the training part"""
    batch_size: int = Field(16, ge=2, le=1_000_000)
    """rows per step"""
    learning_rate: float = Field(3e-3, gt=0)
    """of Adam"""
    schedule: Literal["constant", "cosine"] = "cosine"
    """of the learning rate: as it is, or falling from it to nothing along half a cosine over all epochs"""
    exact_norms: bool = True
    """whether batch norms are given the statistics of the whole training part after each epoch, not running averages"""
    backend: Literal["auto", "dgl", "torch"] = "auto"
    """engine of the message passing; auto: dgl on the CPU where it is installed"""
    preset: Literal["paper"] | None = None
    """paper: hidden 870, depth 3, one head, dropout 0.5, mean pooling, no pair path (Swanson 2020)"""

    @model_validator(mode="after")
    def _heads_fit(self) -> MpnnSettings:
        if self.hidden % self.heads:
            raise ValueError(f"heads {self.heads} does not divide hidden {self.hidden}")
        return self

    @model_validator(mode="before")
    @classmethod
    def _papers_configuration(cls, values: dict[str, object]) -> dict[str, object]:
        if isinstance(values, dict) and values.get("preset") == "paper":
            paper = {
                "hidden": 870,
                "depth": 3,
                "heads": 1,
                "dropout": 0.5,
                "attention": "bonds",
                "pooling": "mean",
                "pair_path": False,
            }
            clash = [name for name in paper if name in values and values[name] != paper[name]]
            if clash:
                raise ValueError(
                    f"preset: paper sets {clash[0]} to {paper[clash[0]]}; leave one of them out"
                )
            return {**values, **paper}
        return values


class NumberSettings(MpnnSettings):
    """Shape of a network that says numbers of structures, and how it is trained."""

    pooling: Literal["mean"] = "mean"
    """how particles become a graph: a number is the mean of the shares of its particles"""
    pair_path: bool = True
    """whether a linear path leads from the pair distributions to the number, beside the messages: exact for particles
    that attract each other in pairs; a ridge regression on the training part fits it before the messages learn"""
    basis: int = Field(32, ge=2, le=256)
    """Gaussians that a distance is spread over, from the smallest to the largest of the training data"""
    extensive: bool = False
    """whether the number grows with the structure, as a total energy does: it is then learnt per particle, and said
    as the sum over the particles"""
    epochs: int = Field(10, ge=1, le=1_000_000)
    """passes over the training part"""
    batch_size: int = Field(8, ge=2, le=1_000_000)
    """rows per step"""
    learning_rate: float = Field(1e-3, gt=0)
    """of Adam"""
    exact_norms: bool = False
    """no meaning here: these networks have no batch norms"""
    preset: None = None
    """the paper's sizes are for classes: null"""


class AtomNumberSettings(NumberSettings):
    """Shape of a network that says numbers of atoms, and how it is trained."""

    extensive: Literal[False] = False
    """numbers of atoms are learnt as they are"""


class AttentionMapSettings(Settings):
    """What is mapped."""

    methods: tuple[Method, ...] = Field(
        ("attention", "gradient-x-attention", "integrated-gradients"), min_length=1
    )
    """maps with one number a bond; each gets a faithfulness score; all but `attention` are for the predicted class"""
    steps: int = Field(8, ge=1, le=10_000)
    """points on the way from a graph without bonds, of integrated gradients"""
