"""What a prediction may promise, over many splits: writes trust.md.

.venv/bin/structkit run docs/studies/trust.yaml                       # the rows, a network and its guard
.venv/bin/python docs/studies/trust.py runs/trust-study [../shared/data]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from trust_rows import glasses, liquids, measured, molecules, prototypes
from trust_splits import MODELS, Fitted, Rows, by_label, evidence, fitted, kept, noticed, summary

from structkit import Row, Table
from structkit.run import Run
from structkit_diffraction_fingerprint import PowderPattern

HERE = Path(__file__).parent
SEEDS = 20
LEARNT = ("pristine", "damaged")
KEPT: tuple[str, ...] = (
    "error",
    "error of the surer half",
    "coverage",
    "coverage of units",
    "set size",
)
KEPT += ("calibration error", "calibrated", "false alarms")
Spread = tuple[float, float, float]


def element_of(group: str) -> str:
    """Groups of `crystal-prototypes` are called after element and prototype."""
    return group.partition("-")[0]


UNITS: dict[str, Callable[[str], str]] = {"element in a prototype": str, "element": element_of}


def rows_of(run: Run, origins: Sequence[str], unit: Callable[[str], str] = str) -> Rows:
    """Powder patterns of some origins, all points of what was varied included."""
    table = run.table("pattern")
    inside = [origin.partition("[")[0] in origins for origin in table.origins]
    chosen = table.select(np.flatnonzero(inside))
    return Rows(chosen, [unit(group) for group in chosen.groups])


def described(structures: Iterator[tuple[str, str, Atoms]]) -> Rows:
    """Powder patterns of labelled structures: (label, unit, atoms)."""
    pattern, vectors = PowderPattern(), []
    rows: list[Row] = []
    for label, unit, atoms in structures:
        rows.append(Row(f"{unit} {len(rows)}", label, unit))
        vectors.append(pattern(atoms)["vector"])
    return Rows(Table.of(rows, vector=np.stack(vectors)), [row.group for row in rows])


def prototype_tables(rows: Rows) -> Iterator[str]:
    """What is kept where prototypes are held out and the class is the crystal system."""
    for model in MODELS:
        done = [kept(fitted(rows, seed, model)) for seed in range(SEEDS)]
        yield _line(f"prototype · {model}", summary(done), KEPT)


def promise_tables(run: Run) -> Iterator[str]:
    """What is kept on held-out units, by unit of the split and model."""
    for unit, name_of in UNITS.items():
        rows = rows_of(run, LEARNT, name_of)
        for model in MODELS:
            done = [kept(fitted(rows, seed, model)) for seed in range(SEEDS)]
            yield _line(f"{unit} · {model}", summary(done), KEPT)


def worse_tables(run: Run, model: str) -> Iterator[str]:
    """Coverage on damage that was never calibrated on: a guarantee is void there."""
    known = [fitted(rows_of(run, LEARNT), seed, model) for seed in range(SEEDS)]
    worse = rows_of(run, ("ruined",))
    for origin in dict.fromkeys(worse.table.origins):
        part = worse.select(np.array(worse.table.origins) == origin)
        done = [kept(_tested_on(one, part)) for one in known]
        yield _line(f"`{origin}`", summary(done), KEPT)


def _tested_on(done: Fitted, rows: Rows) -> Fitted:
    """The same model and guard on other rows of the units that were tested."""
    units = set(done.test.features.groups)
    test = evidence(done.model, rows.select(np.array([unit in units for unit in rows.units])))
    return Fitted(done.model, done.guard, test, done.guard.judge(done.model, test))


def novelty_tables(run: Run, strange: Mapping[str, Rows], model: str) -> Iterator[str]:
    """What becomes of prototypes, molecules and liquids that are no class of the model."""
    known = [fitted(rows_of(run, LEARNT), seed, model) for seed in range(SEEDS)]
    for name, rows in strange.items():
        yield _novelty_line(name, [noticed(one, rows) for one in known])


def left_out_tables(run: Run, model: str) -> Iterator[str]:
    """Each class left out of training in turn."""
    rows = rows_of(run, LEARNT)
    labels = np.array(rows.table.labels)
    for name in sorted(set(labels.tolist())):
        inside, outside = rows.select(labels != name), rows.select(labels == name)
        done = [noticed(fitted(inside, seed, model), outside) for seed in range(SEEDS // 2)]
        yield _novelty_line(name, done)


def source_tables(run: Run, other: Rows, model: str) -> Iterator[str]:
    """Real structures of other sources, whose elements may have been learnt from: no held-out groups."""
    known = [fitted(rows_of(run, LEARNT), seed, model) for seed in range(SEEDS)]
    for name, rows in [("all", other), *by_label(other)]:
        done = [kept(_of_source(one, rows)) for one in known]
        yield _line(name, summary(done), KEPT)


def _of_source(done: Fitted, rows: Rows) -> Fitted:
    test = evidence(done.model, rows)
    return Fitted(done.model, done.guard, test, done.guard.judge(done.model, test))


def _line(name: str, numbers: Mapping[str, Spread], columns: Sequence[str]) -> str:
    cells = [
        f"{100 * m:.1f} [{100 * a:.0f}, {100 * b:.0f}]" for m, a, b in _of(numbers, columns[:4])
    ]
    size = "{:.2f} [{:.2f}, {:.2f}]".format(*numbers["set size"])
    cells += [size, *(f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in _of(numbers, columns[5:7]))]
    cells += [
        f"{100 * m:.1f} [{100 * a:.0f}, {100 * b:.0f}]" for m, a, b in _of(numbers, columns[7:])
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _of(numbers: Mapping[str, Spread], names: Sequence[str]) -> list[Spread]:
    return [numbers[name] for name in names]


def _novelty_line(name: str, done: Sequence[Mapping[str, float]]) -> str:
    found = summary(done)
    areas = [f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in _of(found, ("auroc", "softmax auroc"))]
    shares = [
        f"{100 * m:.1f} [{100 * a:.0f}, {100 * b:.0f}]"
        for m, a, b in _of(found, ("noticed", "called a class"))
    ]
    return f"| {name} | {found['rows'][0]:.0f} | {' | '.join(areas)} | {' | '.join(shares)} |"


def network_table(run: Run) -> Iterator[str]:
    """What the pipeline's own guard says of the network, by origin of its test part."""
    for origin, parts in run.trust("trust")["origins"].items():
        test = parts["test"]
        cells = [str(test["n"])]
        if "set" in test:
            accuracy = run.metrics("network")["origins"][origin]["test"]["accuracy"]["value"]
            cells += [f"{100 * (1 - accuracy):.1f}", _share(test["set"]["coverage"])]
            cells += [f"{test['reliability']['calibrated']['error']:.3f}"]
        else:
            cells += ["", "", ""]
        counts = test["verdicts"]["known"] or test["verdicts"]["unknown"]
        whole = sum(counts.values())
        sorts = ("class", "ambiguous", "none of these")
        cells += [f"{100 * counts.get(sort, 0) / whole:.1f}" for sort in sorts]
        yield f"| `{origin}` | " + " | ".join(cells) + " |"


def _share(share: Mapping[str, float | Sequence[float]]) -> str:
    low, high = share["interval"]  # type: ignore[misc]
    return f"{100 * share['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]"  # type: ignore[operator]


def page(run: Run, data: Path | None) -> str:
    """The page, its tables filled in."""
    text = (HERE / "trust_text.md").read_text(encoding="utf-8")
    strange = {f"{name}": rows for name, rows in by_label(rows_of(run, ("strange",)))}
    strange |= {
        f"{name}, damaged": rows for name, rows in by_label(rows_of(run, ("strange_damaged",)))
    }
    strange["molecules in a box"] = described(molecules())
    strange |= dict(by_label(described(glasses())))
    tables: dict[str, Iterator[str]] = {
        "PROMISES": promise_tables(run),
        "WORSE": worse_tables(run, "linear"),
        "LEFT_OUT": left_out_tables(run, "linear"),
        "NETWORK": network_table(run),
    }
    if data is not None:
        strange["liquid metals and silicon (MD)"] = described(liquids(data))
        tables["PROTOTYPES"] = prototype_tables(described(prototypes(data)))
        tables["SOURCES"] = source_tables(run, described(measured(data)), "linear")
    tables["NOVELTY"] = novelty_tables(run, strange, "linear")
    for name, lines in tables.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
        print(name, flush=True)
    return text


def main() -> None:
    """Write trust.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("data", type=Path, nargs="?")
    words = parser.parse_args()
    (HERE / "trust.md").write_text(page(Run(words.run), words.data), encoding="utf-8")


if __name__ == "__main__":
    main()
