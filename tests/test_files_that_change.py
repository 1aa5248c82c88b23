"""Files that change after they were hashed for the key: refused by name, or read as they were hashed; never kept."""

import os
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from structkit.discovery.registry import BLOCK_VARIABLE
from structkit.kinds.source import SourceKind
from structkit.store.files import file_digest

NEEDED = ("core", "structure-files")
pytestmark = [pytest.mark.slow, pytest.mark.members]

SOURCE = """
import hashlib
from pathlib import Path
from ase.build import bulk
from structkit import Sample, Settings, Source, Task, hookimpl

STRUCTKIT_API = 1
Words = Settings

def outside(settings):
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(Path("data").glob("*"))}

class Lists:
    def tasks(self):
        return [Task(p.name, {"path": str(p)}) for p in sorted(Path("data").glob("*"))]

    def samples(self, task, rng):
        for number, word in enumerate(Path(task.params["path"]).read_text().split()):
            yield Sample(f"{task.id}-{number}", bulk(word), word)

@hookimpl
def structkit_sources():
    yield Source(name="lists", build=f"{__name__}:Lists", summary="s", outside=f"{__name__}:outside")
"""
XYZ = '1\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3\n{} 0 0 0\n'
STEPS = {
    "files": "{use: files, with: {path: 'data/*', on_bad: skip, label: folder}}",
    "manifest": "{use: files, with: {manifest: list.csv, label: manifest}}",
    "lists": "{use: lists}",
}


def text(kind, *elements):
    if kind == "lists":
        return " ".join(elements)
    return "".join(XYZ.format(element) for element in elements)


def grown(kind):
    with Path("data/b.xyz").open("a") as stream:
        stream.write(text(kind, "Al") if kind != "lists" else " Al")


def replaced(kind):
    Path("new").write_text(text(kind, "Al", "Ni"))
    Path("new").replace("data/b.xyz")


def edited_at_the_same_time(kind):
    before = Path("data/b.xyz").stat()
    Path("data/b.xyz").write_text(text(kind, "Ni", "Ag"))
    os.utime("data/b.xyz", ns=(before.st_atime_ns, before.st_mtime_ns))


def shrunk(kind):
    Path("data/b.xyz").write_text(text(kind, "Cu"))


def deleted(kind):
    Path("data/b.xyz").unlink()


def pipe(kind):
    Path("data/b.xyz").unlink()
    os.mkfifo("data/b.xyz")


def link_to_nowhere(kind):
    Path("data/b.xyz").unlink()
    Path("data/b.xyz").symlink_to("nowhere")


def link_to_another(kind):
    Path("other").write_text(text(kind, "Al"))
    Path("data/b.xyz").unlink()
    Path("data/b.xyz").symlink_to(Path("other").absolute())


def other_folder(kind):
    Path("data").rename("before")
    shutil.copytree("before", "data")
    Path("data/b.xyz").write_text(text(kind, "Al", "Ni"))


def added(kind):
    Path("data/c.xyz").write_text(text(kind, "Al"))
    relisted("c.xyz")


def unreadable(kind):
    Path("data/b.xyz").unlink()
    Path("data/b.xyz").mkdir()


def relabelled(kind):
    Path("list.csv").write_text(Path("list.csv").read_text().replace("two", "three"))


def relisted(*more):
    lines = ["path,label", "data/a.xyz,one", "data/b.xyz,two", *(f"data/{m},one" for m in more)]
    Path("list.csv").write_text("\n".join(lines) + "\n")


CHANGES = (grown, replaced, edited_at_the_same_time, shrunk, deleted, pipe, link_to_nowhere,
           link_to_another, other_folder, added, unreadable)  # fmt: skip
CASES = [
    *((kind, change) for kind in STEPS for change in CHANGES if (kind, change) != ("lists", pipe)),
    ("manifest", relabelled),
]
MOMENTS = ("contents", "do", "join")


@pytest.fixture
def source(here, monkeypatch):
    others = [p.dist.name for p in entry_points(group="structkit") if p.name not in NEEDED]
    monkeypatch.setenv(BLOCK_VARIABLE, ",".join(others))  # each run would import them
    (here / "lists.py").write_text(SOURCE)

    def write(kind):
        Path("data").mkdir()
        Path("data/a.xyz").write_text(text(kind, "Fe"))
        Path("data/b.xyz").write_text(text(kind, "Cu", "Ag"))
        relisted()
        plugins = "plugins: [lists.py]\n" if kind == "lists" else ""
        steps = f"steps:\n  mine: {STEPS[kind]}\n"
        Path("p.yaml").write_text(f"structkit: 1\nname: p\nthreads: 1\n{plugins}{steps}")

    return write


def kept():
    store = Path(".structkit/store")
    # notes tell what else lies beside the files, which is no part of the key
    files = [
        p for p in store.rglob("*") if p.is_file() and p.name not in ("notes.json", "entry.json")
    ]
    return {str(p.relative_to(store)): file_digest(p) for p in files}


def just_before(monkeypatch, moment, change, after=None):
    """Change something once, when a job of a source comes to a moment; and again when it is over."""
    right, pending = getattr(SourceKind, moment), [True]

    def changed(self, *arguments):
        first, pending[:] = pending == [True], []
        if first:
            change()
        try:
            return right(self, *arguments)
        finally:
            if first and after is not None:
                after()

    monkeypatch.setattr(SourceKind, moment, changed)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("kind", "change"), CASES, ids=lambda c: getattr(c, "__name__", c))
def test_a_file_that_changes_is_named_and_nothing_is_kept(
    kind, change, moment, source, quick, monkeypatch
):
    source(kind)
    with monkeypatch.context() as patched:
        just_before(patched, moment, lambda: change(kind))
        result = quick("run", "p.yaml")
    place = "data/c.xyz" if change is added else "data/b.xyz"
    if (
        kind == "lists"
        and moment == "contents"
        and change in (link_to_nowhere, deleted, unreadable)
    ):
        assert result.code in (3, 4), result  # its own reading fails
    else:
        codes = ("D031", "D030", "D004", "D020", "P010")
        assert result.code in (3, 4) and any(code in result.err for code in codes), result
        assert place.rpartition("/")[2] in result.err, result
    assert "I005" not in result.err and not kept()
    shutil.rmtree("data")
    source(kind)
    assert quick("run", "p.yaml").code == 0
    again = kept()
    shutil.rmtree(".structkit")
    shutil.rmtree("runs")
    assert quick("run", "p.yaml").code == 0 and kept() == again


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", ["files", "manifest"])
@pytest.mark.parametrize("change", [*CHANGES, relabelled], ids=lambda c: c.__name__)
def test_what_is_put_back_in_time_is_read_as_hashed_or_refused(
    change, kind, moment, source, quick, monkeypatch
):
    source(kind)
    assert quick("run", "p.yaml").code == 0
    right = kept()
    shutil.rmtree(".structkit")
    shutil.rmtree("runs")
    Path("data").rename("data-before")
    Path("list.csv").rename("list-before")

    def put_back():
        shutil.rmtree("data", ignore_errors=True)
        shutil.rmtree("before", ignore_errors=True)
        Path("data-before").rename("data")
        Path("list-before").rename("list.csv")

    def change_it():
        shutil.copytree("data", "data-before", copy_function=shutil.copy2)
        shutil.copy2("list.csv", "list-before")
        change(kind)

    shutil.copytree("data-before", "data", copy_function=shutil.copy2)
    shutil.copy2("list-before", "list.csv")
    shutil.rmtree("data-before")
    with monkeypatch.context() as patched:
        just_before(patched, moment, change_it, put_back)
        result = quick("run", "p.yaml")
    assert result.code == 0 or "D03" in result.err or "D004" in result.err, result
    assert kept() in ({}, right)
    assert quick("run", "p.yaml").code == 0 and kept() == right


def rewritten(path):
    data = path.read_bytes()
    path.write_bytes(data[:-8] + b"\1" * 8)


def cut(path):
    os.truncate(path, path.stat().st_size - 8)


def another_file(path):
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-8] + b"\1" * 8)


def linked(path):
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def gone(path):
    path.unlink()


@pytest.mark.parametrize("moment", ["do", "join"])
@pytest.mark.parametrize("harm", [rewritten, cut, another_file, linked, gone])
def test_a_result_that_changes_after_it_was_checked_is_not_built_upon(
    harm, moment, quick, here, monkeypatch
):
    from structkit.kinds.transform import TransformKind

    others = [p.dist.name for p in entry_points(group="structkit") if p.name != "core"]
    monkeypatch.setenv(BLOCK_VARIABLE, ",".join(others))
    assert quick("run", "toy.yaml", "--only", "noisy").code == 0
    right = kept()
    for path in (".structkit", "runs"):
        shutil.rmtree(path)
    assert quick("run", "toy.yaml", "--only", "crystals").code == 0
    kind, pending = getattr(TransformKind, moment), [True]

    def changed(self, *arguments):
        if pending.pop() if pending else False:
            harm(next(Path(".structkit/store").glob("*/*/positions.npy")))
        return kind(self, *arguments)

    monkeypatch.setattr(TransformKind, moment, changed)
    result = quick("run", "toy.yaml", "--only", "noisy")
    assert result.code and "I005" not in result.err, result
    assert quick("run", "toy.yaml", "--only", "noisy").code == 0 and kept() == right
