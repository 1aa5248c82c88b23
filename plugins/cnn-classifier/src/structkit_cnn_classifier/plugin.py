"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Model, Reference, hookimpl
from structkit_torch_training import VERSION

STRUCTKIT_API = 1

ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)
LIN = Reference(
    doi="10.48550/arXiv.1312.4400",
    authors="Lin, Min and Chen, Qiang and Yan, Shuicheng",
    title="Network In Network",
    journal="arXiv:1312.4400",
    year=2013,
)


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="cnn-classifier",
        accepts=("image",),
        offers=("gradients", "convolutions", "features"),
        build="structkit_cnn_classifier.classifier:CnnClassifier",
        settings="structkit_cnn_classifier.settings:CnnSettings",
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="convolutional network on images (channels, height, width)",
        references=(ZILETTI,),
    )
    yield Model(
        name="cnn-disorder",
        accepts=("image",),
        offers=("gradients", "convolutions", "features"),
        build="structkit_cnn_classifier.classifier:DisorderCnn",
        settings="structkit_cnn_classifier.settings:DisorderSettings",
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="convolutional network for images of liquids and glasses: what is there counts, not where",
        references=(ZILETTI, LIN),
    )
