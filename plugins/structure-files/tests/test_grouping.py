"""Copies are not parted by default; labels by chance are predicted by chance, unless the groups part copies."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from structkit import Sample, Table
from structkit.data.items.structure import to_row
from structkit_structure_files.chance import by_chance
from structkit_structure_files.grouping import by_stem, by_volume, grouping

ELEMENTS = {"fcc": ["Cu", "Al", "Ni", "Ag", "Au", "Pt"], "bcc": ["Fe", "W", "Mo", "V", "Nb", "Ta"]}
PIPELINE = """structkit: 1
name: p
seed: {seed}
split: {{valid: 0.1, test: 0.4}}
steps:
  mine: {{use: files, with: {{path: data, label: {label}, group: {group}}}}}
  elements: {{use: composition, from: mine}}
  model: {{use: nearest-neighbours, from: elements, with: {{neighbours: 1}}}}
"""


def table_of(*structures):
    """A table of structures with their files and labels."""
    samples = [
        Sample(f"{number}.cif", atoms, label, file, {"file": file})
        for number, (file, label, atoms) in enumerate(structures)
    ]
    rows, arrays = zip(*map(to_row, samples), strict=True)
    return Table.of(rows, **{name: [one[name] for one in arrays] for name in arrays[0]})


def metal(element, crystal="fcc", scale=1.0, repeat=1):
    return bulk(element, crystal, a=4.0 * scale, cubic=True).repeat(repeat)


@pytest.fixture
def copies(here):
    """Ten rattled copies of each of twelve elements."""
    rng = np.random.default_rng(0)
    for label, elements in ELEMENTS.items():
        (here / "data" / label).mkdir(parents=True)
        for element in elements:
            for number in range(6):
                atoms = bulk(element, label, cubic=True)
                atoms.rattle(0.05, rng=rng)
                write(here / "data" / label / f"{element}_{number}.cif", atoms)
    return here


def accuracy(cli, here, **words):
    (here / "p.yaml").write_text(
        PIPELINE.format(**{"seed": 0, "label": "folder", "group": "auto", **words})
    )
    result = cli("run", "p.yaml")
    assert result.code == 0, result
    from structkit import Run

    return result, Run(here / "runs/p").metrics("model")["origins"]["mine"]["test"]["accuracy"]


@pytest.mark.slow
def test_labels_by_chance_are_predicted_by_chance(cli, copies):
    for seed in range(3):
        result, found = accuracy(cli, copies, seed=seed, label="random")
        low, high = found["interval"]
        assert low < 0.5 < high, found
        if seed == 0:
            assert "D014 72 structures in 12 groups, by formula: the coarsest rule" in result.err
    _, leak = accuracy(cli, copies, label="random", group="file")
    assert leak["value"] > 0.9 and leak["interval"][0] > 0.6, "copies in training and test"


def test_the_rule_is_kept_in_the_notes_of_the_run(cli, copies):
    from structkit import Run

    accuracy(cli, copies)
    (note,) = [note for note in Run(copies / "runs/p").notes("mine") if "D014" in note]
    assert "by formula" in note


def test_coarsest_rule_that_leaves_three_groups_in_each_class():
    three = [(f"run{n}/{name}.cif", label, metal(name, scale=scale)) for n in range(3)
             for label, scale in (("a", 1.0), ("b", 1.3)) for name in ("Cu", "Ag", "Au", "Pt")]  # fmt: skip
    assert grouping(table_of(*three), [label for _, label, _ in three]).rule == "folder"
    # one folder: four formulas, each in both classes
    flat = [(f"all/{file.replace('/', '-')}", label, atoms) for file, label, atoms in three]
    found = grouping(table_of(*flat), [label for _, label, _ in flat])
    assert found.rule == "formula" and found.enough and not found.copies
    # one formula: three volumes in each class
    silicon = [
        (f"all/x{n}{i}.cif", "ab"[n % 2], metal("Si", "diamond", 1 + n / 10))
        for n in range(6)
        for i in range(2)
    ]
    found = grouping(table_of(*silicon), [label for _, label, _ in silicon])
    assert found.rule == "formula and volume per atom" and len(set(found.groups)) == 6


def test_copies_that_nothing_tells_apart_are_said_to_be_parted():
    same = [(f"all/Cu_{n}.cif", "ab"[n % 2], metal("Cu")) for n in range(8)]
    found = grouping(table_of(*same), [label for _, label, _ in same])
    assert found.rule == "file" and found.enough and found.copies
    few = grouping(table_of(*same[:2]), ["a", "b"])
    assert few.rule == "file" and not few.enough


def test_numbers_of_copies_are_left_off_their_names():
    names = ["a/Cu_0.cif", "a/Cu-12.xyz", "a/Cu.3.cif", "b/Cu_0.cif", "a/Ag.cif", "a/17.cif"]
    table = table_of(*((name, "x", metal("Cu")) for name in names))
    assert by_stem(table) == ["a/Cu", "a/Cu", "a/Cu", "b/Cu", "a/Ag", "a/-"]


def test_supercells_and_noise_are_one_volume_and_polymorphs_are_not():
    noisy = metal("Cu", scale=1.01, repeat=2)
    noisy.rattle(0.1, seed=1)
    table = table_of(
        ("a", "x", metal("Cu")),
        ("b", "x", noisy),
        ("c", "x", metal("Cu", scale=1.2)),
        ("d", "x", Atoms("Cu", positions=[[0, 0, 0]])),
    )
    first, second, third, alone = by_volume(table)
    assert first == second and len({first, third, alone}) == 3


def test_chance_gives_both_labels_alike_to_copies_together():
    groups, copies = ["1", "2", "3", "4"], ["a", "a", "b", "b"]
    labels = by_chance(groups, copies)
    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert sorted(by_chance(groups, groups)) == ["heads", "heads", "tails", "tails"]
