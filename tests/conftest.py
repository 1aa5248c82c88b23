"""A fixture: a hostile plugin and its pipeline, run from nothing, and what came of it."""

import shutil
from pathlib import Path

import pytest

from structkit.run import Run

PLUGIN = (Path(__file__).parent / "hostile_plugin.py").read_text()
PIPELINE = """\
structkit: 1
name: hostile
threads: 1
plugins: [hostile.py]
steps:
  boxes: {use: boxes}
  copies: {use: copy, from: boxes}
  vector: {use: count, from: copies}
  witness: {use: witness, from: copies}
  means: {use: means, from: vector}
  why: {use: why, from: means, only: {per_label: 2}}
"""


class Hostile:
    """A plugin with hostile lines at one place."""

    def __init__(self, quick):
        self.quick = quick

    def write(self, place="", lines=""):
        """Write the plugin, and the pipeline."""
        text = PLUGIN
        if place:
            (mark,) = [line for line in PLUGIN.splitlines() if line.strip() == f"# {place}"]
            indent = mark[: len(mark) - len(mark.lstrip())]
            hostile = "\n".join(indent + line for line in lines.splitlines())
            text = PLUGIN.replace(f"{mark}\n", f"{hostile}\n")
        Path("hostile.py").write_text(text)
        Path("p.yaml").write_text(PIPELINE)

    def run(self, workers=1):
        """Run the pipeline from nothing."""
        for folder in (".structkit", "runs"):
            shutil.rmtree(folder, ignore_errors=True)
        return self.quick("run", "p.yaml", "--workers", workers)

    def rows(self, step):
        """The features of a step, by id."""
        table = Run("runs/hostile").table(step)
        return {row.id: table.item("vector", i).tolist() for i, row in enumerate(table.rows)}

    def bytes_of(self, step):
        """The bytes of what a step made."""
        folder = Path("runs/hostile/steps") / step
        files = [path for path in sorted(folder.rglob("*.npy")) if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    def innocent(self, step="witness"):
        """The bytes of a step beside an innocent plugin."""
        self.write()
        result = self.run()
        assert result.code == 0, result
        return self.bytes_of(step)


@pytest.fixture
def hostile(quick):
    """A hostile plugin in an empty folder."""
    return Hostile(quick)
