"""CPU time that two hundred installed plugins add to `structkit --help`, side by side in turns.

.venv/bin/python tests/benchmarks/many_plugins.py
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT, ROUNDS = 200, 15


def install(site: Path) -> None:
    """Fake distributions with an entry point each."""
    for number in range(COUNT):
        name = f"many_{number:03d}"
        (site / f"{name}.py").write_text("raise RuntimeError('imported')\n")
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[structkit]\n{name} = {name}\n")


def cpu(path: str) -> float:
    """CPU milliseconds of `structkit --help`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "structkit", "--help"]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the medians and their difference."""
    with tempfile.TemporaryDirectory() as site:
        install(Path(site))
        pairs = [(cpu(""), cpu(site)) for _ in range(ROUNDS)]
    without, with_ = (statistics.median(column) for column in zip(*pairs, strict=True))
    gap = statistics.median(b - a for a, b in pairs)
    print(
        f"--help: {without:.0f} ms alone, {with_:.0f} ms with {COUNT} plugins; median difference {gap:.1f} ms of CPU"
    )


if __name__ == "__main__":
    main()
