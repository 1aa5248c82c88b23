"""Run folders and stores from somebody else: nothing of them is run, followed, or written elsewhere."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from structkit.run import Run
from structkit.store.files import digest, file_digest, sealed

pytestmark = pytest.mark.slow


@pytest.fixture
def ran(quick, here):
    assert quick("run", "toy.yaml").code == 0
    return quick


@pytest.fixture
def victim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("victim")
    (folder / "Documents/deep").mkdir(parents=True)
    (folder / "Documents/deep/thesis").write_text("years of work")
    for number in range(2):
        (folder / f"{number}{'a' * 63}").mkdir()  # named as a result is
        (folder / f"{number}{'a' * 63}/thesis").write_text("years of work")
    before = sorted(folder.rglob("*"))
    yield folder
    assert sorted(folder.rglob("*")) == before


def reseal(path, change):
    record = json.loads(path.read_text())
    change(record)
    path.unlink()
    path.write_text(json.dumps(sealed(record)))


def forge(run, plugin):
    """Make a run folder name a plugin, and every record and digest of it fit."""
    resolved = run / "resolved.yaml"
    text = resolved.read_text().replace("toy_plugin.py", plugin)
    resolved.unlink()
    resolved.write_text(text)

    def name(record):
        record["resolved"]["plugins"] = [str(run.parent.parent / plugin)]
        for facts in record["steps"].values():
            facts["plugin_file"] = str(run.parent.parent / plugin)
            facts["picture"] = "this:zen"

    def fit(record):
        for file in record["files"]:
            record["files"][file] = {
                "sha256": file_digest(run / file),
                "bytes": (run / file).stat().st_size,
            }
        record["run"] = digest(
            {
                k: v
                for k, v in json.loads((run / "run.json").read_text()).items()
                if k not in ("seal", "format")
            }
        )

    reseal(run / "run.json", name)
    reseal(run / "done.json", fit)


@pytest.mark.parametrize("place", ["partial", "damaged", "store/0a", "store/1a"])
def test_gc_follows_no_link(place, ran, here, victim):
    link = here / ".structkit" / place
    if link.is_dir():
        shutil.rmtree(link)
    link.symlink_to(victim)
    shutil.rmtree(here / "runs")
    assert ran("store", "gc").code == 0


def test_gc_leaves_what_is_no_result(ran, here):
    shutil.rmtree(here / "runs")
    strays = [
        here / ".structkit/partial/note.txt",
        here / ".structkit/store/zz/zzstray",
        here / ".structkit/store/README",
    ]
    for stray in strays:
        stray.parent.mkdir(exist_ok=True)
        stray.write_text("mine")
    assert ran("store", "gc").code == 0 and all(stray.exists() for stray in strays)
    assert ran("store", "list").out.startswith("0 results")


@pytest.mark.parametrize("place", ["steps", "steps/vector", "run.log", ".lock", "pipeline.yaml"])
def test_run_writes_and_tidies_through_no_link(place, ran, here, victim):
    link = here / "runs/toy" / place
    shutil.rmtree(link) if link.is_dir() else link.unlink()
    (here / "runs/toy/done.json").unlink()
    link.symlink_to(
        victim if link.suffix == "" and place != ".lock" else victim / "Documents/deep/thesis"
    )
    result = ran("run", "toy.yaml")
    assert result.code == 2 and f"R001 runs/toy holds a symbolic link ({place})" in result.err
    assert (victim / "Documents/deep/thesis").read_text() == "years of work"


def test_names_in_a_record_lead_nowhere(ran, here):
    (here / "secret.txt").write_text("secret")
    entry = next((here / ".structkit/store").glob("*/*/vector.npy")).with_name("entry.json")
    facts = {"sha256": file_digest(here / "secret.txt"), "bytes": 6}
    reseal(entry, lambda record: record["files"].update({"../../../../../secret.txt": facts}))
    shutil.rmtree(here / "runs")
    result = ran("run", "toy.yaml")
    assert result.code == 0 and "I001 missing, truncated or changed" in result.err
    assert (here / "secret.txt").stat().st_nlink == 1


@pytest.mark.parametrize(
    "command",
    [["predict", "RUN", "cu.cif"], ["report", "RUN"], ["verify", "RUN", "--rerun"]],
    ids=lambda c: c[0],
)
def test_plugin_of_a_received_run_is_not_run_unasked(command, ran, here):
    from ase.build import bulk
    from ase.io import write

    write("cu.cif", bulk("Cu"))
    (here / "evil_plugin.py").write_text(
        "open('canary', 'w')\n" + (here / "toy_plugin.py").read_text()
    )
    shutil.copytree("runs/toy", "runs/sent")
    forge(here / "runs/sent", "evil_plugin.py")
    command = ["runs/sent" if word == "RUN" else word for word in command]
    result = ran(*command)
    assert (
        result.code == 2
        and "evil_plugin.py: P008 the run names a plugin that no run here has used as it is now"
        in result.err
    ), result
    assert not (here / "canary").exists() and "Zen of Python" not in result.out + result.err
    ran(*command, "--allow-plugin", "evil_plugin.py")
    assert (here / "canary").exists(), "asked for, it is run"


def test_own_plugin_is_known_as_it_was_used(ran, here):
    assert ran("report", "runs/toy").code == 0
    with (here / "toy_plugin.py").open("a") as stream:
        stream.write("# edited\n")
    assert "P008" in ran("report", "runs/toy").err


@pytest.mark.parametrize("verb", ["predict", "report", "verify"])
@pytest.mark.parametrize(
    "name", ["resolved.yaml", "steps/vector/table.json", "steps/centroid/predictions/table.json"]
)
def test_edited_file_of_a_run_is_named_before_use(verb, name, ran, here):
    path = here / "runs/toy" / name
    text = (
        path.read_text()
        .replace("bins: 12", "bins: 11")
        .replace('"folder": "crystals"', '"folder": "../vector/crystals"')
    )
    path.unlink()
    path.write_text(text + "\n")
    result = ran(verb, "runs/toy", *(["toy.yaml"] if verb == "predict" else []))
    assert (
        result.code == 6 and f"runs/toy/{name}: R004 missing, truncated or changed" in result.err
    ), result


def test_edited_table_is_not_reported(ran, here):
    path = here / "runs/toy/steps/crystals/crystals/rows/id.npy"
    text = path.read_bytes().replace(b"fcc-0", b"fcc-9")
    path.unlink()
    path.write_bytes(text)
    result = ran("report", "runs/toy")
    assert result.code == 6 and "rows/id.npy: I001" in result.err


@pytest.mark.parametrize("what", ["pipe", "device", "nested", "no keys"])
def test_hostile_records_are_refused_at_once(what, ran, here):
    import os

    done = here / "runs/toy/done.json"
    done.unlink()
    if what == "pipe":
        os.mkfifo(done)
    elif what == "device":
        done.symlink_to("/dev/zero")
    elif what == "nested":
        done.write_text("[" * 200_000)
    else:
        done.write_text("{}")
        reseal(here / "runs/toy/run.json", lambda record: record.pop("jobs"))
    result = ran("verify", "runs/toy")
    assert result.code == 6 and "R004" in result.err and "defect" not in result.err, result


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path("canary"),)


def test_objects_in_arrays_are_not_loaded(ran, here):
    path = here / "runs/toy/steps/crystals/crystals/numbers.npy"
    path.unlink()
    np.save(path, np.array([Bomb()], dtype=object), allow_pickle=True)
    from structkit.errors import IntegrityError

    with pytest.raises(IntegrityError, match="I001 no array of numbers"):
        Run("runs/toy").table("crystals").item("numbers", 0)
    assert not (here / "canary").exists()


@pytest.mark.parametrize("folder", ["../../secret", ".", "/etc"])
def test_parts_of_a_table_lead_nowhere(folder, ran, here):
    from structkit.errors import IntegrityError

    path = here / "runs/toy/steps/crystals/table.json"
    path.unlink()
    path.write_text(json.dumps({"parts": [{"folder": folder, "origin": "crystals"}]}))
    with pytest.raises(IntegrityError, match="I003"):
        Run("runs/toy").table("crystals")
