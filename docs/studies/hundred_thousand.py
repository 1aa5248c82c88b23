"""A hundred thousand crystals from nothing: three sizes are run and watched, the largest killed once on its way.

.venv/bin/python docs/studies/hundred_thousand.py              # goes on when stopped; then writes hundred-thousand.md
.venv/bin/python docs/studies/hundred_thousand.py --page       # only writes the page from what was measured
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
from hundred_thousand_page import write_page
from numpy.typing import NDArray

HERE = Path(__file__).parent
SPEC = HERE / "hundred-thousand.yaml"
PLACE = Path("build/hundred-thousand")
SIZES = (20, 110, 1100)  # crystals of each of seven classes, at 13 levels of damage
KILLED_AFTER = 240.0  # seconds; of the largest run
EVERY = 0.5  # seconds between two looks at the processes


def measured(per_class: int) -> dict[str, Any]:
    """One size run from nothing, its processes watched; what had been measured before is read."""
    folder = PLACE / str(per_class)
    record = folder / "measured.json"
    if record.exists():
        known: dict[str, Any] = json.loads(record.read_text())
        return known
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(SPEC, folder / SPEC.name)
    limit = KILLED_AFTER if per_class == max(SIZES) else None
    parts = [watched(folder, per_class, limit)] if limit else []
    parts.append(watched(folder, per_class, None))
    found = {
        "per_class": per_class,
        "wall": sum(part["wall"] for part in parts),
        "cpu": sum(part["cpu"] for part in parts),
        "memory": max(part["memory"] for part in parts),
        "own": max(part["own"] for part in parts),
        "bytes": sum(path.stat().st_size for path in (folder / ".structkit").rglob("*.npy")),
        "killed": len(parts) > 1,
        "load": psutil.getloadavg()[2],
    }
    record.write_text(json.dumps(found, indent=1))
    return found


def watched(folder: Path, per_class: int, limit: float | None) -> dict[str, float]:
    """Wall seconds, processor seconds and peak memory of a run and all its processes.

    Args:
        folder: where it runs.
        per_class: crystals of each class.
        limit: seconds after which it is killed with SIGKILL, or None.
    """
    command = [sys.executable, "-m", "structkit", "run", SPEC.name, "--workers", "2"]
    command += ["--set", f"steps.crystals.with.per_class={per_class}"]
    begun = time.monotonic()
    cpu: dict[int, float] = {}
    most = np.zeros(2)
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        while process.poll() is None:
            most = np.maximum(most, look(process.pid, cpu))
            if limit and time.monotonic() - begun > limit:
                process.kill()
            time.sleep(EVERY)
    if process.returncode not in (0, -9):
        raise SystemExit(f"{folder}/log: the run ended with {process.returncode}")
    memory, own = most.tolist()
    wall = time.monotonic() - begun
    return {"wall": wall, "cpu": sum(cpu.values()), "memory": memory, "own": own}


def look(pid: int, cpu: dict[int, float]) -> NDArray[np.float64]:
    """The memory that a process and its children have now, in bytes: all, and what no file holds.

    Pages of mapped files are given back as soon as somebody else needs room. A page that several
    processes share counts once (PSS). Their processor time is noted in `cpu`.
    """
    memory = np.zeros(2)
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return memory
    for one in family:
        try:
            times = one.cpu_times()
            cpu[one.pid] = times.user + times.system
            memory += _shares(one.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return memory


def _shares(pid: int) -> NDArray[np.float64]:
    """`Pss` and `Pss_Anon` of a process, in bytes."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, _, words = line.partition(":")
        sizes[name] = 1024 * float(words.split()[0])
    return np.array([sizes["Pss"], sizes["Pss_Anon"]])


def main() -> None:
    """Run the three sizes, then write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--page", action="store_true", help="only write the page")
    if not words.parse_args().page:
        for per_class in SIZES:
            print(json.dumps(measured(per_class)), flush=True)
    write_page([measured(size) for size in SIZES], PLACE / str(max(SIZES)) / "runs" / SPEC.stem)


if __name__ == "__main__":
    main()
