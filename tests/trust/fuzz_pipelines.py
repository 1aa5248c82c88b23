"""Damaged pipeline files: each is accepted or refused with a code and a place, within two seconds, never with a traceback.

.venv/bin/python tests/trust/fuzz_pipelines.py               # 100,000 files
.venv/bin/python tests/trust/fuzz_pipelines.py --count 1000  # a slice, as in the test suite

The seeds are the examples, the pipelines of the studies, and the bad ones of the test suite. What is accepted is written out
with every default, and must be accepted again as the same pipeline.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import traceback
from pathlib import Path
from unittest import mock

from mutations import Outcome, fuzz, limited, mutated

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of test_spec_errors.py
sys.path.insert(0, str(Path(__file__).parents[2]))  # the folder of conftest.py

from test_spec_errors import CASES

from conftest import PIPELINE, TOY
from structkit.discovery.loading import discover
from structkit.engine.resolved import resolved_text
from structkit.errors import SpecError, StructkitError
from structkit.pipeline import check as checking
from structkit.pipeline.spec import load

ROOT = Path(__file__).parents[2]


def seeds() -> tuple[list[str], list[str]]:
    """Good texts and bad ones."""
    files = [*ROOT.glob("examples/*.yaml"), ROOT / "docs/studies/glasses.yaml"]
    good = [PIPELINE, *(path.read_text() for path in sorted(files))]
    return good, [case[0] for case in CASES.values() if isinstance(case[0], str)]


def treated(path: Path, folder: Path) -> tuple[bool, str]:
    """Whether a file is accepted, and what is wrong with that or with the refusal; empty when nothing is."""
    try:
        with limited(2):
            pipeline = checking.check(load(path))
            text = resolved_text(pipeline)
    except SpecError as error:
        places = [problem.where for problem in error.problems]
        return False, "" if all(places) and all(
            p.code for p in error.problems
        ) else f"no place: {error}"
    except StructkitError as error:
        return False, "" if all(problem.code for problem in error.problems) else str(error)
    except BaseException:
        return False, traceback.format_exc()
    again = folder / "again.yaml"
    again.write_text(text)
    try:
        same = resolved_text(checking.check(load(again))) == text
        return True, "" if same else "its resolved file means something else"
    except StructkitError as error:
        return True, f"its resolved file is refused: {error}"


def main() -> None:
    """Command line."""
    good, odd = seeds()
    registries = {}

    def once(loose=(), permit=None):  # noqa: ANN001, ANN202  # loading all plugins takes half a second
        names = tuple(map(str, loose))
        if names not in registries:
            registries[names] = discover(loose, permit)
        return registries[names]

    with tempfile.TemporaryDirectory() as name, mock.patch.object(checking, "discover", once):
        folder = Path(name)
        os.chdir(folder)
        (folder / "toy_plugin.py").write_text(TOY.read_text())
        path = folder / "case.yaml"

        def attempt(rng: random.Random) -> Outcome:
            text = mutated(
                rng.choice(good if rng.random() < 0.8 else odd),
                odd if rng.random() < 0.5 else good,
                rng,
            )
            path.write_bytes(text.encode(errors="replace"))
            return Outcome(text, path.suffix, *treated(path, folder))

        try:
            fuzz(100_000, attempt)
        finally:
            os.chdir(ROOT)


if __name__ == "__main__":
    main()
