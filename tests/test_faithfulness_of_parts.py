"""Explanations of single atoms: what the contract refuses, and the deletion tests by atom."""

import numpy as np
import pytest

from structkit import Explainer
from structkit.evaluation.faithfulness_of_parts import EXPLAINED, deletions, summary_of_parts
from structkit.kinds.explained_parts import drawn, drawn_of_each
from structkit.testing import planted_atoms, planted_pixels
from structkit.testing.part_explainers import AtomExplainerContract, PixelExplainerContract
from structkit.testing.pixels import linear_pixels
from structkit.testing.planted import linear_atoms


class GradientTimesInput:
    """An explainer that explains."""

    def explain(self, model, features):
        for row in range(len(features)):
            atoms = features.item(EXPLAINED, row)
            classes = model.predict(features.select([row]))[0][atoms].argmax(axis=1)
            values = features.item("atoms", row)[atoms]
            yield {"relevance_m": self.map_of(model.gradients(values, classes) * values)}

    def map_of(self, relevance):
        return relevance

    def strength(self, inputs, atom):
        return np.abs(inputs["atoms"][atom])

    def without(self, inputs, deleted, atom):
        changed = inputs["atoms"].copy()
        changed[atom, deleted] = 0
        return {**inputs, "atoms": changed}


class Constant(GradientTimesInput):
    def map_of(self, relevance):
        return np.ones_like(relevance)


class AtRandom(GradientTimesInput):
    def map_of(self, relevance):
        return np.random.default_rng(5).normal(size=relevance.shape)


def contract(explainer):
    class Suite(AtomExplainerContract):
        @classmethod
        def build(cls, **changes):
            return explainer()

        @classmethod
        def declaration(cls):
            return Explainer(name="m", build="x:X", summary="a map", per="atom")

    return Suite()


TESTS = [name for name in dir(AtomExplainerContract) if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
def test_contract_passes_an_explainer_that_explains(name):
    getattr(contract(GradientTimesInput), name)()


@pytest.mark.parametrize("explainer", [Constant, AtRandom])
def test_contract_refuses_maps_that_say_nothing(explainer):
    with pytest.raises(AssertionError, match="times stronger on the evidence"):
        contract(explainer).test_map_lands_on_planted_evidence()


def judged(explainer, rows=8):
    table = planted_atoms(rows, seed=2)
    model = linear_atoms(planted_atoms())
    forgetful = model.with_random_weights(1)
    made = []
    for row in range(rows):
        one = table.select([row])
        (learnt,), (blind,) = (list(explainer.explain(m, one)) for m in (model, forgetful))
        maps = [{"m": arrays["relevance_m"]} for arrays in (learnt, blind)]
        made += deletions(explainer, model, one, *maps, np.random.default_rng(row))
    return summary_of_parts(rows, made)


def test_map_of_the_reasons_passes_by_atom():
    scores = judged(GradientTimesInput())
    assert (scores["rows"], scores["groups"], scores["parts"]) == (8, 8, 48)
    assert scores["methods"]["m"]["passed"]


@pytest.mark.parametrize("explainer", [Constant, AtRandom])
def test_map_that_says_nothing_fails_by_atom(explainer):
    assert not judged(explainer())["methods"]["m"]["passed"]


def test_one_map_is_needed_for_each_explained_atom():
    table, model = planted_atoms(1), linear_atoms(planted_atoms())
    maps = {"m": np.ones((5, 16))}
    with pytest.raises(ValueError, match="5 maps 'm' of 6 explained atoms"):
        list(deletions(GradientTimesInput(), model, table, maps, maps, np.random.default_rng(0)))


def test_atoms_are_drawn_without_repetition_and_in_order():
    chosen = drawn(np.random.default_rng(0), 50, 8)
    assert len(set(chosen.tolist())) == 8 and (np.diff(chosen) > 0).all() and chosen.max() < 50
    assert drawn(np.random.default_rng(0), 3, 8).tolist() == [0, 1, 2]


class KernelTimesImage:
    """An explainer of pixels that explains: the weights with which the linear model looks around."""

    def explain(self, model, features):
        probabilities = list(model.of_parts(features))
        for row in range(len(features)):
            image, maps = features.item("image", row)[0], []
            for pixel in features.item(EXPLAINED, row).tolist():
                place = int(probabilities[row][pixel].argmax())
                maps.append(self.map_of(image, model.kernel[place], divmod(pixel, image.shape[1])))
            yield {"relevance_m": np.stack(maps)}

    def map_of(self, image, kernel, pixel):
        reach = kernel.shape[0] // 2
        padded = np.pad(np.zeros_like(image, dtype=float), reach)
        down, across = pixel
        padded[down : down + 2 * reach + 1, across : across + 2 * reach + 1] = kernel
        return image * padded[reach:-reach, reach:-reach]

    def strength(self, inputs, pixel):
        return np.abs(inputs["image"]).sum(axis=0)

    def without(self, inputs, deleted, pixel):
        return {**inputs, "image": np.where(deleted, 0, inputs["image"])}


class SameEverywhere(KernelTimesImage):
    def map_of(self, image, kernel, pixel):
        return np.ones_like(image)


class Random(KernelTimesImage):
    def map_of(self, image, kernel, pixel):
        return np.random.default_rng(pixel).normal(size=image.shape)


class Nearest(KernelTimesImage):
    def map_of(self, image, kernel, pixel):
        down, across = np.indices(image.shape)
        return np.exp(-np.hypot(down - pixel[0], across - pixel[1]))


def contract_of_pixels(explainer):
    class Suite(PixelExplainerContract):
        @classmethod
        def build(cls, **changes):
            return explainer()

        @classmethod
        def declaration(cls):
            return Explainer(name="m", build="x:X", summary="a map", per="pixel")

    return Suite()


@pytest.mark.parametrize("name", TESTS)
def test_contract_passes_an_explainer_of_pixels_that_explains(name):
    getattr(contract_of_pixels(KernelTimesImage), name)()


@pytest.mark.parametrize("explainer", [SameEverywhere, Random])
def test_contract_refuses_maps_of_pixels_that_say_nothing(explainer):
    with pytest.raises(AssertionError, match="times stronger on the evidence"):
        contract_of_pixels(explainer).test_map_lands_on_planted_evidence()


def test_contract_refuses_maps_that_only_know_where_the_pixel_is():
    with pytest.raises(AssertionError, match="it shows the input"):
        contract_of_pixels(Nearest).test_map_changes_with_randomised_weights()


def judged_by_pixel(explainer):
    """The deletion tests on planted images, which the model knows by heart."""
    table, model = planted_pixels(8, seed=2), linear_pixels()
    forgetful, made = model.with_random_weights(1), []
    for row in range(len(table)):
        one = table.select([row])
        (learnt,), (blind,) = (list(explainer.explain(m, one)) for m in (model, forgetful))
        maps = ({"m": arrays["relevance_m"]} for arrays in (learnt, blind))
        made += deletions(explainer, model, one, *maps, np.random.default_rng(row))
    return summary_of_parts(8, made)


def test_map_of_the_bright_pixel_passes_pixel_by_pixel():
    scores = judged_by_pixel(KernelTimesImage())
    assert (scores["rows"], scores["groups"], scores["parts"]) == (8, 8, 48)
    test = scores["methods"]["m"]
    assert test["passed"] and test["over_random"]["value"] > 0.2, scores
    assert test["over_strongest"]["value"] > 0.1, "of all bright pixels one is the reason"


@pytest.mark.parametrize("explainer", [SameEverywhere, Random, Nearest])
def test_maps_of_pixels_that_say_nothing_fail(explainer):
    assert not judged_by_pixel(explainer())["methods"]["m"]["passed"]


def test_of_every_class_as_many_are_drawn():
    classes = np.array([0] * 500 + [3, 3, 1] + [-1] * 50)
    rng = np.random.default_rng(0)
    chosen = [drawn_of_each(rng, classes, 5) for _ in range(30)]
    assert all({500, 501, 502} <= set(one.tolist()) and len(one) == 5 for one in chosen)
    assert all((np.diff(one) > 0).all() and one.max() < 503 for one in chosen)
    assert len({tuple(one.tolist()) for one in chosen}) > 20, "of the common class others"
    unknown = drawn_of_each(rng, np.full(9, -1), 4)
    assert len(unknown) == 4 and len(drawn_of_each(rng, np.zeros(0, int), 4)) == 0
