"""`structkit audit`: planted copies, leaks and wrong labels are found, and nothing where nothing is."""

import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import read
from ase.spacegroup import crystal

from structkit.audit.copies import NEAR, compare
from structkit.audit.findings import Audit, Finding
from structkit.audit.fingerprint import distances, fingerprint
from structkit.audit.learning import better_than_chance
from structkit.audit.suspects import doubtful
from structkit.data.items.structure import to_row
from structkit.data.table import Table
from structkit.samples import Sample

ROOT = Path(__file__).parent
AFLOW = ROOT.parents[1] / "shared/data/aflow_prototypes_by_group.jsonl.gz"
DYNAMICS = AFLOW.with_name("maml_solid_liquid.extxyz.gz")
KINDS = ("strained", "supercell", "permuted", "translated", "turned", "frame")

A15 = [(0, 0, 0), (0.5, 0.5, 0.5), (0.25, 0, 0.5), (0.75, 0, 0.5),
       (0.5, 0.25, 0), (0.5, 0.75, 0), (0, 0.5, 0.25), (0, 0.5, 0.75)]  # fmt: skip

PIPELINE = """\
structkit: 1
name: audited
seed: 3
threads: 1
split: {valid: 0.15, test: 0.25}
plugins: [toy_plugin.py, audit_plugin.py]
steps:
  crystals: {use: toy-elements}
  vector: {use: toy-vector, from: crystals}
  centroid: {use: toy-centroid, from: vector}
"""


def close_packed(element, layers, a=2.7):
    """A stacking of close-packed layers, such as `ABAC`."""
    shifts = {"A": (0, 0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
    places = [(*shifts[name], i / len(layers)) for i, name in enumerate(layers)]
    cell = [[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, a * len(layers) * np.sqrt(2 / 3)]]
    return Atoms(f"{element}{len(layers)}", scaled_positions=places, cell=cell, pbc=True)


def prototypes():
    """Distinct structures, several with the same composition."""
    made = {}
    for element in ("Cu", "Ti", "Fe"):
        for lattice in ("fcc", "bcc", "sc", "diamond"):
            made[f"{element}-{lattice}"] = bulk(element, lattice, a=3.5)
        for layers in ("AB", "ABAC", "ABCACB"):
            made[f"{element}-{layers}"] = close_packed(element, layers)
        made[f"{element}-A15"] = Atoms(f"{element}8", scaled_positions=A15, cell=[5] * 3, pbc=True)
    for a, b in (("Zn", "S"), ("Na", "Cl"), ("Ga", "N")):
        for lattice in ("rocksalt", "zincblende", "cesiumchloride"):
            size = {"rocksalt": 5.6, "zincblende": 5.4, "cesiumchloride": 4.1}[lattice]
            made[f"{a}{b}-{lattice}"] = bulk(a + b, lattice, a=size)
        made[f"{a}{b}-wurtzite"] = bulk(a + b, "wurtzite", a=3.8, c=6.2)
    for name, a, c, u in (("rutile", 4.59, 2.96, 0.305),):
        made[name] = crystal(
            ["Ti", "O"], [(0, 0, 0), (u, u, 0)], spacegroup=136, cellpar=[a, a, c, 90, 90, 90]
        )
    made["anatase"] = crystal(
        ["Ti", "O"],
        [(0, 0, 0), (0, 0, 0.208)],
        spacegroup=141,
        cellpar=[3.78, 3.78, 9.51, 90, 90, 90],
    )
    made["fluorite"] = crystal(
        ["Ti", "O"], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[4.9] * 3 + [90] * 3
    )
    made["perovskite"] = crystal(
        ["Sr", "Ti", "O"],
        [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)],
        spacegroup=221,
        cellpar=[3.9] * 3 + [90] * 3,
    )
    return made


def planted(atoms, kind, rng):
    """A near copy."""
    copy = atoms.copy()
    if kind == "strained":
        strain = rng.uniform(-0.025, 0.025, (3, 3))
        copy.set_cell(copy.cell[:] @ (np.eye(3) + (strain + strain.T) / 2), scale_atoms=True)
    elif kind == "supercell":
        copy = (
            copy.repeat(tuple(rng.integers(1, 4, 3))) if len(copy) < 30 else copy.repeat((1, 1, 2))
        )
    elif kind == "permuted":
        copy = copy[rng.permutation(len(copy))]
    elif kind == "translated":
        copy.translate(rng.uniform(0, 5, 3))
        copy.wrap()
    elif kind == "turned":
        copy.rotate(rng.uniform(0, 360), rng.normal(size=3), rotate_cell=True)
    else:
        copy = copy.repeat(2) if len(copy) < 8 else copy
        copy.positions += rng.normal(scale=0.04, size=copy.positions.shape)
    return copy


def table_of(structures):
    """Structures in memory as a table, by name."""
    made = [to_row(Sample(name, atoms)) for name, atoms in structures.items()]
    arrays = {name: [row[name] for _, row in made] for name in ("numbers", "positions")}
    arrays |= {name: np.array([row[name] for _, row in made]) for name in ("cell", "pbc")}
    return Table.of([row for row, _ in made], **arrays)


def found_pairs(structures):
    """The names of those that are called copies."""
    table = table_of(structures)
    names = list(structures)
    pairs = compare(table, names, ["train"] * len(names)).pairs
    return {frozenset((names[pair.one], names[pair.other])) for pair in pairs}


def check_planted(originals, seed, most_alarms):
    rng = np.random.default_rng(seed)
    plants = {
        f"{name} {kind}": planted(atoms, kind, rng)
        for name, atoms in originals.items()
        for kind in KINDS
    }
    pairs = found_pairs({**originals, **plants})
    found = [frozenset((name, name.rpartition(" ")[0])) in pairs for name in plants]
    recall = {
        kind: np.mean([f for f, name in zip(found, plants, strict=True) if name.endswith(kind)])
        for kind in KINDS
    }
    assert np.mean(found) >= 0.99, recall
    alarms = {pair for pair in pairs if pair <= set(originals)}
    assert len(alarms) <= most_alarms, sorted(map(sorted, alarms))
    return recall


@pytest.mark.parametrize("seed", range(3))
def test_planted_copies_are_found_and_distinct_prototypes_are_not(seed):
    recall = check_planted(prototypes(), seed, 0)
    for kind in ("supercell", "permuted", "translated", "turned"):
        assert recall[kind] == 1.0


@pytest.mark.thorough
@pytest.mark.skipif(not AFLOW.exists(), reason="the data are not here")
def test_planted_copies_of_many_prototypes():
    """Of 283 prototypes some are all but the same: polytypes of SiC, pyrite in P1, two tridymites, two forms of N2."""
    originals = {}
    with gzip.open(AFLOW, "rt") as stream:
        for record in map(json.loads, stream):
            if record["source"] == "aflow_pymatgen" and record["nsites"] <= 60:
                atoms = Atoms(
                    record["species"],
                    cell=record["lattice"],
                    scaled_positions=record["frac"],
                    pbc=True,
                )
                originals[record["id"]] = atoms
    check_planted(originals, 0, 5)


@pytest.mark.slow
@pytest.mark.skipif(not DYNAMICS.exists(), reason="the data are not here")
def test_frames_of_crystals_are_copies_and_frames_of_liquids_are_not():
    frames = {}
    with gzip.open(DYNAMICS, "rt") as stream:
        for atoms in read(stream, index=":", format="extxyz"):
            if set(atoms.get_chemical_symbols()) <= {"Ge", "Mo", "Si"}:
                state = atoms.info["label_struct"]
                frames[f"{atoms.symbols[0]} {state} {len(frames)}"] = atoms
    counts = Counter(name.rpartition(" ")[0] for name in frames)
    found = Counter()
    for pair in found_pairs(frames):
        found["/".join(sorted({name.rpartition(" ")[0] for name in pair}))] += 1
    crystals = {name: n * (n - 1) // 2 for name, n in counts.items() if "crystal" in name}
    assert found == crystals and sum(crystals.values()) > 4000


def test_finite_structures_have_fingerprints_too():
    prints = {}
    for name in ("H2O", "CH4", "C6H6", "CO2"):
        atoms = molecule(name)
        turned = planted(atoms, "turned", np.random.default_rng(0))
        both = [fingerprint(table_arrays(one)) for one in (atoms, turned)]
        assert both[0].family == both[1].family
        assert distances(both[0].smeared, both[1].smeared[None])[0] < 1e-3
        prints[name] = both[0].family
    assert len(set(prints.values())) == 4
    slab = bulk("Cu", cubic=True)
    slab.pbc = (True, True, False)
    wide = fingerprint(table_arrays(slab.repeat((2, 3, 1))))
    assert distances(fingerprint(table_arrays(slab)).smeared, wide.smeared[None])[0] < 1e-3
    assert fingerprint(table_arrays(Atoms("Cu"))).smeared.shape[1] == 0


def table_arrays(atoms):
    return {
        "numbers": atoms.numbers,
        "positions": atoms.positions,
        "cell": atoms.cell[:],
        "pbc": atoms.pbc,
    }


def test_frames_of_one_run_tremble_more_than_copies_may_differ():
    rng = np.random.default_rng(0)
    glass = Atoms("Cu40Zr24", positions=rng.uniform(0, 11, (64, 3)), cell=[11] * 3, pbc=True)
    others = Atoms("Cu40Zr24", positions=rng.uniform(0, 11, (64, 3)), cell=[11] * 3, pbc=True)
    frames = {}
    for number in range(5):
        frame = glass.copy()
        frame.positions += rng.normal(scale=0.08, size=(64, 3)) + rng.uniform(0, 11, 3)
        frame.wrap()
        frames[f"frame {number}"] = frame
    pairs = found_pairs({**frames, "other": others})
    assert len(pairs) == 10 and not any("other" in pair for pair in pairs)


def quenched(rng, atoms=64):
    """Atoms at random places that keep a distance."""
    places = rng.uniform(0, 11, (1, 3))
    while len(places) < atoms:
        new = rng.uniform(0, 11, 3)
        ways = places - new
        if np.linalg.norm(ways - 11 * np.round(ways / 11), axis=1).min() > 1.9:
            places = np.vstack([places, new])
    return Atoms("Cu40Zr24", positions=places, cell=[11] * 3, pbc=True)


def test_two_quenches_are_no_copies_and_a_strained_and_permuted_one_is():
    rng = np.random.default_rng(0)
    glasses = {f"glass {number}": quenched(rng) for number in range(12)}
    assert found_pairs(glasses) == set()
    plants = {}
    for name, atoms in glasses.items():
        for kind in ("strained", "supercell", "permuted", "translated", "turned"):
            copy = planted(atoms, kind, rng)
            plants[f"{name} {kind}"] = copy[rng.permutation(len(copy))]
    expected = {frozenset((name, name.rpartition(" ")[0])) for name in plants}
    pairs = found_pairs({**glasses, **plants})
    assert len(expected & pairs) == len(expected)
    assert not {p for p in pairs if len({name[:8].strip() for name in p}) > 1}


def test_nothing_predicts_classes_that_are_drawn():
    """Ten seeds at a level of one in a hundred: two alarms would be four in a thousand."""
    alarms = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(30), 3)
        codes = np.repeat(rng.integers(0, 3, 30), 3)
        features = np.repeat(rng.normal(size=(30, 2)), 3, axis=0)
        better = better_than_chance(features, codes, groups, seed, 99)
        alarms += better.p <= 0.01 and better.interval[0] > better.chance
    assert alarms <= 1


def test_what_predicts_classes_is_found_with_certainty():
    codes = np.repeat(np.arange(30) % 3, 3)
    better = better_than_chance(codes[:, None] * 2.0, codes, np.repeat(np.arange(30), 3), 0, 99)
    assert better.p == 0.01 and better.accuracy == 1.0 and better.interval[0] > 0.8


def test_rows_of_a_group_that_are_alike_are_no_leak():
    """Each group has a size of its own that says nothing of the class of another group."""
    groups = np.repeat(np.arange(40), 5)
    codes = np.repeat(np.random.default_rng(0).integers(0, 2, 40), 5)
    better = better_than_chance(groups[:, None] * 1.0, codes, groups, 0, 99)
    assert better.p > 0.01


def test_only_labels_that_another_class_claims_are_doubted():
    codes = np.array([0, 0, 0, 1, 1, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.02, 0.98], [0.1, 0.9], [0.3, 0.7], [0.6, 0.4]])
    assert doubtful(p, codes) == [2]


@pytest.fixture
def audited(here):
    (here / "audit_plugin.py").write_text((ROOT / "audit_plugin.py").read_text())
    (here / "p.yaml").write_text(PIPELINE)
    return here


def findings(done, check):
    assert done.code in (0, 3) and "Traceback" not in done.err, done
    return [one for one in json.loads(done.out)["findings"] if one["check"] == check]


def test_leaks_wrong_labels_and_holdouts_of_a_pipeline(cli, audited):
    sets = ["--set", "steps.crystals.with.leak=true", "--set", "steps.crystals.with.wrong=3"]
    done = cli("audit", "p.yaml", *sets, "--json", "--strict", "--train", "--out", "a.html")
    assert done.code == 3, done
    leaks = {one["metadata"]: one["bad"] for one in findings(done, "leaks")}
    assert leaks["number of atoms"] and not leaks["elements"] and not leaks["row order"]
    assert not leaks["volume per atom"]
    labels = findings(done, "labels")[0]
    doubted = {name for name, *_ in labels["named"]}
    assert doubted == {f"{e}-0 of crystals" for e in ("Ag-fcc", "Al-sc", "Ca-bcc")}
    splits = {one["by"]: one for one in findings(done, "splits")}
    assert splits["element"]["ready"] and splits["element"]["units"] == 12
    assert splits["run"]["units"] == 5 and "file" not in splits
    scores = {one["by"]: one["value"] for one in findings(done, "hold-outs")}
    assert scores[None] > 0.7 and scores["element"] > 0.7 and "run" in scores
    page = (audited / "a.html").read_text()
    assert "number of atoms" in page and "<script" not in page


def test_nothing_is_found_where_nothing_is(cli, audited):
    text = PIPELINE.replace("{use: toy-vector, from: crystals}", "{use: toy-vector, from: cells}")
    text = text.replace("  vector:", "  cells: {use: cubes, from: crystals}\n  vector:")
    (audited / "p.yaml").write_text(text.replace("audit_plugin.py]", "audit_plugin.py, cubes.py]"))
    (audited / "cubes.py").write_text(CUBES)
    done = cli("audit", "p.yaml", "--strict")
    assert done.code == 0, done
    assert done.out.splitlines()[-1] == "audited: nothing found that makes scores doubtful"


CUBES = '''
"""Clusters in a cube: no cell says the class."""
from structkit import Sample, Settings, Transform, hookimpl
STRUCTKIT_API = 1
class Cubes:
    def __call__(self, sample, rng):
        atoms = sample.atoms.copy()
        volume = atoms.get_volume() / len(atoms)
        atoms = atoms.repeat(3)[:100]
        atoms.set_cell([(100 * volume) ** (1 / 3)] * 3, scale_atoms=False)
        yield Sample(sample.id, atoms)
@hookimpl
def structkit_transforms():
    yield Transform(name="cubes", build=f"{__name__}:Cubes", settings=Settings, summary="cubes", chance=False)
'''


def test_scores_of_a_finished_run_are_told_without_training(cli, audited):
    assert cli("run", "p.yaml").code == 0
    done = cli("audit", "p.yaml", "--json")
    assert [one["by"] for one in findings(done, "hold-outs")] == [None]
    assert "training" not in done.err


def test_what_rows_dealt_out_at_random_would_have_claimed(cli, here):
    (here / "runs_of_few.py").write_text(RUNS_OF_FEW)
    (here / "p.yaml").write_text(LEAKY)
    done = cli("audit", "p.yaml", "--train", "--json")
    scores = {one["by"]: one["value"] for one in findings(done, "hold-outs")}
    assert scores["row"] > 0.9 and scores[None] < 0.8, scores


LEAKY = """
structkit: 1
name: leaky
seed: 1
plugins: [runs_of_few.py]
split: {valid: 0.1, test: 0.4}
steps:
  frames: {use: runs-of-few}
  places: {use: places, from: frames}
  nearest: {use: nearest-neighbours, from: places, with: {neighbours: 1}}
"""
RUNS_OF_FEW = '''
"""Forty runs of six frames: a label of each run that its structure does not say, and frames that are much alike."""
import numpy as np
from structkit import Descriptor, Sample, Settings, Source, Task, hookimpl
STRUCTKIT_API = 1
class Runs:
    def tasks(self):
        return [Task("all")]
    def samples(self, task, rng):
        from ase.build import bulk
        for run in range(40):
            atoms = bulk("Ag", "sc", a=3.0).repeat(2)
            atoms.positions += rng.normal(scale=0.2, size=(8, 3))
            for frame in range(6):
                moved = atoms.copy()
                moved.positions += rng.normal(scale=1e-3, size=(8, 3))
                yield Sample(f"run-{run}-{frame}", moved, "ab"[run % 2], f"run-{run}")
class Places:
    def __call__(self, atoms):
        return {"vector": atoms.positions.astype(np.float32).ravel()}
@hookimpl
def structkit_sources():
    yield Source(name="runs-of-few", build=f"{__name__}:Runs", settings=Settings, summary="runs")
@hookimpl
def structkit_descriptors():
    yield Descriptor(name="places", build=f"{__name__}:Places", settings=Settings, summary="places", produces="vector")
'''


def test_copies_in_several_groups_are_named_and_counted_across_the_split(cli, audited):
    (audited / "twins.py").write_text(TWINS)
    text = PIPELINE.replace("toy-elements", "twins").replace("audit_plugin.py", "twins.py")
    (audited / "p.yaml").write_text(text)
    done = cli("audit", "p.yaml", "--json")
    copies = findings(done, "copies")[0]
    assert copies["bad"] and copies["pairs"] == 8 and 0 < copies["across"] <= 8
    assert all(one.replace("twin", "cell") == other or other.replace("twin", "cell") == one
               for one, other, _ in copies["named"])  # fmt: skip


TWINS = '''
"""Sixteen crystals, eight of which have a strained and doubled twin in a group of its own."""
import numpy as np
from structkit import Sample, Settings, Source, Task, hookimpl
STRUCTKIT_API = 1
NAMES = ("Ag", "Al", "Au", "Ca", "Cu", "Fe", "K", "Li")
class Twins:
    def tasks(self):
        return [Task("all")]
    def samples(self, task, rng):
        from ase.build import bulk
        for number, name in enumerate(NAMES):
            for lattice in ("fcc", "bcc"):
                atoms = bulk(name, lattice, a=4.0)
                yield Sample(f"cell-{name}-{lattice}", atoms, lattice, f"{name}-{lattice}")
                if lattice == "bcc":
                    twin = atoms.repeat((2, 1, 1))
                    twin.set_cell(twin.cell[:] @ np.diag([1.01, 0.99, 1.02]), scale_atoms=True)
                    yield Sample(f"twin-{name}-{lattice}", twin, lattice, f"twin-{name}")
@hookimpl
def structkit_sources():
    yield Source(name="twins", build=f"{__name__}:Twins", settings=Settings, summary="twins")
'''


@pytest.mark.parametrize("name", ["line", "sites", "half"])
def test_numbers_atoms_and_measured_rows_are_audited(cli, targets, name):
    done = cli("audit", "targets.yaml", "--json")
    checks = {one["check"] for one in json.loads(done.out)["findings"] if one["model"] == name}
    assert done.code == 0 and checks >= ({"groups", "copies"}), done


def test_a_split_that_cannot_be_dealt_is_a_finding_and_not_the_end(cli, audited):
    done = cli("audit", "p.yaml", "--set", "split.by=prototype", "--json", "--strict")
    groups = findings(done, "groups")
    assert done.code == 3 and groups[0]["bad"] and "D040 split by prototype" in groups[0]["text"]
    assert {one["by"] for one in findings(done, "splits") if one["ready"]} == {"element", "run"}


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["p.yaml", "--out", "a.pdf"], 2, "Y012 'a.pdf' is no file that an audit is written to"),
        (["p.yaml", "--device", "abacus"], 2, "Y012 device 'abacus'"),
        (["absent.yaml"], 2, "absent.yaml"),
        (["p.yaml", "--set", "split.by=3"], 2, "split.by"),
        (["none.yaml"], 2, "R006 no model step to audit"),
        (["p.yaml", "--set", "steps.crystals.with.elements=0"], 2, "elements"),
    ],
)
def test_bad_input_is_a_sentence(cli, audited, words, code, text):
    (audited / "none.yaml").write_text(PIPELINE.partition("  centroid")[0])
    done = cli("audit", *words)
    assert done.code == code and text in done.err and "Traceback" not in done.err, done


def test_one_class_and_one_group_are_findings(cli, audited):
    done = cli("audit", "p.yaml", "--set", "steps.crystals.with.elements=1", "--json")
    assert any("D040" in one["text"] for one in findings(done, "groups")), done


def test_what_data_are_called_cannot_act_on_a_page_or_a_terminal():
    audit = Audit("p", [Finding("copies", "<b>\x1b[31m", True, {}, "<i>")])
    page = audit.as_html()
    assert "<b>" not in page and "\x1b" not in page and "&lt;b&gt;" in page
    assert NEAR == 1.0
