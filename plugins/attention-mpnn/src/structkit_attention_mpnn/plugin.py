"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from structkit import Explainer, Model, Reference, hookimpl
from structkit_attention_mpnn.methods import Method
from structkit_torch_training import VERSION

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1

SWANSON = Reference(
    doi="10.1039/C9SM01903G",
    authors="Swanson, Kirk and Trivedi, Shubhendu and Lequieu, Joshua and Swanson, Kyle and Kondor, Risi",
    title="Deep learning for automated classification and characterization of amorphous materials",
    journal="Soft Matter 16, 435",
    year=2020,
)
YANG = Reference(
    doi="10.1021/acs.jcim.9b00237",
    authors="Yang, Kevin and Swanson, Kyle and Jin, Wengong and Coley, Connor and others",
    title="Analyzing learned molecular representations for property prediction",
    journal="Journal of Chemical Information and Modeling 59, 3370",
    year=2019,
)
SUNDARARAJAN = Reference(
    doi="10.48550/arXiv.1703.01365",
    authors="Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi",
    title="Axiomatic attribution for deep networks",
    journal="ICML 2017",
    year=2017,
)
BORN = Reference(
    doi="10.1007/BF01340511",
    authors="Born, Max and Mayer, Joseph E.",
    title="Zur Gittertheorie der Ionenkristalle",
    journal="Zeitschrift für Physik 75, 1",
    year=1932,
)
DGL = Reference(
    doi="10.48550/arXiv.1909.01315",
    authors="Wang, Minjie and Zheng, Da and Ye, Zihao and others",
    title="Deep Graph Library: a graph-centric, highly-performant package for graph neural networks",
    journal="arXiv:1909.01315",
    year=2019,
)


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="attention-mpnn",
        accepts=("graph",),
        offers=("gradients", "attention", "features"),
        build="structkit_attention_mpnn.classifier:AttentionMpnn",
        settings="structkit_attention_mpnn.settings:MpnnSettings",
        version=3,
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="message passing on directed edges with self-attention over the bonds of each graph",
        references=(SWANSON, YANG, DGL),
    )
    yield Model(
        name="attention-mpnn-numbers",
        accepts=("graph",),
        offers=("features",),
        predicts="numbers",
        build="structkit_attention_mpnn.numbers:AttentionMpnnNumbers",
        settings="structkit_attention_mpnn.settings:NumberSettings",
        version=3,
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="a number of each graph, the mean or the sum of shares of its particles, by message passing",
        references=(SWANSON, YANG, BORN, DGL),
    )
    yield Model(
        name="attention-mpnn-atoms",
        accepts=("graph",),
        offers=("features",),
        predicts="numbers",
        per="atom",
        build="structkit_attention_mpnn.numbers:AttentionMpnnAtoms",
        settings="structkit_attention_mpnn.settings:AtomNumberSettings",
        version=3,
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="a number of each atom, such as its part of the energy, by message passing",
        references=(SWANSON, YANG, BORN, DGL),
    )


@hookimpl
def structkit_explainers() -> Iterator[Explainer]:
    yield Explainer(
        name="attention-maps",
        needs=("attention",),
        build="structkit_attention_mpnn.attention:AttentionMaps",
        settings="structkit_attention_mpnn.settings:AttentionMapSettings",
        version=2,
        summary="attention per bond, and which bonds speak for the predicted class",
        references=(SWANSON, SUNDARARAJAN),
        ragged=(
            "attention",
            "senders",
            "receivers",
            "distances",
            "numbers",
            "particle_attention",
            *(f"relevance_{name.replace('-', '_')}" for name in get_args(Method)),
        ),
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if steps := run.steps_using("attention-maps"):
        from structkit_attention_mpnn.section import section  # imports ase: for those runs alone

        yield from (section(run, step) for step in steps)
