"""Nothing is written through a link, into a pipe or a device, or into a file that has a second name."""

import ast
import os
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from structkit.discovery.registry import BLOCK_VARIABLE
from structkit.errors import SpecError
from structkit.store import inside
from structkit.store.locks import KernelLocks, Leases

pytestmark = pytest.mark.members

ROOT = Path(__file__).parents[1]
CODE = [
    path
    for folder in ("structkit", "plugins")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not {"tests", "benchmarks"} & set(path.parts)
]

# The one way to write ------------------------------------------------------------------------------

WRITERS = {"write_text", "write_bytes", "touch", "symlink_to", "hardlink_to", "mkdir", "rmdir",
           "unlink", "rename", "extractall", "tofile", "to_csv", "to_json"}  # fmt: skip
MODULES = {
    "os": {"mkdir", "makedirs", "link", "symlink", "rename", "renames", "replace", "remove", "unlink",
           "rmdir", "removedirs", "truncate", "mkfifo", "mknod"},
    "shutil": {"copy", "copy2", "copyfile", "copytree", "move", "rmtree", "make_archive", "unpack_archive"},
    "np": {"save", "savez", "savez_compressed", "savetxt", "memmap"},
    "torch": {"save"},
    "safetensors.torch": {"save_file"},
    "logging": {"FileHandler"},
}  # fmt: skip
WRITING = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND")
IN_MEMORY = {
    "stream",
    "packed",
    "out",
    "inward",
    "outward",
    "buffer",
}  # streams that are open already
EXCEPTIONS = {
    "structkit/store/inside.py": "it is the one way",
    "structkit/testing/learning.py": "contract suites, in the temporary folder of a test",
    "structkit/testing/guards.py": "contract suites, in the temporary folder of a test",
    "structkit/upkeep/selftest/checks.py": "damages its own store on purpose, in a folder that it has just made",
    "structkit/cli/process.py": "os.devnull stands in for a stream that is closed",
    "structkit/engine/forks.py": "a named pipe in this process's own temporary folder",
    "plugins/md-glass-source/src/structkit_md_glass_source/worker.py": "takes away the segment of shared memory of its own process",
    "plugins/structure-files/src/structkit_structure_files/by_ase.py": "a copy in a temporary folder that it has just made",
}


def writes(path):
    """Calls in a module that would open, make, rename or take away something by its path."""
    for node in ast.walk(ast.parse(path.read_text())):
        said = ""
        if isinstance(node, ast.Call):
            said = writing(node)
        elif isinstance(node, ast.ImportFrom):  # by a bare name it would not be seen
            said = ", ".join({name.name for name in node.names} & MODULES.get(node.module, set()))
        if said:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {said}"


def writing(call):
    name = ast.unparse(call.func)
    module, _, verb = name.rpartition(".")
    words = [ast.unparse(word) for word in [*call.args, *(k.value for k in call.keywords)]]
    if verb in MODULES.get(module, ()):
        return "" if words and words[0] in IN_MEMORY else name
    if name == "os.open":
        return name if any(flag in word for word in words for flag in WRITING) else ""
    if verb == "open" and module not in ("Table", "Checkpoint", "cls", "place"):
        modes = [word for word in words if word[:1] in "'\"" and len(word) <= 6]
        return name if any(set(mode) & set("wax+") for mode in modes) else ""
    if verb in WRITERS and module:
        return name
    if verb == "replace" and len(call.args) == 1 and not call.keywords and module:
        return name  # of a path; that of a text takes two
    if verb == "savefig" and words and words[0] not in IN_MEMORY:
        return name
    return ""


def test_there_is_one_way_to_write():
    found = [
        line
        for path in CODE
        if str(path.relative_to(ROOT)) not in EXCEPTIONS
        for line in writes(path)
    ]
    assert not found, "write through structkit.store.inside or structkit.store.files"


def test_every_exception_is_needed():
    for name in EXCEPTIONS:
        assert list(writes(ROOT / name)), f"{name} writes nothing any more"


@pytest.mark.parametrize(
    "line",
    ["open(p, 'w')", "p.open('ab')", "p.open(mode='r+')", "p.write_text('')", "p.write_bytes(b'')",
     "np.save(p, a)", "np.savez(folder / 'x', a=a)", "shutil.copy(a, b)", "os.open(p, os.O_CREAT | os.O_RDONLY)",
     "p.mkdir()", "os.makedirs(p)", "p.touch()", "p.rename(q)", "p.replace(q)", "os.link(a, b)",
     "shutil.rmtree(p)", "p.unlink()", "figure.savefig(path)", "logging.FileHandler(p)", "torch.save(x, p)"],
)  # fmt: skip
def test_the_search_finds(line):
    assert writing(ast.parse(line).body[0].value)


# What lies in the way ------------------------------------------------------------------------------


@pytest.fixture
def victim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("victim")
    (folder / "deep").mkdir()
    for name in ("thesis", "deep/thesis"):
        (folder / name).write_text("years of work")
    yield folder
    left = {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}
    assert left == {"thesis": "years of work", "deep/thesis": "years of work"}
    assert sorted(p.name for p in folder.rglob("*")) == ["deep", "thesis", "thesis"]


def link_to_file(place, victim):
    place.symlink_to(victim / "thesis")


def link_to_folder(place, victim):
    place.symlink_to(victim)


def link_to_nowhere(place, victim):
    place.symlink_to(victim / "new")


def link_to_link(place, victim):
    place.with_name("between").symlink_to(victim / "thesis")
    place.symlink_to("between")


def link_up_and_down(place, victim):
    place.symlink_to(Path(os.path.relpath(victim, place.parent)) / "thesis")


def second_name(place, victim):
    os.link(victim / "thesis", place)


def pipe(place, victim):
    os.mkfifo(place)


def device(place, victim):
    place.symlink_to("/dev/full")


def folder(place, victim):
    place.mkdir()


FILES = (link_to_file, link_to_folder, link_to_nowhere, link_to_link, link_up_and_down, second_name, pipe, device, folder)  # fmt: skip
FOLDERS = (link_to_file, link_to_folder, link_to_nowhere, link_to_link, link_up_and_down, second_name, pipe, device)  # fmt: skip


def put(place, what, victim):
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    what(place, victim)


@pytest.fixture
def root(tmp_path):
    return inside.keep_inside(tmp_path / "root")


@pytest.mark.parametrize("mode", ["w", "a", "x"])
@pytest.mark.parametrize("what", FILES, ids=lambda f: f.__name__)
def test_no_file_is_opened_but_a_plain_one(what, mode, root, victim):
    put(root / "one/two/file", what, victim)
    with pytest.raises(SpecError, match="R008"):
        inside.stream_to(root / "one/two/file", mode)


@pytest.mark.parametrize("place", ["one", "one/two"])
@pytest.mark.parametrize("what", FOLDERS, ids=lambda f: f.__name__)
def test_no_way_leads_through_a_link(what, place, root, victim):
    put(root / place, what, victim)
    path = root / "one/two/file"
    (root / "mine").write_text("mine")
    for act in (
        lambda: inside.stream_to(path),
        lambda: inside.make_folder(path),
        lambda: inside.move(root / "mine", path),
        lambda: inside.link_or_copy(root / "mine", path),
        lambda: inside.remove(root / "one/two/thesis"),
        lambda: KernelLocks().held(path).__enter__(),
        lambda: Leases().held(path).__enter__(),
    ):
        with pytest.raises(SpecError, match="R008"):
            act()
    assert (root / "mine").read_text() == "mine"


def test_a_link_above_the_root_is_the_users(tmp_path, victim):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "linked").symlink_to("scratch")
    store = inside.keep_inside(tmp_path / "linked" / "store")
    inside.stream_to(store / "a/file").close()
    assert (tmp_path / "scratch/store/a/file").exists()


@pytest.mark.parametrize("path", ["../out", "one/../../out", "one/two/../../../out"])
def test_no_name_leads_out(path, root):
    root.mkdir()
    with pytest.raises(SpecError, match="R008"):
        inside.stream_to(root / path / "file")


# Whole runs ----------------------------------------------------------------------------------------


@pytest.fixture
def ran(quick, here, monkeypatch):
    others = [p.dist.name for p in entry_points(group="structkit") if p.name != "core"]
    monkeypatch.setenv(BLOCK_VARIABLE, ",".join(others))
    assert quick("run", "toy.yaml").code == 0
    return quick


IN_STORE = ("locks", "runs", "store", "partial", "lock")
IN_RUN = ("run.log", ".lock", "pipeline.yaml", "resolved.yaml", "run.json", "done.json", "steps",
          "steps/vector", "provenance.json", "references.bib")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "workers"),
    # workers are tried with the link that would work
    [*((what, 1) for what in FOLDERS), (link_to_folder, 2)],
    ids=lambda v: getattr(v, "__name__", v),
)
@pytest.mark.parametrize("place", IN_STORE)
def test_run_writes_through_nothing_in_the_store(place, what, workers, ran, here, victim):
    shutil.rmtree(here / "runs")
    store = here / ".structkit"
    for name in ("store", "partial"):
        shutil.rmtree(store / name, ignore_errors=True)
    put(store / place, what, victim)
    result = ran("run", "toy.yaml", "--workers", workers)
    assert result.code in (2, 4) and "I005" not in result.err, result
    assert "R008" in result.err and f".structkit/{place}" in result.err, result
    put(store / place, lambda *_: None, victim)
    assert ran("run", "toy.yaml").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("what", [second_name, pipe, link_to_file], ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", IN_RUN)
def test_run_writes_through_nothing_in_its_folder(place, what, ran, here, victim):
    (here / "runs/toy/done.json").unlink()
    put(here / "runs/toy" / place, what, victim)
    result = ran("run", "toy.yaml")
    assert "I005" not in result.err and "Traceback" not in result.err, result
    put(here / "runs/toy" / place, lambda *_: None, victim)


@pytest.mark.slow
@pytest.mark.parametrize("what", FOLDERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", ["partial", "damaged", "store", "locks"])
def test_a_damaged_result_is_set_aside_through_nothing(place, what, ran, here, victim):
    entry = next((here / ".structkit/store").glob("*/*/vector.npy"))
    entry.unlink()
    if place != "store":
        put(here / ".structkit" / place, what, victim)
    result = ran("run", "toy.yaml")
    assert "I005" not in result.err, result


@pytest.mark.slow
@pytest.mark.parametrize("place", [".structkit", "runs"])
def test_a_link_in_the_place_of_store_or_runs_is_refused(place, ran, here, victim):
    shutil.rmtree(here / place)
    (here / place).symlink_to(victim)
    for verb in (["run", "toy.yaml"], ["store", "gc"]):
        result = ran(*verb)
        if place == "runs" and verb[0] == "store":
            continue  # it only looks there for what is in use
        assert result.code == 2 and "symbolic link" in result.err, result


@pytest.mark.slow
def test_a_store_that_the_user_names_may_be_a_link(ran, here, monkeypatch, tmp_path):
    shutil.rmtree(here / ".structkit")
    (tmp_path / "scratch").mkdir()
    (here / "linked").symlink_to(tmp_path / "scratch")
    monkeypatch.setenv("STRUCTKIT_STORE", str(here / "linked"))
    assert ran("run", "toy.yaml").code == 0
    assert (tmp_path / "scratch/store").is_dir() and not (here / ".structkit").exists()


@pytest.mark.slow
def test_scratch_of_a_killed_run_leads_nowhere(ran, here, victim):
    from structkit.run import Run

    key = next(j["key"] for t, j in Run("runs/toy").record["jobs"].items() if "training" in t)
    shutil.rmtree(here / ".structkit/store" / key[:2])
    shutil.rmtree(here / "runs")
    for name in ("scratch-part-000000", "told-part-000000", "part-000000"):
        place = here / ".structkit/partial" / key / name
        put(place, link_to_folder if name[0] == "s" else link_to_file, victim)
    for workers in (2, 1):
        result = ran("run", "toy.yaml", "--workers", workers)
        assert "I005" not in result.err, result
