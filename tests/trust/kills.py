"""Kill whole runs at random moments, workers and all that they do included; then start several at once.

.venv/bin/python tests/trust/kills.py                        # 100 kills, 20 folders taken away, races of 2 to 8
.venv/bin/python tests/trust/kills.py --kills 6 --racers 3   # a slice, as in the test suite

The runs are processes of their own. Every other kill hits a run with two workers, which must not outlive it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ground import Ground


def start(ground: Ground, *arguments: str) -> subprocess.Popen[str]:
    """Start `structkit run toy.yaml ARGUMENTS`."""
    command = [sys.executable, "-m", "structkit", "run", "toy.yaml", *arguments]
    return subprocess.Popen(
        command, cwd=ground.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def takes(ground: Ground, *arguments: str) -> float:
    """Seconds of a whole run."""
    ground.clean()
    began = time.monotonic()
    assert start(ground, *arguments).wait() == 0
    return time.monotonic() - began


def children(parent: int) -> list[int]:
    """Processes that a process has started."""
    found = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in found.read_text().split()] if found.exists() else []


def alive(process: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def killed(ground: Ground, count: int, rng: random.Random) -> None:
    """Kill again and again; from time to time look whether the run then finishes as an undisturbed one does."""
    workers = [("--workers", "1"), ("--workers", "2")]
    length = [takes(ground, *words) for words in workers]
    ground.clean()
    for number in range(count):
        process = start(ground, *workers[number % 2])
        time.sleep(rng.uniform(0.2, 1) * length[number % 2])
        family = children(process.pid)
        process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
        deadline = time.monotonic() + 5
        while any(map(alive, family)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not any(map(alive, family)), "a worker outlives its run"
        if rng.random() < 0.2 or number == count - 1:
            ground.check()
            ground.clean()
            print(f"killed {number + 1} times", flush=True)


def raced(ground: Ground, count: int, one_folder: bool) -> None:
    """Start several at once on one run folder, or on one store; all that end well agree, the others say who holds it."""
    ground.clean()
    places = (
        [()] * count if one_folder else [("--out", f"runs/{number}") for number in range(count)]
    )
    racers = [start(ground, *place) for place in places]
    ended = [(racer.communicate()[0], racer.returncode) for racer in racers]
    codes = sorted(code for _, code in ended)
    assert codes[0] == 0 and set(codes) <= ({0, 5} if one_folder else {0}), ended
    pids = [str(racer.pid) for racer in racers]
    for text, code in ended:
        assert code == 0 or ("R002" in text and any(f"pid {pid} " in text for pid in pids)), text
    ground.check()
    print(
        f"{count} at once on one {'folder' if one_folder else 'store'}: {codes.count(5)} refused",
        flush=True,
    )


def taken(ground: Ground, count: int, rng: random.Random) -> None:
    """Take the run folder away at a random moment: the run ends well or in one sentence, and the next one is whole."""
    ground.clean()
    length = takes(ground)
    told = 0
    for _ in range(count):
        ground.clean()
        process = start(ground)
        time.sleep(rng.uniform(0.2, 1) * length)
        shutil.rmtree(ground.folder / "runs", ignore_errors=True)
        text, _ = process.communicate()
        assert process.returncode in (0, 4, 6) and "Traceback" not in text and "I005" not in text, (
            text
        )
        told += "R009" in text
        ground.check()
    print(f"{count} run folders taken away: {told} told of it", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--taken", type=int, default=20)
    parser.add_argument("--racers", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder))
        killed(ground, options.kills, random.Random(0))
        taken(ground, options.taken, random.Random(0))
        for count in range(2, options.racers + 1):
            raced(ground, count, one_folder=True)
            raced(ground, count, one_folder=False)
    print(f"{options.kills} kills, races of 2 to {options.racers}: all results as undisturbed")


if __name__ == "__main__":
    main()
