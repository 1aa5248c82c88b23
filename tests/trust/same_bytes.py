"""Same spec, same machine, same threads: the same bytes, however the results came to be.

.venv/bin/python tests/trust/same_bytes.py                                # about five minutes
.venv/bin/python tests/trust/same_bytes.py --other CLONE/.venv/bin/python # and by the code of another checkout

One pipeline with molecular dynamics, damaged crystals, both networks and both explainers is run again in another folder, with
two workers, by `structkit verify --rerun`, and killed after every epoch of its trainings; every store is compared with the first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from structkit.store.files import file_digest

PIPELINE = """\
structkit: 1
name: same
seed: 11
threads: 1
steps:
  crystals: {use: crystal-prototypes, with: {per_class: 8, groups_per_class: 8}}
  clusters: {use: standard-supercell, from: crystals}
  damaged: {use: point-defects, from: clusters, with: {vacancies: 0.1, displacement: 0.05}}
  image: {use: diffraction-fingerprint, from: [clusters, damaged]}
  cnn: {use: cnn-classifier, from: image, train_on: [clusters], with: {epochs: 3}}
  maps: {use: response-maps, from: cnn, only: {per_label: 1, origins: [clusters]}}
  boxes: {use: md-glass, with: {trajectories: 8, particles: 120, equilibration_steps: 2000, cooling_steps: 2000, temperatures: [1.99, 0.05]}}
  graph: {use: neighbour-graph, from: boxes, with: {k: 6}}
  network: {use: attention-mpnn, from: graph, with: {epochs: 3, hidden: 16, dropout: 0.1, batch_size: 4}}
  attention: {use: attention-maps, from: network, only: {per_label: 1}}
  distances: {use: pair-histogram, from: boxes}
  linear: {use: logistic-regression, from: distances}
"""


class Place:
    """A folder with the pipeline."""

    def __init__(self, root: Path, name: str, python: str = sys.executable) -> None:
        self.folder, self.python = root / name, python
        self.folder.mkdir()
        (self.folder / "same.yaml").write_text(PIPELINE)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `structkit ARGUMENTS`."""
        command = [self.python, "-P", "-m", "structkit", *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, text=True, stderr=subprocess.PIPE
        )

    def run(self, *arguments: str) -> None:
        """Run to the end."""
        process = self.start(*(arguments or ("run", "same.yaml")))
        err = process.communicate()[1]
        assert process.returncode == 0, err

    def killed_after(self, words: str) -> bool:
        """Run until a line of progress has been shown, and kill; whether it came."""
        process = self.start("run", "same.yaml")
        assert process.stderr is not None
        for line in process.stderr:
            if words in line:
                process.kill()
                process.wait()
                return True
        return False

    def store(self) -> dict[str, str]:
        """Digest of every file of every result."""
        store = self.folder / ".structkit/store"
        return {
            str(path.relative_to(store)): file_digest(path)
            for path in sorted(store.rglob("*"))
            if path.is_file()
        }


def compare(first: Place, other: Place, how: str) -> None:
    """Stop where two stores differ."""
    one, two = first.store(), other.store()
    different = sorted(name for name in {*one, *two} if one.get(name) != two.get(name))
    if different:
        raise SystemExit(
            f"{how}: {len(different)} of {len(one)} files differ, such as {different[0]}"
        )
    print(f"{how}: {len(one)} files, every byte the same", flush=True)
    shutil.rmtree(other.folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--other", help="python of another checkout's environment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        first = Place(root, "first")
        first.run()
        again = Place(root, "again")
        again.run()
        compare(first, again, "once more, in a fresh process and folder")
        two = Place(root, "two")
        two.run("run", "same.yaml", "--workers", "2")
        compare(first, two, "with two workers")
        first.run("verify", "runs/same", "--rerun")
        killed = Place(root, "killed")
        for step in ("network", "cnn"):  # in the order in which they are trained
            for epoch in (1, 2, 3):
                assert killed.killed_after(f"{step} training: epoch {epoch}"), (
                    f"{step}: epoch {epoch} was not shown"
                )
        killed.run()
        compare(first, killed, "killed after every epoch of both trainings")
        if options.other:
            other = Place(root, "other", options.other)
            other.run()
            compare(first, other, f"by {options.other}")


if __name__ == "__main__":
    main()
