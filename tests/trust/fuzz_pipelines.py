"""Damaged pipeline files: each is accepted or refused with a code and a place, within two seconds, never with a traceback.

.venv/bin/python tests/trust/fuzz_pipelines.py               # 100,000 files
.venv/bin/python tests/trust/fuzz_pipelines.py --count 1000  # a slice, as in the test suite

The seeds are the examples, the pipelines of the studies, and the bad ones of the test suite. What is accepted is written out
with every default, and must be accepted again as the same pipeline.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import traceback
from pathlib import Path
from unittest import mock

from mutations import limited, mutated

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import PIPELINE, TOY
from test_spec_errors import CASES

from structkit.errors import SpecError, StructkitError
from structkit.pipeline import check as checking
from structkit.pipeline.spec import load
from structkit.plugins.loading import discover
from structkit.running.resolved import resolved_text

ROOT = Path(__file__).parents[2]


def seeds() -> tuple[list[str], list[str]]:
    """Good texts and bad ones."""
    files = [*ROOT.glob("examples/*.yaml"), ROOT / "docs/studies/glasses.yaml"]
    good = [PIPELINE, *(path.read_text() for path in sorted(files))]
    return good, [case[0] for case in CASES.values() if isinstance(case[0], str)]


def fault(path: Path, folder: Path, outcomes: dict[str, int]) -> str:
    """What is wrong with how a file is treated; empty when nothing is."""
    outcomes["refused"] += 1
    try:
        with limited(2):
            pipeline = checking.check(load(path))
            text = resolved_text(pipeline)
    except SpecError as error:
        places = [problem.where for problem in error.problems]
        return "" if all(places) and all(p.code for p in error.problems) else f"no place: {error}"
    except StructkitError as error:
        return "" if all(problem.code for problem in error.problems) else str(error)
    except BaseException:
        return traceback.format_exc()
    outcomes["refused"] -= 1
    outcomes["accepted"] += 1
    again = folder / "again.yaml"
    again.write_text(text)
    try:
        return "" if resolved_text(checking.check(load(again))) == text else "its resolved file means something else"
    except StructkitError as error:
        return f"its resolved file is refused: {error}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, (good, odd) = random.Random(options.seed), seeds()
    bad, registries, outcomes = [], {}, {"accepted": 0, "refused": 0}

    def once(loose=()):  # noqa: ANN001, ANN202  # loading all plugins takes half a second
        names = tuple(map(str, loose))
        if names not in registries:
            registries[names] = discover(loose)
        return registries[names]

    with tempfile.TemporaryDirectory() as name, mock.patch.object(checking, "discover", once):
        folder = Path(name)
        os.chdir(folder)
        (folder / "toy_plugin.py").write_text(TOY.read_text())
        for number in range(options.count):
            text = mutated(rng.choice(good if rng.random() < 0.8 else odd), odd if rng.random() < 0.5 else good, rng)
            path = folder / "case.yaml"
            path.write_bytes(text.encode(errors="replace"))
            if found := fault(path, folder, outcomes):
                kept = Path(tempfile.gettempdir(), f"fuzz-{options.seed}-{number}.yaml")
                kept.write_bytes(path.read_bytes())
                bad.append(f"{kept}: {found}")
    os.chdir(ROOT)
    print(
        *bad,
        f"{options.count} damaged pipelines: {outcomes['accepted']} accepted, {outcomes['refused']} refused, {len(bad)} wrong",
        sep="\n",
    )
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
