"""Keys of results: what they depend on, and what they do not."""

from dataclasses import replace
from pathlib import Path

import pytest

from structkit.engine.jobs import build_jobs
from structkit.pipeline.check import check
from structkit.pipeline.spec import load


@pytest.fixture
def toy(here):
    return check(load(Path("toy.yaml")))


def keys(pipeline):
    return {job.title: job.key for job in build_jobs(pipeline).jobs}


def with_versions(pipeline, name, versions):
    """The pipeline as if one step's declaration named these versions of shared code."""
    step = pipeline.steps[name]
    declaration = replace(step.declaration, versions=versions)
    changed = replace(step, component=replace(step.component, declaration=declaration))
    return replace(pipeline, steps={**pipeline.steps, name: changed})


def test_no_versions_are_no_ingredient(toy):
    assert all("versions" not in job.ingredients for job in build_jobs(toy).jobs)
    assert keys(with_versions(toy, "centroid", {})) == keys(toy)


def test_a_version_of_shared_code_changes_what_depends_on_it_and_nothing_else(toy):
    first, second = (keys(with_versions(toy, "centroid", {"loop": number})) for number in (1, 2))
    changed = {title for title in first if first[title] != second[title]}
    assert "centroid training" in changed
    assert all(title.startswith(("centroid", "why")) for title in changed)


def test_only_networks_are_trained_again_when_the_loop_changes(here):
    Path("both.yaml").write_text(
        "structkit: 1\nname: both\nsteps:\n"
        "  crystals: {use: crystal-prototypes}\n"
        "  image: {use: diffraction-fingerprint, from: crystals}\n"
        "  network: {use: cnn-classifier, from: image}\n"
        "  linear: {use: logistic-regression, from: image}\n"
    )
    graph = build_jobs(check(load(Path("both.yaml"))))
    (network,), (linear,) = graph.of("network", "train"), graph.of("linear", "train")
    assert set(network.ingredients["versions"]) == {"torch-training"}
    assert "versions" not in linear.ingredients
