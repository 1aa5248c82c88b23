"""One worker against two on a descriptor step, as whole commands: wall seconds, in turn, on two free cores.

.venv/bin/python plugins/diffraction-fingerprint/benchmarks/two_workers.py              # 1,200 rows, three times
.venv/bin/python plugins/diffraction-fingerprint/benchmarks/two_workers.py --rows 5000

Each command begins with the structures in the store and makes the fingerprints anew. The seconds of
the step are those that the run notes of itself (from its first shard to the published table); those
of the command include its start.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from step_overhead import PIPELINE, SOURCE


def once(workers: int) -> tuple[float, float]:
    """Wall seconds of the step and of the command."""
    for entry in Path(".structkit/store").glob("*/*/image.npy"):
        shutil.rmtree(entry.parent)
    started = time.monotonic()
    command = [sys.executable, "-m", "structkit", "run", "many.yaml", "--workers", str(workers)]
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - started
    steps = json.loads(Path("runs/many/provenance.json").read_text())["steps"]
    return next(fact["seconds"] for fact in steps if fact["work"] == "descriptor"), seconds


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_200)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    os.environ["STRUCTKIT_BLOCK"] = "structkit-html-report"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("many.py").write_text(SOURCE)
        Path("many.yaml").write_text(PIPELINE.format(rows=options.rows))
        once(1)
        rows = [(once(1), once(2)) for _ in range(options.times)]
    for place, what in enumerate(("step", "command")):
        one, two = (statistics.median(row[workers][place] for row in rows) for workers in (0, 1))
        print(
            f"{options.rows:,} rows, {what}: one worker {one:.2f} s, two {two:.2f} s, {one / two:.2f} times"
        )


if __name__ == "__main__":
    main()
