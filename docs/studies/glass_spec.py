"""Write glass.yaml: the pipeline of the glass study has many origins, and this says them once.

.venv/bin/python docs/studies/glass_spec.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# sets 1 to 5, against the fast glass at 0.05; set 6 is equal energy
LIQUIDS = (
    1.99,
    1.76,
    0.957,
    0.547,
    0.44,
)
SETS = range(1, 7)
# learnt together: what parts the hotter liquid from a glass is clearer, and the same
POOLED = (
    3,
    4,
    5,
)
WINDOW, COPIES = 250, 4  # what all models learn on
LARGE_COPIES = 8  # cut-outs of a box of 4,320
SIZES = (40, 100, 500)  # other windows, for the curve of AUC against size
CURVES = (3, 5, 6)  # sets of that curve, quenched
MODES = {
    "t": ("thermal", "equal_thermal", "large_thermal"),
    "q": ("quenched", "equal_quenched", "large_quenched"),
}
# on thermal frames anything works, and the smallest graphs are enough; what is left without heat lies in the distances
# of the second shell too, and in hundredths of a diameter
GRAPHS = {"t": "{k: 6}", "q": "{neighbours: cutoff, cutoff: 2.5}"}
PAIRS = "{reach: 2.5, bins: 100}"
LINEAR = "{strength: 0.1}"
IMAGE = "{width: 14.4}"  # σ: a square that holds 250 particles at density 1.2
SHAPE = {
    "t": "hidden: 32, heads: 4, depth: 3, epochs: 6",
    "q": "pair_path: true, hidden: 32, heads: 4, depth: 1, basis: 64, epochs: 12",
}
# equal energy: a few dozen boxes, and the first shell, where all is that g(r) sees of the difference
NEAR = "{neighbours: cutoff, cutoff: 1.4}"
FAINT = "pair_path: true, hidden: 32, heads: 4, depth: 1, basis: 24, epochs: 20, batch_size: 8, learning_rate: 0.003"
LEARNING = "batch_size: 16, learning_rate: 0.003, dropout: 0.0"
# of the network that is compared with the rest; see "Which attention"
ATTENTION = {
    "t": "bonds",
    "q": "none",
}
OTHERS = ("bonds",)  # attentions of the other networks; "dot" may be added, for ten minutes more
EXPLAINED = ("q3", "q5")  # windows that the network with attention is asked about
# what the CNN learns: the sets that are not solved without it
IMAGED = (
    "q4",
    "q5",
    "q6",
    "pooled",
)

HEAD = """\
# Made by glass_spec.py. The glass study:  structkit run docs/studies/glass.yaml --workers 2
structkit: 1
name: glass-study
seed: 5
threads: 2
split: {valid: 0.1, test: 0.5}      # by trajectory
steps:
  # the data of glasses.yaml: 60 trajectories, five liquids and the glass of each; pairs of equal energy; larger boxes
  thermal:
    use: md-glass
    with: {trajectories: 60, cooling_steps: fast, temperatures: [1.99, 1.76, 0.957, 0.547, 0.44, 0.05]}
  quenched: {use: quench, from: thermal}
  equal_thermal: {use: md-glass, with: {trajectories: 80, pair: equal-energy}}
  equal_quenched: {use: quench, from: equal_thermal}
  large_thermal:
    use: md-glass
    with: {particles: 4320, trajectories: 24, cooling_steps: fast, temperatures: [1.99, 1.76, 0.957, 0.547, 0.44, 0.05]}
  large_quenched: {use: quench, from: large_thermal}
"""


def boxes(mode: str) -> Iterator[str]:
    """Whole boxes of every set, of 1,000 particles and of 4,320."""
    frames, equal, large = MODES[mode]
    for number, liquid in enumerate(LIQUIDS, 1):
        where = f"{{temperature: [{liquid}, 0.05]}}"
        yield f"  {mode}{number}_box: {{use: select, from: {frames}, with: {{where: {where}}}}}"
        yield f"  {mode}{number}_large: {{use: select, from: {large}, with: {{where: {where}}}}}"
    yield f"  {mode}6_box: {{use: select, from: {equal}, with: {{where: {{label: [liquid, glass]}}}}}}"


def windows(mode: str) -> Iterator[str]:
    """Cut-outs of every set, named by set and size; the plain name is the size that is learnt."""
    for number in SETS:
        for size in (WINDOW, *(SIZES if number in CURVES and mode == "q" else ())):
            name = f"{mode}{number}" if size == WINDOW else f"{mode}{number}_w{size}"
            yield _window(name, f"{mode}{number}_box", size, COPIES)
        if number <= len(LIQUIDS) and mode == "q":
            yield _window(f"{mode}{number}_of_large", f"{mode}{number}_large", WINDOW, LARGE_COPIES)


def _window(name: str, origin: str, size: int, copies: int) -> str:
    return (
        f"  {name}: {{use: window, from: {origin}, with: {{particles: {size}, copies: {copies}}}}}"
    )


def learnt(mode: str, *numbers: int) -> list[str]:
    """The origins that a model of some sets learns from."""
    small = [f"{mode}{number}" for number in numbers]
    large = [f"{mode}{number}_of_large" for number in numbers if number <= len(LIQUIDS)]
    return small + large if mode == "q" else small


def whole(mode: str, *numbers: int) -> list[str]:
    """The whole boxes of some sets."""
    return [f"{mode}{n}_box" for n in numbers] + [
        f"{mode}{n}_large" for n in numbers if n <= len(LIQUIDS)
    ]


def descriptors(mode: str) -> Iterator[str]:
    """What is seen of the frames."""
    small = learnt(mode, *SETS)
    sizes = (
        [f"{mode}{number}_w{size}" for number in CURVES for size in SIZES] if mode == "q" else []
    )
    wide = [*whole(mode, *SETS), *sizes]
    seen = ", ".join([*small, *wide])
    yield f"  graph_{mode}: {{use: neighbour-graph, from: [{', '.join(small)}], with: {GRAPHS[mode]}}}"
    yield f"  wide_{mode}: {{use: neighbour-graph, from: [{', '.join(wide)}], with: {GRAPHS[mode]}}}"
    yield f"  distances_{mode}: {{use: pair-histogram, from: [{seen}], with: {PAIRS}}}"
    yield f"  counts_{mode}: {{use: glass-metrics, from: [{', '.join([*small, *whole(mode, *SETS)])}]}}"
    named = "{names: [energy_per_particle]}"
    yield f"  energy_{mode}: {{use: recorded, from: [{', '.join(whole(mode, *SETS))}], with: {named}}}"
    if mode == "q":
        yield f"  image_{mode}: {{use: particle-image, from: [{', '.join(small)}], with: {IMAGE}}}"


def models(mode: str) -> Iterator[str]:
    """Every kind of model, trained on every set of a mode, and on three of them together."""
    for name, numbers in (
        {f"{mode}{n}": (n,) for n in SETS} | ({"pooled": POOLED} if mode == "q" else {})
    ).items():
        on = f"train_on: [{', '.join(learnt(mode, *numbers))}]"
        in_boxes = f"train_on: [{', '.join(whole(mode, *numbers))}]"
        yield _network(
            f"network_{name}", mode, ATTENTION[mode], on, wide=mode == "t" or name == "pooled"
        )
        if name in IMAGED:
            yield f"  cnn_{name}: {{use: cnn-classifier, from: image_{mode}, {on}, with: {{epochs: 8}}}}"
        yield f"  linear_{name}: {{use: logistic-regression, from: distances_{mode}, {on}, with: {LINEAR}}}"
        yield f"  whole_{name}: {{use: logistic-regression, from: distances_{mode}, {in_boxes}, with: {LINEAR}}}"
        yield f"  metrics_{name}: {{use: logistic-regression, from: counts_{mode}, {on}}}"
        yield f"  ruler_{name}: {{use: logistic-regression, from: energy_{mode}, {in_boxes}}}"


def _network(name: str, mode: str, attention: str, on: str, wide: bool) -> str:
    """A network that is asked about all windows it could learn from, or about whole boxes and other windows too."""
    settings = f"{{attention: {attention}, {SHAPE[mode]}, {LEARNING}}}"
    source = f"[graph_{mode}, wide_{mode}]" if wide else f"graph_{mode}"
    return f"  {name}: {{use: attention-mpnn, from: {source}, {on}, with: {settings}}}"


def pipeline() -> str:
    """The text of glass.yaml."""
    lines = [HEAD.rstrip()]
    for mode, (frames, *_) in MODES.items():
        lines += [
            f"  # {frames}: whole boxes, and square cut-outs anywhere in them",
            *boxes(mode),
            *windows(mode),
        ]
    for mode, (frames, *_) in MODES.items():
        lines += [
            f"  # {frames}: what is seen of them, and the models",
            *descriptors(mode),
            *models(mode),
        ]
    lines.append("  # the same network with attention, and what the attention says, tested")
    on = f"train_on: [{', '.join(learnt('q', *POOLED))}]"
    lines += [
        _network(f"{attention}_pooled", "q", attention, on, wide=True) for attention in OTHERS
    ]
    lines.append("  # equal energy, learnt from whole boxes")
    lines.append(f"  graph_near: {{use: neighbour-graph, from: q6_box, with: {NEAR}}}")
    shape = f"{{attention: none, {FAINT}, dropout: 0.0}}"
    lines.append(f"  near_q6: {{use: attention-mpnn, from: graph_near, with: {shape}}}")
    only = f"{{subset: test, per_label: 8, origins: [{', '.join(EXPLAINED)}]}}"
    lines.append(f"  attention_pooled: {{use: attention-maps, from: bonds_pooled, only: {only}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("glass.yaml").write_text(pipeline(), encoding="utf-8")
