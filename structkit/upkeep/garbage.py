"""`structkit store gc`: results that no run folder uses any more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from structkit.run import MARK
from structkit.store.files import read_sealed
from structkit.store.inside import remove
from structkit.store.reading import names_in
from structkit.store.run_contents import RunContents
from structkit.store.store import Store


@dataclass(frozen=True)
class Garbage:
    """What no run uses.

    Args:
        entries: keys of finished results.
        partial: keys of unfinished work.
        damaged: keys of results that were set aside.
        kept: how many results some run uses.
        freed: bytes of all of them; what a run folder still links stays on the disk.
    """

    entries: tuple[str, ...]
    partial: tuple[str, ...]
    damaged: tuple[str, ...]
    kept: int
    freed: int


def collect(store: Store, runs: Path, dry: bool) -> Garbage:
    """Find what no run uses, and take it away unless `dry`.

    In use is every result of every run folder that this store has served and that is still there,
    finished or not, and of those below `runs`.

    Raises:
        BusyError: R002, a run is going on.
        IntegrityError: R004, the record of a run is damaged: nobody knows what it uses, and nothing
            is removed.
    """
    if not store.root.is_dir():
        return Garbage((), (), (), 0, 0)
    with store.alone():
        used = {key for folder in {*store.served(), *names_in(runs)} for key in _keys(folder)}
        present = store.keys()
        entries = [key for key in present if key not in used]
        partial = sorted(set(store.waiting("partial")) - used)
        damaged = store.waiting("damaged")
        places = [
            *(store.folder(key) for key in entries),
            *(store.unchanged.record(key) for key in entries),
            *(store.root / "partial" / key for key in partial),
            *(store.root / "damaged" / key for key in damaged),
        ]
        freed = sum(
            path.lstat().st_size for place in places for path in place.rglob("*") if path.is_file()
        )
        if not dry:
            for place in places:
                remove(place, strict=True)
            # nobody holds one: we are alone
            remove(store.root / "locks")
    return Garbage(
        tuple(entries), tuple(partial), tuple(damaged), len(present) - len(entries), freed
    )


def _keys(folder: Path) -> list[str]:
    """Keys of all results that a run has or will have."""
    if not (folder / MARK).exists():
        return []
    record = read_sealed(folder / MARK, "R004", RunContents)
    return [job["key"] for job in record["jobs"].values()]
