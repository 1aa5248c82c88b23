"""The checks, each of which runs real `structkit` processes in a folder of the disk under test."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from structkit.errors import IntegrityError, Problem
from structkit.store.files import file_digest

PIPELINE = """\
structkit: 1
name: selftest
seed: 1
threads: 1
plugins: [{plugin}]
steps:
  boxes: {{use: selftest-boxes}}
  shaken: {{use: selftest-shake, from: boxes}}
  places: {{use: selftest-places, from: [boxes, shaken]}}
"""
KILLS, FLIPS, RACERS = 12, 10, 4
SECONDS = 60.0


@dataclass
class Ground:
    """A folder of the disk under test, and what an undisturbed run leaves there.

    Args:
        folder: holds the pipeline, `.structkit` and `runs`.
    """

    folder: Path

    def __post_init__(self) -> None:
        plugin = Path(__file__).with_name("sample.py")
        (self.folder / "selftest.yaml").write_text(PIPELINE.format(plugin=plugin), encoding="utf-8")
        started = time.monotonic()
        self._must(*self.command)
        self.takes = time.monotonic() - started
        self.right = self.results()
        self.clean()

    @property
    def command(self) -> tuple[str, ...]:
        """The run."""
        return ("run", "selftest.yaml")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `structkit ARGUMENTS`."""
        command = [sys.executable, "-P", "-m", "structkit", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def code(self, *arguments: str) -> int:
        """Exit code of `structkit ARGUMENTS`."""
        return self.start(*arguments).wait()

    def _must(self, *arguments: str) -> None:
        if code := self.code(*arguments):
            raise wrong(f"structkit {' '.join(arguments)} ended with exit code {code}")

    def results(self) -> dict[str, str]:
        """Digests of all files of all results in the store."""
        store = self.folder / ".structkit/store"
        return {
            str(path.relative_to(store)): file_digest(path)
            for path in sorted(store.rglob("*"))
            if path.is_file()
        }

    def clean(self) -> None:
        """Take all results away."""
        for name in (".structkit", "runs", "other"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def finish(self) -> None:
        """Run to the end and compare with the undisturbed run."""
        self._must(*self.command)
        if self.results() != self.right:
            raise wrong("results differ from those of an undisturbed run")


def wrong(what: str) -> IntegrityError:
    """The disk, or the system above it, does not keep what structkit needs."""
    return IntegrityError(Problem("I007", what, fix="keep .structkit and runs on another disk"))


def kills(ground: Ground, rng: random.Random, until: float) -> str:
    """SIGKILL at random moments; the same command then finishes, with the same bytes."""
    times = 0
    while times < KILLS and (not times or time.monotonic() < until):
        times += 1
        process = ground.start(*ground.command)
        time.sleep(rng.uniform(0.2, 1.0) * ground.takes)
        process.kill()
        process.wait()
    ground.finish()
    return (
        f"killed {_of(times, KILLS)} times: the same command finished, all results as undisturbed"
    )


def flips(ground: Ground, rng: random.Random, until: float) -> str:
    """One bit in each of some files; every one is found, and made again."""
    ground.finish()
    files = [
        path for path in sorted((ground.folder / ".structkit/store").rglob("*")) if path.is_file()
    ]
    times = 0
    for path in rng.sample(files, FLIPS):
        if times and time.monotonic() > until:
            break
        times += 1
        data = bytearray(path.read_bytes())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(data))
        if ground.code("store", "verify") != IntegrityError.exit_code:
            raise wrong(f"a flipped bit in {path.name} was not found")
        ground.finish()
    return f"{_of(times, FLIPS)} flipped bits: every one found, its result made again"


def _of(times: int, planned: int) -> str:
    """How often something was done, and how often it was to be where time was short."""
    return str(times) if times == planned else f"{times} (of {planned}: time was short)"


def one_folder(ground: Ground, rng: random.Random, until: float) -> str:
    """Several runs on one folder at once: each ends well or is refused, and at least one ends well."""
    codes = sorted(
        process.wait() for process in [ground.start(*ground.command) for _ in range(RACERS)]
    )
    if codes[0] != 0 or not set(codes) <= {0, 5}:
        raise wrong(f"{RACERS} runs on one folder ended with exit codes {codes}")
    ground.finish()
    refused = codes.count(5)
    return f"{RACERS} at once on one folder: {refused} refused, results as undisturbed"


def one_store(ground: Ground, rng: random.Random, until: float) -> str:
    """Several runs of their own folders on one store at once: all agree."""
    racers = [ground.start(*ground.command, "--out", f"other/{number}") for number in range(RACERS)]
    if codes := [code for code in (process.wait() for process in racers) if code]:
        raise wrong(f"{RACERS} runs on one store: exit codes {codes}")
    ground.finish()
    return f"{RACERS} at once on one store: all agree"


Check = Callable[[Ground, random.Random, float], str]
# with the share of the time at which what is repeated ends; the races are run once, whatever the time
CHECKS: tuple[tuple[Check, float], ...] = (
    (kills, 0.35),
    (flips, 0.75),
    (one_folder, 1.0),
    (one_store, 1.0),
)


def checked(folder: Path, seed: int = 1, seconds: float = SECONDS) -> Iterator[str]:
    """Run all checks in an empty folder; yields a line for each that holds.

    Args:
        folder: on the disk under test.
        seed: of moments and places.
        seconds: after about so many, what is repeated ends; each check is run once at least.

    Raises:
        IntegrityError: I007, what does not hold here.
    """
    ground, rng = Ground(folder), random.Random(seed)  # noqa: S311  # moments and places, no secrets
    began = time.monotonic()
    for check, share in CHECKS:
        yield check(ground, rng, began + share * seconds)
        ground.clean()
