"""One's own files: found, labelled, grouped, and new ones classified by a trained run."""

import json
import os
import shutil
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from structkit.engine.prediction import Predictor
from structkit.errors import DataError
from structkit.store.files import sealed
from structkit_structure_files.source import Files

ELEMENTS = {"fcc": ("Cu", "Al", "Ni", "Ag", "Au", "Pb"), "bcc": ("Fe", "W", "Mo", "Na", "K", "V")}


@pytest.fixture
def data(here):
    for cls, names in ELEMENTS.items():
        for name in names:
            folder = here / "data" / cls
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / f"{name}.cif", bulk(name, cubic=True))
    return here / "data"


def samples(**settings):
    import numpy as np

    source = Files(**settings)
    return [s for task in source.tasks() for s in source.samples(task, np.random.default_rng(0))]


def test_label_is_the_folder(data):
    found = samples(path="data", label="folder")
    assert {s.id: s.label for s in found}["fcc/Cu.cif"] == "fcc" and len(found) == 12
    assert {s.group for s in found} == {s.id for s in found}


def test_label_is_the_space_group(data):
    assert {s.label for s in samples(path="data/**/*.cif", label="spacegroup")} == {"225", "229"}


def test_group_can_be_the_formula(data):
    write("data/fcc/Cu_again.cif", bulk("Cu", cubic=True).repeat(2))
    found = {s.id: s.group for s in samples(path="data", label="folder", group="formula")}
    assert found["fcc/Cu.cif"] == found["fcc/Cu_again.cif"] == "Cu"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_manifest_gives_label_and_group(kind, data):
    rows = [
        ("data/fcc/Cu.cif", "metal", "g1"),
        ("data/bcc/Fe.cif", "metal, hard", "g1"),
        ("data/fcc/Al.cif", "light", ""),
    ]
    if kind == "csv":
        text = "path,label,group\n" + "\n".join(f'{p},"{label}",{g}' for p, label, g in rows)
    else:
        text = "\n".join(
            json.dumps({"path": p, "label": label, "group": g}) for p, label, g in rows
        )
    Path(f"m.{kind}").write_text(text)
    found = samples(manifest=f"m.{kind}", label="manifest")
    assert [(s.label, s.group) for s in found] == [
        ("metal", "g1"),
        ("metal, hard", "g1"),
        ("light", "fcc/Al.cif"),
    ]


BAD = {
    "nothing": ({"path": "nowhere/*.cif", "label": "none"}, None, "D020 no file matches nowhere/\\*.cif \\(working directory /"),
    "neither": ({"label": "none"}, None, "D024 files needs either 'path' or 'manifest'"),
    "no manifest": ({"path": "data", "label": "manifest"}, None, "D024 label: manifest needs 'manifest'"),
    "no label": ({"manifest": "m.csv", "label": "manifest"}, "path,label\ndata/fcc/Cu.cif,\n", "m.csv:2: D004 no label for data/fcc/Cu.cif"),
    "no file": ({"manifest": "m.csv", "label": "manifest"}, "path,label\ndata/no.cif,x\n", "m.csv:2: D004 no file data/no.cif"),
    "no columns": ({"manifest": "m.csv", "label": "manifest"}, "file;label\n", "m.csv:1: D023 a manifest needs the columns"),
    "twice": ({"manifest": "m.csv", "label": "manifest"}, "path,label\ndata/fcc/Cu.cif,a\ndata/fcc/Cu.cif,b\n", "D021 data/fcc/Cu.cif is named twice"),
    "empty": ({"manifest": "m.csv", "label": "manifest"}, "path,label\n", "D020 the manifest names no file"),
    "labels alike": ({"manifest": "m.csv", "label": "manifest", "strict_labels": True}, "path,label\ndata/fcc/Cu.cif,fcc\ndata/fcc/Al.cif,Fcc \n", "D003 labels differ only by case/space: 'fcc' \\(1\\)|D003 labels differ only by case/space: 'Fcc"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_data_set_that_is_wrong_is_refused(case, data):
    settings, manifest, expected = BAD[case]
    if manifest:
        Path("m.csv").write_text(manifest)
    with pytest.raises(DataError, match=expected):
        samples(**settings)


def test_labels_alike_are_told_of(data, capsys):
    Path("m.csv").write_text(
        "path,label\ndata/fcc/Cu.cif,fcc\ndata/fcc/Al.cif,fcc\ndata/bcc/Fe.cif,Fcc\n"
    )
    assert len(samples(manifest="m.csv", label="manifest")) == 3
    assert "D003 labels differ only by case/space: 'fcc' (2), 'Fcc' (1)" in capsys.readouterr().err


def test_bad_files_are_left_out_only_when_asked(data, capsys):
    (data / "fcc" / "bad.cif").write_text("nothing")
    with pytest.raises(DataError, match=r"bad.cif:1: S101"):
        samples(path="data", label="folder")
    assert len(samples(path="data", label="folder", on_bad="skip")) == 12
    assert "S101 left out" in capsys.readouterr().err


MINE = """\
structkit: 1
name: mine
seed: 1
threads: 2
split: {valid: 0.2, test: 0.2}
steps:
  mine: {use: files, with: {path: data, label: folder}}
  cells: {use: standard-supercell, from: mine, with: {min_atoms: 60}}
  fingerprint: {use: diffraction-fingerprint, from: cells, with: {size: 32}}
  cnn:
    use: cnn-classifier
    from: fingerprint
    with: {epochs: 12, batch_size: 4, filters: [[8], [8]], dropout: 0.0}
  maps: {use: response-maps, from: cnn}
"""


def test_new_files_are_read_as_those_of_the_chosen_origin(cli, data, here):
    (here / "two.yaml").write_text(
        "structkit: 1\nname: two\nplugins: [./toy_plugin.py]\nsplit: {valid: 0.2, test: 0.2}\nsteps:\n"
        "  a: {use: files, with: {path: data, label: folder}}\n"
        "  b: {use: files, with: {path: data, label: folder, min_distance: 0.5}}\n"
        "  v: {use: toy-vector, from: [a, b]}\n  m: {use: toy-centroid, from: v, train_on: [a]}\n"
    )
    assert cli("run", "two.yaml").code == 0
    write("near.xyz", Atoms("Cu2", [[0, 0, 0], [0, 0, 0.4]], cell=[4, 4, 4], pbc=True))
    assert len(Predictor(Path("runs/two"), None, "a").read(Path("near.xyz"))) == 1
    with pytest.raises(DataError, match="S021"):
        Predictor(Path("runs/two"), None, "b").read(Path("near.xyz"))


def test_a_copy_of_what_was_learnt_is_no_test(cli, data, here):
    shutil.copytree("data", "copies")
    for number, path in enumerate(sorted(Path("copies").glob("*/*"))):
        path.rename(path.with_name(f"other-{number}{path.suffix}"))
    (here / "leak.yaml").write_text(
        "structkit: 1\nname: leak\nplugins: [./toy_plugin.py]\nsplit: {valid: 0.2, test: 0.2}\nsteps:\n"
        "  a: {use: files, with: {path: data, label: folder, group: file}}\n"
        "  b: {use: files, with: {path: copies, label: folder, group: file}}\n"
        "  v: {use: toy-vector, from: [a, b]}\n  m: {use: toy-centroid, from: v, train_on: [a]}\n"
    )
    result = cli("run", "leak.yaml")
    assert result.code == 3 and "structures of the test were learnt from (first: " in result.err, (
        result
    )


def test_own_files_through_the_whole_path_and_prediction_of_new_ones(cli, data, here):
    (here / "mine.yaml").write_text(MINE)
    result = cli("run", "mine.yaml")
    assert result.code == 0, result
    write(here / "new_silver.vasp", bulk("Pd").repeat(2), format="vasp")
    write(here / "new_iron.xyz", bulk("Ta"))
    told = json.loads(cli("predict", "runs/mine", "new_silver.vasp", "new_iron.xyz", "--json").out)
    found = told["predictions"]
    assert [p["label"] for p in found] == ["fcc", "bcc"]
    assert sum(found[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    said = cli("predict", "runs/mine", "new_iron.xyz").out
    assert "prepared as origin 'cells': standard-supercell → diffraction-fingerprint" in said
    bad = cli("predict", "runs/mine", "nothing.cif")
    assert bad.code == 3 and "D030 cannot read nothing.cif" in bad.err
    none = cli("predict", "data", "new_iron.xyz")
    assert none.code == 2 and "R005 not a run folder" in none.err
    weights = here / "runs/mine/steps/cnn/trained/model/weights.safetensors"
    data_ = bytearray(weights.read_bytes())
    data_[-1] ^= 1
    weights.unlink()
    weights.write_bytes(data_)
    assert cli("predict", "runs/mine", "new_iron.xyz").code == 6, "a damaged model is not used"


def test_edited_file_is_computed_again(cli, data, here):
    text = MINE.split("  fingerprint")[0]
    (here / "mine.yaml").write_text(text)
    assert cli("run", "mine.yaml").code == 0
    write(data / "fcc" / "Cu.cif", bulk("Cu", a=3.7, cubic=True))
    plan = cli("plan", "mine.yaml").out
    assert "run    mine" in plan and "outside.data/fcc/Cu.cif" in plan


def test_equal_structures_in_train_and_test_are_refused(cli, data, here):
    for cls, names in ELEMENTS.items():
        for name in names:
            (data / cls / f"{name}_copy.cif").write_bytes((data / cls / f"{name}.cif").read_bytes())
    (here / "mine.yaml").write_text(MINE.replace("label: folder", "label: folder, group: file"))
    result = cli("run", "mine.yaml")
    assert result.code == 3 and "D010" in result.err and "_copy.cif" in result.err


def test_folder_that_is_read_whole_leaves_structkit_out(data, here):
    (here / ".structkit").mkdir()
    (here / ".structkit" / "x.cif").write_text("no")
    (here / "runs" / "r").mkdir(parents=True)
    (here / "runs" / "r" / "run.json").write_text(json.dumps(sealed({"resolved": {}})))
    (here / "runs" / "r" / "y.cif").write_text("no")
    assert len(samples(path=".", label="none")) == 12


def test_no_folder_is_left_out_without_a_word(data, here, tmp_path_factory):
    (data / "fcc" / "run.json").write_text("{}")  # a file of that name makes no run folder
    assert len(samples(path="data", label="folder")) == 12
    (data / "hcp").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    for path in ("data", "data/**/*.cif"):
        with pytest.raises(
            DataError, match=r"D030 data/hcp is a symbolic link to a folder, which is not followed"
        ):
            samples(path=path, label="folder")


def test_a_hidden_folder_that_is_named_is_read(data, here):
    data.rename(here / ".mine")
    assert len(samples(path=str(here / ".mine/fcc/*.cif"), label="none")) == 6
    (here / "open").mkdir()
    (here / ".mine").rename(here / "open/.mine")
    with pytest.raises(DataError, match="D020"):
        samples(path="open/*/fcc/*.cif", label="none")


def test_two_stars_are_folders_within_folders(data, here):
    assert {s.label for s in samples(path="data/**/*.cif", label="folder")} == {"fcc", "bcc"}
    assert len(samples(path="**/Cu.cif", label="folder")) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path,label,label\ndata/fcc/Cu.cif,a,b\n", "m.csv:1: D023 'label' twice"),
        (
            "path,label,groups\ndata/fcc/Cu.cif,a,b\n",
            "m.csv:1: D023 column 'groups' is not read; did you mean 'group'",
        ),
        ("path,label, Group\ndata/fcc/Cu.cif,a,b\n", "D023 column ' Group' is not read"),
        ("path,label\ndata/fcc/Cu.cif, \n", "m.csv:2: D005 label or group ' '"),
        ("path,label\ndata/fcc/Cu.cif,NA\n", "m.csv:2: D005"),
        ("path,label\ndata/fcc/Cu.cif,None\n", "m.csv:2: D005"),
    ],
)
def test_manifest_that_would_be_misread_is_refused(text, expected, data):
    Path("m.csv").write_text(text)
    with pytest.raises(DataError, match=expected):
        samples(manifest="m.csv", label="manifest")


def test_sodium_is_a_label(data):
    Path("m.csv").write_text("path,label,remark\ndata/fcc/Cu.cif,Na,x\n")
    assert samples(manifest="m.csv", label="manifest")[0].label == "Na"


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\u202eb", "a\nb"])
def test_folder_whose_name_is_no_label_is_refused(name, data):
    (data / "fcc").rename(data / name)
    with pytest.raises(DataError, match="D005"):
        samples(path="data", label="folder")


def test_files_that_a_manifest_forgets_are_told_of(data, capsys):
    Path("m.csv").write_text("path,label\ndata/fcc/Cu.cif,a\ndata/bcc/Fe.cif,b\n")
    samples(manifest="m.csv", label="manifest")
    assert "D004 10 files without label (first: " in capsys.readouterr().err


@pytest.mark.parametrize(("cell", "code"), [("n/a", "D005"), ("NaN", "D005"), ("\x1b[31m", "D005")])
def test_label_that_is_no_word_is_refused(cell, code, data):
    Path("m.csv").write_text(f"path,label\ndata/fcc/Cu.cif,{cell}\n")
    with pytest.raises(DataError, match=f"m.csv:2: {code}"):
        samples(manifest="m.csv", label="manifest")


def test_one_file_by_two_names_is_refused(data):
    Path("m.csv").write_text("path,label\ndata/fcc/Cu.cif,a\n./data/../data/fcc/Cu.cif,b\n")
    with pytest.raises(DataError, match="D021"):
        samples(manifest="m.csv", label="manifest")


def test_prediction_with_other_code_is_refused(cli, here):
    assert cli("run", "toy.yaml").code == 0
    write(here / "Cu.cif", bulk("Cu", cubic=True))
    assert "fcc" in cli("predict", "runs/toy", "Cu.cif").out
    code = (here / "toy_plugin.py").read_text()
    (here / "toy_plugin.py").write_text(code.replace("2 * scale) / scale", "1.9 * scale) / scale"))
    assert "P008" in cli("predict", "runs/toy", "Cu.cif").err
    result = cli("predict", "runs/toy", "Cu.cif", "--allow-plugin", "toy_plugin.py")
    assert (
        result.code == 2
        and "P007 the code of toy-vector (toy_plugin) has changed since the run" in result.err
    )


def test_files_left_out_are_noted_with_the_run(cli, data, here):
    (data / "fcc" / "bad.cif").write_text("nothing")
    (here / "p.yaml").write_text(
        "structkit: 1\nname: p\nsteps:\n  f: {use: files, with: {path: data, label: folder, on_bad: skip}}\n"
    )
    assert cli("run", "p.yaml").code == 0
    notes = json.loads((here / "runs/p/steps/f/f/notes.json").read_text())
    assert len(notes) == 2 and "D014 12 structures in 12 groups" in notes[0]
    assert "bad.cif:1: S101 left out" in notes[1]


@pytest.mark.parametrize("pattern", ["data/*/*.cif", "data/f*/*", "*/fcc/*.cif", "data/**/*.cif"])
def test_a_folder_that_a_pattern_may_not_read_is_not_passed_over(pattern, data, monkeypatch):
    """glob would leave its files out without a word."""
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "fcc" and access(path, mode)
    )
    if "**" in pattern:  # walked by the names that the system gives
        scan = os.scandir

        def refuse(path):
            if Path(path).name == "fcc":
                raise PermissionError(13, "Permission denied", str(path))
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="D030 cannot read (.*/)?fcc: permission denied"):
        Files(path=pattern, label="folder").tasks()
