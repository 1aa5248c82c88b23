"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Guard, Reference, hookimpl

STRUCTKIT_API = 1

GUO = Reference(
    doi="10.48550/arXiv.1706.04599",
    authors="Guo, Chuan and Pleiss, Geoff and Sun, Yu and Weinberger, Kilian Q.",
    title="On Calibration of Modern Neural Networks",
    journal="Proceedings of ICML",
    year=2017,
)
DUNN = Reference(
    doi="10.48550/arXiv.1809.07441",
    authors="Dunn, Robin and Wasserman, Larry and Ramdas, Aaditya",
    title="Distribution-Free Prediction Sets for Two-Layer Hierarchical Models",
    journal="Journal of the American Statistical Association 118, 2491",
    year=2023,
)
LEE_BARBER = Reference(
    doi="10.48550/arXiv.2306.06342",
    authors="Lee, Yonghoon and Barber, Rina Foygel and Willett, Rebecca",
    title="Distribution-free inference with hierarchical data",
    journal="arXiv 2306.06342",
    year=2023,
)
LEE = Reference(
    doi="10.48550/arXiv.1807.03888",
    authors="Lee, Kimin and Lee, Kibok and Lee, Honglak and Shin, Jinwoo",
    title="A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks",
    journal="Advances in Neural Information Processing Systems 31",
    year=2018,
)
LEDOIT = Reference(
    doi="10.1016/S0047-259X(03)00096-4",
    authors="Ledoit, Olivier and Wolf, Michael",
    title="A well-conditioned estimator for large-dimensional covariance matrices",
    journal="Journal of Multivariate Analysis 88, 365",
    year=2004,
)


@hookimpl
def structkit_guards() -> Iterator[Guard]:
    yield Guard(
        name="calibration",
        per="both",
        build="structkit_guards.calibration_guard:Calibration",
        settings="structkit_guards.settings:CalibrationSettings",
        summary="probabilities that are as often right as they say: a temperature",
        references=(GUO,),
        chance=False,
    )
    yield Guard(
        name="conformal",
        judges=("classes", "numbers"),
        per="both",
        build="structkit_guards.conformal_guard:Conformal",
        settings="structkit_guards.settings:ConformalSettings",
        summary="sets of classes, or intervals around numbers, that hold the truth at a stated rate for new groups",
        references=(DUNN, LEE_BARBER),
        chance=False,
    )
    yield Guard(
        name="novelty",
        version=2,
        judges=("classes", "numbers"),
        looks_at_features=True,
        per="both",
        build="structkit_guards.novelty_guard:Novelty",
        settings="structkit_guards.settings:NoveltySettings",
        summary="how unlike the training data a row is, as a p-value calibrated on groups that were held out",
        references=(LEE, LEDOIT),
    )
    yield Guard(
        name="verdict",
        version=2,
        judges=("classes", "numbers"),
        looks_at_features=True,
        per="both",
        build="structkit_guards.verdict_guard:Verdict",
        settings="structkit_guards.settings:VerdictSettings",
        summary="a class, ambiguous or none of these: calibrated probabilities, sets and novelty in one step",
        references=(GUO, DUNN, LEE_BARBER, LEE, LEDOIT),
    )
