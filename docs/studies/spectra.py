"""Powder patterns, measured and simulated, recognised and taken apart; writes spectra.md.

.venv/bin/python docs/studies/spectra.py ../shared/data            # all of it, one part after the other
.venv/bin/python docs/studies/spectra.py ../shared/data films      # one part again; the others as they were
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import spectra_chosen as choosing
import spectra_classes as classes
import spectra_films as films
import spectra_guards as guards
import spectra_mixtures as mixtures
import spectra_names as names
import torch

HERE = Path(__file__).parent
KEPT = Path("runs") / "spectra-study"  # what each part found
NOTE = "<!-- made by spectra.py from spectra_text.md: change those, not this file -->"
Part = tuple[str, list[str]]  # a marker of the text, and what stands in its place


def page(data: Path, wanted: Sequence[str]) -> str:
    """The page, with every marker of the text filled in.

    Args:
        data: the folder of the shared data.
        wanted: parts to compute; of the others what was kept is taken.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        found = {marker: "\n".join(lines) for marker, lines in PARTS[name](data)}
        (KEPT / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
        print(f"{name}: {time.process_time():.0f} s of one core", flush=True)
    text = (HERE / "spectra_text.md").read_text(encoding="utf-8")
    for name in PARTS:
        if (KEPT / f"{name}.json").exists():
            for marker, lines in json.loads((KEPT / f"{name}.json").read_text()).items():
                text = text.replace("{" + marker + "}", lines)
    return f"{NOTE}\n\n{text}"


def _mixtures(data: Path) -> Iterator[Part]:
    run = mixtures.run_of(data / "spectra")
    yield "weighed", list(mixtures.scores(run))
    yield "weighed_lines", list(mixtures.lines(run))
    yield "named", list(mixtures.named(run))
    yield "simulated", list(mixtures.told(mixtures.simulated()))


def _films(data: Path) -> Iterator[Part]:
    folder = data / "spectra" / "autoxrd_perovskite" / "Datasets" / "Experimental"
    found = films.trained(folder)
    count = f"{len(found.table)} films in {len(set(found.table.groups))} families"
    yield "films_count", [f"{count}; {len(found.library)} simulated patterns for each network."]
    pool = choosing.pool_of(found)
    row, most = choosing.chosen(pool, found)
    yield "films", [*films.table(found), row]
    yield "films_chosen", [most.strip()]
    yield "films_tried", list(choosing.everything(pool, found))
    yield "films_classes", list(films.by_class(found))
    judged = guards.guarded(found)
    yield "films_verdicts", list(guards.verdicts(judged))
    yield "films_refusing", list(guards.refusing(judged))


def _names(data: Path) -> Iterator[Part]:
    folder = data / "spectra" / "autoxrd_perovskite" / "Datasets" / "Experimental"
    yield "names", list(names.table(films.films(folder)))


def _classes(data: Path) -> Iterator[Part]:
    rows = classes.patterns(classes.crystals(data))
    yield "classes_count", [classes.counted(rows)]
    yield "systems", list(classes.table(classes.answers(rows, "system")))
    some = classes.well_known(rows)
    yield "groups_count", [classes.counted_groups(some)]
    yield "groups", list(classes.table(classes.answers(some, "group")))


PARTS = {"mixtures": _mixtures, "films": _films, "names": _names, "classes": _classes}

if __name__ == "__main__":
    torch.set_num_threads(1)
    text = page(Path(sys.argv[1]), sys.argv[2:] or list(PARTS))
    (HERE / "spectra.md").write_text(text, encoding="utf-8")
