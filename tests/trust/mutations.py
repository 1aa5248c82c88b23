"""Small damages to texts, as editors, programs, transfers and ill will make them."""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBERS = (
    "0",
    "-1",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "99999999999",
    "0x10",
    "1_0",
    "1,5",
    "٣",
    "?",
    ".",
    "1.7",
)
WORDS = (
    "", "true", "null", "~", "[]", "{}", "!!python/object/apply:os.system [x]", "&a [*a]", "<<: *a", "../../x", "</script>",
    "\x1b[31m", "\u202e", "\ufeff", "\0", "'", '"', "#", "data_", "loop_", ";", "_atom_site_label", "ITEM: ATOMS", "Xx", "H",
    "D", "T T F", "Properties=", "Lattice=", "pbc=", "x,y,z", "-x,-y,z", "1/0", "__import__('os')", "\r", "\t", "é", "𝔘",
)  # fmt: skip
NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?")


def mutated(text: str, others: list[str], rng: random.Random) -> str:
    """A text with one to four damages."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = rng.choice(DAMAGES)(text, others, rng)
    return text


def _number(text: str, others: list[str], rng: random.Random) -> str:
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    place = rng.choice(found)
    new = rng.choice((*NUMBERS, "-" + place[0], place[0] + "0", place[0][:-1]))
    return text[: place.start()] + new + text[place.end() :]


def _word(text: str, others: list[str], rng: random.Random) -> str:
    found = list(re.finditer(r"\S+", text))
    if not found:
        return rng.choice(WORDS)
    place = rng.choice(found)
    donor = re.findall(r"\S+", rng.choice(others)) or [""]
    return (
        text[: place.start()]
        + rng.choice((rng.choice(WORDS), rng.choice(donor)))
        + text[place.end() :]
    )


def _insert(text: str, others: list[str], rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return (
        text[:place]
        + rng.choice((rng.choice(WORDS), rng.choice(NUMBERS), " ", "\n", ":", ","))
        + text[place:]
    )


def _line(text: str, others: list[str], rng: random.Random) -> str:
    lines = text.split("\n")
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(5)
    if what == 0:
        del lines[place]
    elif what == 1:
        lines.insert(other, lines[place])
    elif what == 2:
        lines[place], lines[other] = lines[other], lines[place]
    elif what == 3:
        lines[place] = " " * rng.choice((1, 2, 4)) + lines[place]
    else:
        lines.insert(place, rng.choice(rng.choice(others).split("\n")))
    return "\n".join(lines)


def _cut(text: str, others: list[str], rng: random.Random) -> str:
    one, two = sorted(rng.randrange(len(text) + 1) for _ in "ab")
    return rng.choice(
        (text[:one], text[two:], text[:one] + text[two:], text[:one] + rng.choice(others)[one:])
    )


def _character(text: str, others: list[str], rng: random.Random) -> str:
    if not text:
        return text
    place = rng.randrange(len(text))
    return (
        text[:place]
        + chr(rng.choice((rng.randrange(32, 127), rng.randrange(1, 0x2FF))))
        + text[place + 1 :]
    )


def _swell(text: str, others: list[str], rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return (
        text[:place]
        + rng.choice(("[", "{a: ", "9", "(", "- ", " ", "\n")) * rng.choice((10, 300, 20_000))
        + text[place:]
    )


DAMAGES = (*[_number, _word, _insert, _line, _character] * 4, _cut, _cut, _swell)


class TooSlow(Exception):
    """More than the time that anybody would wait for a refusal."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block after a time of CPU."""

    def stop(number: int, frame: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@dataclass(frozen=True)
class Outcome:
    """What became of one damaged text."""

    text: str
    suffix: str
    taken: bool
    fault: str
    """empty when it is treated as it should be"""


def fuzz(count: int, attempt: Callable[[random.Random], Outcome]) -> None:
    """Command line of a fuzzer: `--count`, `--seed`; keeps what is treated wrongly in the temporary folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, taken, wrong = random.Random(options.seed), 0, 0
    for number in range(options.count):
        outcome = attempt(rng)
        taken += outcome.taken
        if outcome.fault:
            wrong += 1
            kept = Path(tempfile.gettempdir(), f"fuzz-{options.seed}-{number}{outcome.suffix}")
            kept.write_bytes(outcome.text.encode(errors="replace"))
            print(f"{kept}: {outcome.fault}", flush=True)
    print(
        f"{options.count} damaged files: {taken} read, {options.count - taken} refused, {wrong} wrong"
    )
    raise SystemExit(bool(wrong))
