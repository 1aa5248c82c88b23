"""Explanations of single atoms: what the contract refuses, and the deletion tests by atom."""

import numpy as np
import pytest

from structkit import Explainer
from structkit.evaluation.faithfulness_of_atoms import EXPLAINED, deletions, summary_of_atoms
from structkit.kinds.explained_atoms import drawn
from structkit.testing import planted_atoms
from structkit.testing.atom_explainers import AtomExplainerContract
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
    return summary_of_atoms(rows, made)


def test_map_of_the_reasons_passes_by_atom():
    scores = judged(GradientTimesInput())
    assert (scores["rows"], scores["groups"], scores["atoms"]) == (8, 8, 48)
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
