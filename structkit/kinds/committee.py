"""Several models of one sort, each trained with a seed of its own, that speak with one voice.

How far they differ is what more data would mend; what each is unsure of in the same way is not
(Depeweg et al., ICML 2018, section 2; of classes, Houlsby et al., arXiv 1112.5745).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.table import Table
from structkit.randomness import generator, seed_for
from structkit.samples import RunContext
from structkit.store.contents import checked
from structkit.store.files import write_json
from structkit.store.inside import make_folder
from structkit.store.reading import read_json
from structkit.store.result_contents import MembersContents

COUNT = "committee.json"  # beside the trained model of a step with `members`
UNCERTAINTIES = EPISTEMIC, ALEATORIC = "epistemic", "aleatoric"


class Committee:
    """Models of one sort as one model (`structkit.verbs.ModelLike`).

    Args:
        members: untrained, all built alike.
    """

    def __init__(self, members: Sequence[Any]) -> None:
        self.members = list(members)
        if all(callable(getattr(member, "features", None)) for member in self.members):
            self.features = self._features  # the capability, where every member has it

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of the members, which have learnt from the same rows."""
        return tuple(self.members[0].classes)

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train one after the other; the epochs are counted on."""
        before = 0.0
        for number, member in enumerate(self.members):
            last = 0.0
            for record in member.fit(train, valid, _own(context, number)):
                last = float(record.get("epoch", last + 1))
                yield {**record, "epoch": before + last, "member": float(number + 1)}
            before += last

    def predict(self, features: Table) -> Any:
        """The mean of what the members say; of numbers a mapping with the spread beside it."""
        return mean_of([member.predict(features) for member in self.members])

    def _features(self, table: Table) -> Array:
        """Where the members see rows, side by side: (rows, numbers)."""
        return np.concatenate([member.features(table) for member in self.members], axis=1)

    def to(self, device: str) -> None:
        """Move every member that can be moved."""
        for member in self.members:
            if hasattr(member, "to"):
                member.to(device)

    def save(self, folder: Path) -> None:
        """Write each member into a folder of its own."""
        for number, member in enumerate(self.members):
            member.save(make_folder(folder / str(number), new=True))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        for number, member in enumerate(self.members):
            member.load(folder / str(number))


def mean_of(said: Sequence[Any]) -> Any:
    """The mean of what several models say; of numbers a mapping with the spread beside it."""
    if isinstance(said[0], Mapping) or np.ndim(said[0]) == 1:
        return _numbers(said)
    if isinstance(said[0], list):  # of atoms: rows of different lengths
        return [np.mean(rows, axis=0) for rows in zip(*said, strict=True)]
    return np.mean(said, axis=0)


def uncertainty_of(said: Sequence[Any]) -> dict[str, Array]:
    """What of the doubt more data would mend (`epistemic`), and what not (`aleatoric`), (rows) each.

    Of classes in nats: the entropy of the mean is the mean entropy and how far the models differ. Of
    numbers standard deviations, in their unit. Of atoms nothing is said.
    """
    if isinstance(said[0], list):
        return {}
    if isinstance(said[0], Mapping) or np.ndim(said[0]) == 1:
        values, own = _values_and_spreads(said)
        return {EPISTEMIC: values.std(axis=0), ALEATORIC: np.sqrt((own**2).mean(axis=0))}
    from scipy.special import entr

    p = np.asarray(said, dtype=np.float64)
    each = entr(p).sum(axis=2).mean(axis=0)
    whole = entr(p.mean(axis=0)).sum(axis=1)
    return {EPISTEMIC: np.maximum(whole - each, 0.0), ALEATORIC: each}


def assembled(build: Callable[[], Any], members: int) -> Any:
    """A model, or so many of one sort as a committee."""
    return Committee([build() for _ in range(members)]) if members > 1 else build()


def note_members(folder: Path, members: int) -> None:
    """Note beside a trained model of how many it consists, where they are several."""
    if members > 1:
        write_json(folder / COUNT, {"members": members})


def members_in(folder: Path) -> int:
    """Of how many a trained model consists."""
    path = folder / COUNT
    if not path.exists():
        return 1
    return int(checked(read_json(path), MembersContents, path)["members"])


def _own(context: RunContext, number: int) -> RunContext:
    """Of a member: seed, random numbers, and a folder for unfinished work."""
    seed, scratch = seed_for(context.seed, "member", number), context.scratch / f"member-{number}"
    return replace(context, seed=seed, rng=generator(seed), scratch=make_folder(scratch))


def _numbers(said: Sequence[Any]) -> dict[str, Array]:
    """The mean, and the spread of the mixture of all members."""
    values, own = _values_and_spreads(said)
    spread = np.sqrt((own**2).mean(axis=0) + values.var(axis=0))
    return {"value": values.mean(axis=0), "spread": spread}


def _values_and_spreads(said: Sequence[Any]) -> tuple[Array, Array]:
    """Both (members, rows); a spread that a member does not give is zero."""
    given = [answer if isinstance(answer, Mapping) else {"value": answer} for answer in said]
    values = np.asarray([answer["value"] for answer in given], dtype=np.float64)
    zero = np.zeros(values.shape[1])
    return values, np.asarray([answer.get("spread", zero) for answer in given], dtype=np.float64)
