"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import ReadyModel, hookimpl

STRUCTKIT_API = 1


@hookimpl
def structkit_ready_models() -> Iterator[ReadyModel]:
    yield ReadyModel(
        name="lattices",
        build="structkit_ready_models.atoms:Lattices",
        versions={"local-environments": 1, "environment-network": 1},
        summary="which of six lattices each atom belongs to, or that it is disordered, or none of these",
    )
    yield ReadyModel(
        name="crystals",
        build="structkit_ready_models.whole:Crystals",
        versions={"environment-averages": 1, "logistic-regression": 1, "verdict": 2},
        summary="which of seven classes a whole crystal belongs to, whichever way it is turned, or none of these",
    )
