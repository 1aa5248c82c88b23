"""Settings arrive at a component as they were read from the file, once, or are refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from structkit.discovery.travelling import dumped, lost
from structkit.engine.jobs import build_jobs
from structkit.pipeline.check import check
from structkit.pipeline.spec import load

pytestmark = pytest.mark.members

DOUBLED = """from pydantic import field_validator
@field_validator('number')
@classmethod
def _twice(cls, value):
    return 2 * value
"""
LOST = {
    "a validator that multiplies": (DOUBLED, "number: 3", "number"),
    "a validator of the whole": ("from pydantic import model_validator\n@model_validator(mode='after')\ndef _more(self):\n    object.__setattr__(self, 'number', self.number + 1)\n    return self", "number: 3", "number"),
    "a validator before": ("from pydantic import field_validator\n@field_validator('number', mode='before')\n@classmethod\ndef _one(cls, value):\n    return value + 1", "number: 3", "number"),
    "a serializer that rounds": ("from pydantic import field_serializer\nwidth: float = 1.0\n\"\"\"x\"\"\"\n@field_serializer('width')\ndef _short(self, value):\n    return round(value, 1)", "width: 0.123", "width"),
    "a serializer of another sort": ("from pydantic import field_serializer\nwidth: float = 1.0\n\"\"\"x\"\"\"\n@field_serializer('width')\ndef _text(self, value):\n    return f'{value} A'", "width: 2.0", "width"),
    "a word that grows": ("from pydantic import field_validator\nword: str = 'x'\n\"\"\"x\"\"\"\n@field_validator('word')\n@classmethod\ndef _end(cls, value):\n    return value + '!'", "word: why", "word"),
    "something private": ("from pydantic import PrivateAttr\n_drawn: float = PrivateAttr(default_factory=random.random)", "number: 3", "_drawn"),
    "a list that is sorted backwards each time": ("from pydantic import field_validator\nmany: tuple[int, ...] = (1, 2)\n\"\"\"x\"\"\"\n@field_validator('many')\n@classmethod\ndef _turn(cls, value):\n    return value[::-1]", "many: [1, 2, 3]", "many"),
}  # fmt: skip
NEVER = {
    "an excluded field": "width: float = Field(1.0, exclude=True)\n\"\"\"x\"\"\"",
    "a secret": "word: SecretStr = SecretStr('x')\n\"\"\"x\"\"\"",
    "a secret that may be none": "word: SecretStr | None = None\n\"\"\"x\"\"\"",
    "secret bytes": "word: SecretBytes = SecretBytes(b'x')\n\"\"\"x\"\"\"",
    "several secrets": "word: tuple[SecretStr, ...] = ()\n\"\"\"x\"\"\"",
}  # fmt: skip
WHOLE = {
    "a set": ("words: set[str] = {'x'}\n\"\"\"x\"\"\"", "words: [gamma, alpha, beta, delta]"),
    "a frozen set": ("words: frozenset[str] = frozenset()\n\"\"\"x\"\"\"", "words: [gamma, alpha, beta]"),
    "sets in a list": ("many: list[set[str]] = []\n\"\"\"x\"\"\"", "many: [[gamma, alpha, beta], [b, a]]"),
    "sets in a mapping": ("by: dict[str, set[str]] = {}\n\"\"\"x\"\"\"", "by: {z: [gamma, alpha, beta], a: [b, c, a]}"),
    "a path": ("place: Path = Path('x')\n\"\"\"x\"\"\"", "place: some/file"),
    "a computed field": ("from pydantic import computed_field\n@computed_field\n@property\ndef double(self) -> int:\n    return 2 * self.number", "number: 3"),
    "a validator that changes nothing twice": ("from pydantic import field_validator\nword: str = 'x'\n\"\"\"x\"\"\"\n@field_validator('word')\n@classmethod\ndef _low(cls, value):\n    return value.lower()", "word: WHY"),
    "a validator that sorts": ("from pydantic import field_validator\nmany: tuple[int, ...] = (1, 2)\n\"\"\"x\"\"\"\n@field_validator('many')\n@classmethod\ndef _sort(cls, value):\n    return tuple(sorted(value))", "many: [3, 1, 2]"),
}  # fmt: skip


def write(hostile, lines, words):
    hostile.write("settings", lines)
    text = Path("p.yaml").read_text()
    Path("p.yaml").write_text(text.replace("{use: copy, ", f"{{use: copy, with: {{{words}}}, "))


@pytest.mark.parametrize("case", LOST)
def test_settings_that_would_arrive_as_others_are_refused(case, hostile):
    lines, words, field = LOST[case]
    write(hostile, lines, words)
    for verb in (("validate",), ("plan",), ("run",), ("run", "--workers", "2")):
        result = hostile.quick(verb[0], "p.yaml", *verb[1:])
        told = f"p.yaml:7: P019 settings of copy: '{field}' does not come back"
        assert result.code == 2 and told in result.err, result
    assert not Path("runs").exists()


@pytest.mark.parametrize("case", NEVER)
def test_fields_that_are_never_written_are_refused_where_they_are_declared(case, hostile):
    hostile.write("settings", NEVER[case])
    result = hostile.quick("validate", "p.yaml")
    assert result.code == 2 and "P019" in result.err and "component 'copy': 'w" in result.err, (
        result
    )


def test_a_check_finds_defaults_that_do_not_come_back(hostile):
    hostile.write("settings", DOUBLED + "\n@field_validator('number')\n@classmethod\ndef _again(cls, value):\n    return 2 * value\nmodel_config = {'validate_default': True}")  # fmt: skip
    result = hostile.quick("plugins", "check", "hostile.py")
    assert result.code == 4 and "P019 settings of copy: 'number'" in result.err, result


@pytest.mark.parametrize("case", WHOLE)
def test_settings_that_come_back_are_taken(case, hostile):
    lines, words = WHOLE[case]
    write(hostile, lines, words)
    pipeline = check(load(Path("p.yaml"), ()))
    settings = pipeline.steps["copies"].settings
    assert lost(settings) == "" and dumped(settings) == dumped(settings)
    (job,) = [job for job in build_jobs(pipeline).jobs if job.step == "copies"]
    assert json.loads(job.component.settings) == job.ingredients["settings"] == dumped(settings)


KEYS = """
from pathlib import Path
from structkit.pipeline.check import check
from structkit.pipeline.spec import load
from structkit.engine.jobs import build_jobs
pipeline = check(load(Path('p.yaml'), ()))
settings = pipeline.steps['copies'].settings
print([job.key for job in build_jobs(pipeline).jobs], [list(value) for name, value in settings if name == 'words'])
"""


@pytest.mark.parametrize("case", [case for case in WHOLE if "set" in case])
def test_keys_and_the_order_of_sets_are_those_of_every_process(case, hostile):
    write(hostile, *WHOLE[case])
    told = set()
    for seed in range(5):
        env = {**os.environ, "PYTHONHASHSEED": str(seed)}
        done = subprocess.run([sys.executable, "-c", KEYS], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        told.add(done.stdout)
    assert len(told) == 1


def test_settings_that_a_component_changes_are_its_own(hostile):
    lines = 'many: list[int] = [1]\n"""x"""'
    write(hostile, lines, "many: [1, 2]")
    text = Path("hostile.py").read_text()
    text = text.replace(
        "settings=Words, summary", 'settings=Words, chance=f"{HERE}:chance", summary'
    )
    text += "\n\ndef chance(settings):\n    settings.many.append(3)\n    return False\n"
    Path("hostile.py").write_text(text)
    pipeline = check(load(Path("p.yaml"), ()))
    before = dumped(pipeline.steps["copies"].settings)
    build_jobs(pipeline)
    assert dumped(pipeline.steps["copies"].settings) == before
