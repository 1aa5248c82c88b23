"""Slices of the commands in tests/trust, which stop, damage and race real runs and damage files; each command's text says what it does."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TRUST = Path(__file__).parent / "trust"


@pytest.mark.parametrize(
    "command",
    [
        "write_points.py --every 1000",
        # kills, flipped bits and races are tested beside this, by `structkit selftest`
        "kills.py --kills 1 --taken 2 --racers 1",
        pytest.param("bit_flips.py --count 10", marks=pytest.mark.thorough),
        pytest.param("kills.py --kills 3 --taken 2 --racers 3", marks=pytest.mark.thorough),
        "fuzz_structures.py --count 500",
        "fuzz_pipelines.py --count 500",
        "fuzz_records.py --count 8",
    ],
)
def test_a_slice_of(command):
    name, *arguments = command.split()
    done = subprocess.run(
        [sys.executable, TRUST / name, *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(
        ("all results as undisturbed", "made again", " 0 wrong")
    )
