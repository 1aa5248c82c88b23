"""The self-test passes here in a short form, and fails where something does not hold."""

import random

import pytest

from structkit.errors import IntegrityError
from structkit.upkeep.selftest import checks

pytestmark = pytest.mark.slow


@pytest.fixture
def short(monkeypatch):
    for name, count in {"KILLS": 2, "FLIPS": 2, "RACERS": 2}.items():
        monkeypatch.setattr(checks, name, count)


def test_short_form_passes(short, tmp_path):
    lines = list(checks.checked(tmp_path))
    assert len(lines) == len(checks.CHECKS) and lines[1].startswith(
        "2 flipped bits: every one found"
    )


def test_a_disk_that_forgets_is_named(short, tmp_path):
    ground = checks.Ground(tmp_path)
    ground.right = {**ground.right, "gone": "0"}
    with pytest.raises(IntegrityError, match="I007 results differ"):
        checks.one_store(ground, random.Random(0), 0.0)


def test_a_flip_that_nobody_sees_is_named(short, tmp_path, monkeypatch):
    ground = checks.Ground(tmp_path)
    code = checks.Ground.code
    monkeypatch.setattr(
        checks.Ground, "code", lambda self, *words: 0 if words[0] == "store" else code(self, *words)
    )
    with pytest.raises(IntegrityError, match="I007 a flipped bit in"):
        checks.flips(ground, random.Random(0), 0.0)


@pytest.mark.thorough
def test_where_time_is_short_less_is_done_and_said(tmp_path):
    lines = list(checks.checked(tmp_path, seconds=0.0))
    assert lines[0].startswith("killed 1 (of 12: time was short) times")
    assert lines[1].startswith("1 (of 10: time was short) flipped bits")
    assert len(lines) == len(checks.CHECKS), "nothing is left out"
