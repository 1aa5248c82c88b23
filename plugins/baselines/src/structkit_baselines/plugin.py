"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Model, Reference, hookimpl

STRUCTKIT_API = 1

SKLEARN = Reference(
    doi="10.5555/1953048.2078195",
    authors="Pedregosa, Fabian and Varoquaux, Gaël and others",
    title="Scikit-learn: Machine Learning in Python",
    journal="Journal of Machine Learning Research 12, 2825",
    year=2011,
)
GEURTS = Reference(
    doi="10.1007/s10994-006-6226-1",
    authors="Geurts, Pierre and Ernst, Damien and Wehenkel, Louis",
    title="Extremely randomized trees",
    journal="Machine Learning 63, 3",
    year=2006,
)
COVER = Reference(
    doi="10.1109/TIT.1967.1053964",
    authors="Cover, T. M. and Hart, P. E.",
    title="Nearest neighbor pattern classification",
    journal="IEEE Transactions on Information Theory 13, 21",
    year=1967,
)
HOERL = Reference(
    doi="10.1080/00401706.1970.10488634",
    authors="Hoerl, Arthur E. and Kennard, Robert W.",
    title="Ridge Regression: Biased Estimation for Nonorthogonal Problems",
    journal="Technometrics 12, 55",
    year=1970,
)
SPGLIB = Reference(
    doi="10.1080/27660400.2024.2384822",
    authors="Togo, Atsushi and Shinohara, Kohei and Tanaka, Isao",
    title="Spglib: a software library for crystal symmetry search",
    journal="Science and Technology of Advanced Materials: Methods 4, 2384822",
    year=2024,
)


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="space-group",
        produces="space-group",
        build="structkit_baselines.symmetry:SpaceGroup",
        settings="structkit_baselines.settings:SpaceGroupSettings",
        summary="the international number of the space group that spglib finds, 0 where it finds none",
        references=(SPGLIB,),
    )


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="logistic-regression",
        accepts=("image", "vector", "spectrum"),
        build="structkit_baselines.logistic:LogisticClassifier",
        settings="structkit_baselines.settings:LogisticSettings",
        summary="multinomial logistic regression on the flattened features",
        references=(SKLEARN,),
    )
    yield Model(
        name="atom-logistic",
        accepts=("atoms",),
        per="atom",
        build="structkit_baselines.atoms:AtomLogistic",
        settings="structkit_baselines.settings:AtomLogisticSettings",
        summary="multinomial logistic regression on the features of single atoms",
        references=(SKLEARN,),
        chance=False,
    )
    yield Model(
        name="nearest-neighbours",
        accepts=("image", "vector", "spectrum"),
        build="structkit_baselines.neighbours:NearestNeighbours",
        settings="structkit_baselines.settings:NeighbourSettings",
        summary="the label of the most similar training rows",
        references=(COVER,),
        version=2,
    )
    yield Model(
        name="space-group-rule",
        accepts=("space-group",),
        build="structkit_baselines.symmetry:SpaceGroupRule",
        settings="structkit_baselines.settings:RuleSettings",
        summary="the label that belongs to the space group; nothing is learnt",
        references=(SPGLIB,),
    )
    yield Model(
        name="extra-trees",
        accepts=("vector",),
        predicts="numbers",
        build="structkit_baselines.trees:ExtraTrees",
        settings="structkit_baselines.settings:TreesSettings",
        summary="a number by extremely randomised trees, and how far the trees differ",
        references=(SKLEARN, GEURTS),
    )
    yield Model(
        name="ridge",
        accepts=("vector",),
        predicts="numbers",
        build="structkit_baselines.ridge:RidgeRegression",
        settings="structkit_baselines.settings:RidgeSettings",
        summary="a number by ridge regression on the standardised features",
        references=(SKLEARN, HOERL),
        chance=False,
    )
