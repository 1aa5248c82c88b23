"""What the `store` verbs do."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from structkit.cli.output import RUNS, say
from structkit.errors import IntegrityError, Problem
from structkit.store.entries import entry_record
from structkit.store.store import home_store
from structkit.upkeep.garbage import collect


def list_store(as_json: bool) -> None:
    """`structkit store list`."""
    store = home_store()
    keys, found = store.keys(), []
    for key in keys:
        record = entry_record(store.folder(key))
        size = sum(facts["bytes"] for facts in record["files"].values())
        found.append({"key": key, "made_by": _maker(record["ingredients"]), "bytes": size})
    if as_json:
        say(json.dumps(found, indent=1))
        return
    for line in found:
        say(f"{line['key'][:12]}  {line['bytes'] / 2**20:9.1f} MiB  {line['made_by']}")
    say(
        f"{len(found)} results, {sum(line['bytes'] for line in found) / 2**20:.1f} MiB in {store.root}"
    )


def _maker(ingredients: dict[str, Any]) -> str:
    return str(
        ingredients.get("component") or ("predictions" if "predict" in ingredients else "scores")
    )


def verify_store() -> None:
    """`structkit store verify`."""
    store = home_store()
    bad: list[Problem] = []
    keys = store.keys()
    for key in keys:
        try:
            store.open(key)
        except IntegrityError as error:
            bad.extend(error.problems)
    if bad:
        raise IntegrityError(*bad)
    say(f"{len(keys)} results, every byte as written")


def collect_garbage(dry: bool, as_json: bool) -> None:
    """`structkit store gc`."""
    found = collect(home_store(), RUNS, dry)
    if as_json:
        say(json.dumps(dataclasses.asdict(found), indent=1))
        return
    removed = len(found.entries), len(found.partial), len(found.damaged)
    verb = "would remove" if dry else "removed"
    counts = "{} results, {} unfinished, {} damaged".format(*removed)
    say(f"{verb} {counts} ({found.freed / 2**20:.1f} MiB); {found.kept} results are in use")
