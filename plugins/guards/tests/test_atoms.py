"""Guards of a model of atoms: every atom is a row, and groups are still those of structures."""

import csv
import json

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read, write

from structkit import Row, Run, Table
from structkit.engine.recipe import Recipe
from structkit.kinds.judged_parts import all_parts, rows_of_parts, some_parts

PIPELINE = """\
structkit: 1
name: atoms
seed: 5
split: {valid: 0.1, calibration: 0.4, test: 0.3}
steps:
  crystals: {use: stacking-faults, with: {per_element: 3, displacement: 0.04}}
  others:
    use: known-environments
    with: {bulk: 0, vacancies: 0, faults: 0, slabs: 0, particles: 0, polycrystals: 0, interfaces: 0,
           liquids: 0, glasses: 0, packings: 0, motifs: 8}
  angles: {use: bond-cosines, from: [crystals, others], with: {average: true}}
  atoms: {use: atom-logistic, from: angles, train_on: [crystals], target: lattice}
  trust: {use: verdict, from: atoms, with: {coverage: 0.8, false_alarms: 0.2}}
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a run."""
    from structkit.cli.commands import run_pipeline

    folder = tmp_path_factory.mktemp("atoms")
    (folder / "atoms.yaml").write_text(PIPELINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_pipeline(folder / "atoms.yaml", (), None, 1, None, "cpu")
    return folder


def trust_of(folder):
    return json.loads((folder / "runs/atoms/steps/trust/trust.json").read_text())["origins"]


def test_promises_are_kept_on_atoms_of_new_elements_and_strangers_are_noticed(finished):
    scores = trust_of(finished)
    tested = scores["crystals"]["test"]
    assert tested["n"] > 20 * tested["groups"], "atoms are counted, and groups are elements"
    assert tested["set"]["coverage"]["value"] > 0.8
    assert tested["novelty"]["false_alarms"]["value"] < 0.2
    strange = scores["others"]["test"]["novelty"]["unknown"]
    assert set(strange) == {"7"} and strange["7"]["noticed"]["value"] > 0.3
    assert strange["7"]["auroc"] > 0.8


def test_intervals_are_over_groups_and_not_over_atoms(finished):
    """An interval that took atoms for independent would be a hundredth wide."""
    coverage = trust_of(finished)["crystals"]["test"]["set"]["coverage"]
    low, high = coverage["interval"]
    assert coverage["n"] > 1000 and high - low > 0.05


def test_an_atom_stands_by_itself_in_the_judgements(finished):
    run = Run(finished / "runs/atoms")
    judged, said = run.judged("trust"), run.predictions("atoms")
    places = dict(zip(said.ids, range(len(said)), strict=True))
    for number in range(0, len(judged), 977):
        row = judged[number]
        structure, atom = row.meta["structure"], row.meta["part"]
        place = places[structure]
        assert row.id == f"{structure}:{atom}" and row.group == said[place].group
        assert row.subset == said[place].subset
        assert row.label == str(said.item("truth", place)[atom])
        mine = judged.item("probabilities", number)
        assert np.array_equal(mine, said.item("probabilities", place)[atom])
    table = list(csv.DictReader((run.path("trust") / "predictions.csv").open()))
    assert len(table) == len(judged) and {"truth", "verdict", "set", "novelty"} <= set(table[0])


def test_new_structures_are_judged_atom_by_atom(finished, quick, monkeypatch):
    monkeypatch.chdir(finished)
    rng = np.random.default_rng(0)
    for name, spread in (("cu", 0.1), ("odd", 0.6)):
        copper = bulk("Cu", cubic=True).repeat(4)
        copper.positions += rng.normal(scale=spread, size=copper.positions.shape)
        write(f"{name}.extxyz", copper)
    told = quick("predict", "runs/atoms", "cu.extxyz", "odd.extxyz", "--extxyz", "out.extxyz")
    assert told.code == 0 and "none of these: " in told.out and "ambiguous: " in told.out, told
    good, odd = read("out.extxyz", ":")
    assert good.arrays["none_of_these"].mean() < 0.1 < 0.3 < odd.arrays["none_of_these"].mean()
    assert np.median(good.arrays["novelty"]) > np.median(odd.arrays["novelty"])
    facts = json.loads(quick("predict", "runs/atoms", "cu.extxyz", "--json").out)["predictions"][0]
    assert len(facts["atom_verdicts"]) == len(facts["atom_novelty"]) == 256
    assert sum(facts["verdict_counts"].values()) == 256


def test_the_report_shows_them(finished):
    page = (finished / "runs/atoms/report.html").read_text()
    assert "Guard: trust" in page and "This part failed" not in page
    assert "of atoms of new groups" in page


def test_numbers_of_atoms_are_not_judged(here, cli):
    text = PIPELINE.partition("  trust:")[0]
    text += "  net: {use: neighbour-graph, from: crystals}\n"
    text += "  numbers: {use: attention-mpnn-atoms, from: net, target: lattice}\n"
    (here / "p.yaml").write_text(text + "  near: {use: conformal, from: numbers}\n")
    told = cli("validate", "p.yaml")
    assert (
        "Y023 conformal judges classes or numbers per structure, and classes of parts such as atoms"
        in told.err
    ), told


def planted():
    """Three structures with an array an atom, one an atom and a neighbour, and one a structure."""
    sizes = (4, 2, 3)
    rows = [Row(f"s{number}", group=f"g{number}", meta={"of": "s"}) for number in range(3)]
    atoms = [np.arange(size)[:, None] + 10.0 * place for place, size in enumerate(sizes)]
    pairs = [np.zeros((size + 1, 2)) for size in sizes]
    truth = [np.array([0, 1, -1, 1]), np.array([-1, -1]), np.array([1, 1, 0])]
    p = [np.full((size, 2), 0.5) for size in sizes]
    table = Table.of(rows, atoms=atoms, pairs=pairs, vector=np.zeros((3, 5)))
    return table, {"probabilities": p, "truth": truth}


def test_an_atom_is_a_structure_of_one_atom_to_the_model():
    table, said = planted()
    atoms, predicted, owners = rows_of_parts(table, said, all_parts, "atom")
    assert atoms.ids == ["s0:0", "s0:1", "s0:2", "s0:3", "s1:0", "s1:1", "s2:0", "s2:1", "s2:2"]
    assert atoms.values("label") == ["0", "1", None, "1", None, None, "1", "1", "0"]
    assert atoms.groups == ["g0"] * 4 + ["g1"] * 2 + ["g2"] * 3
    assert atoms.arrays == ("atoms",) and atoms.item("atoms", 7).tolist() == [[21.0]]
    assert atoms[7].meta == {"structure": "s2", "part": 1}
    assert (
        predicted["probabilities"].shape == (9, 2)
        and owners.tolist() == [0] * 4 + [1] * 2 + [2] * 3
    )


def test_atoms_are_drawn_from_those_that_are_known():
    recipe = Recipe(
        build="a:B", settings="{}", settings_class="a:C", who="a", seed=3, component="a/b"
    )
    draw = some_parts(recipe, 2)
    truth = np.array([-1, 4, -1, 5, 6, -1])
    drawn = [tuple(draw(f"s{number}", truth).tolist()) for number in range(40)]
    assert {atom for pair in drawn for atom in pair} == {1, 3, 4} and len(set(drawn)) == 3
    assert drawn == [tuple(draw(f"s{number}", truth).tolist()) for number in range(40)]
    assert sorted(draw("s", np.array([-1, -1])).tolist()) == [0, 1], "of unknown ones any"
