"""What a row can hold, in one file: sequences of letters, and a source and a transform of them."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from structkit import Item, Source, Task, Transform, hookimpl
from structkit.data.rows import Row

STRUCTKIT_API = 1
HERE = __name__


@dataclass(frozen=True)
class Sequence:
    """A polymer as letters."""

    id: str
    letters: str
    label: str | None = None
    group: str | None = None
    meta: dict = field(default_factory=dict)
    targets: dict = field(default_factory=dict)


class SequenceItem:
    """Letters as bytes, ragged."""

    sample = Sequence
    ragged = ("letters",)

    def __init__(self, holds, ragged=()):
        self.holds = holds

    def to_row(self, sample):
        letters = np.frombuffer(sample.letters.encode(), np.uint8)
        row = Row(sample.id, sample.label, sample.group or sample.id, meta=dict(sample.meta))
        return row, {
            "letters": letters,
            "vector": np.bincount(letters, minlength=128)[65:91].astype(float),
        }

    def arrays(self, table, index):
        return {name: table.item(name, index) for name in ("letters", "vector")}

    def to_sample(self, row, arrays):
        return Sequence(
            row.id, arrays["letters"].tobytes().decode(), row.label, row.group, dict(row.meta)
        )

    def is_unchanged(self, sample, arrays):
        return sample.letters.encode() == arrays["letters"].tobytes()

    def own(self, sample):
        return sample

    def content(self, arrays):
        return hashlib.sha256(arrays["letters"].tobytes()).hexdigest()[:32]

    def fault(self, arrays):
        return "" if len(arrays["letters"]) else "gave a sequence without letters"


class Polymers:
    def tasks(self):
        return [Task(f"{kind}{i}", {"kind": kind, "i": i}) for kind in "ab" for i in range(8)]

    def samples(self, task, rng):
        letters = ("AAAB" if task.params["kind"] == "a" else "BBBC") * (2 + task.params["i"])
        yield Sequence(task.id, letters, task.params["kind"], task.id)


class Reversed:
    def __call__(self, sample, rng):
        yield Sequence(sample.id, sample.letters[::-1])


@hookimpl
def structkit_items():
    yield Item(name="sequence", build=f"{HERE}:SequenceItem", summary="letters of a polymer")


@hookimpl
def structkit_sources():
    yield Source(name="polymers", makes="sequence", build=f"{HERE}:Polymers", summary="letters")


@hookimpl
def structkit_transforms():
    yield Transform(
        name="reversed", reads="sequence", build=f"{HERE}:Reversed", summary="letters backwards"
    )
