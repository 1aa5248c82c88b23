"""Write glass.yaml: the pipeline of the glass study has many origins, and this says them once.

.venv/bin/python docs/studies/glass_spec.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LIQUIDS = (1.99, 1.76, 0.957, 0.547, 0.44)  # sets 1 to 5, against the fast glass at 0.05; set 6 is equal energy
SETS = range(1, 7)
WINDOW, COPIES = 250, 4  # what all models learn on
SIZES = (40, 100, 500)  # other windows, for the curve of AUC against size
CURVES = (1, 4, 6)  # sets of that curve, quenched
MODES = {"t": ("thermal", "equal_thermal"), "q": ("quenched", "equal_quenched")}
IMAGES: tuple[str, ...] = ()  # modes for which the CNN on particle images is trained: it doubles the time
EDGE = 14.4  # σ: a square that holds 250 particles at density 1.2
NETWORK = "{hidden: 32, heads: 4, epochs: 12, batch_size: 16, learning_rate: 0.003, dropout: 0.0}"
EXPLAINED = ("q1", "q6")
VARIED: tuple[str, ...] = ()  # such as "q4": dot products, and no attention at all, on the same graphs

HEAD = """\
# Made by glass_spec.py. The glass study:  structkit run docs/studies/glass.yaml --workers 2
structkit: 1
name: glass-study
seed: 5
threads: 2
split: {valid: 0.15, test: 0.35}      # by trajectory
steps:
  # the data of glasses.yaml: 60 trajectories, five liquids and the glass of each; 16 pairs of equal energy
  thermal:
    use: md-glass
    with: {trajectories: 60, cooling_steps: fast, temperatures: [1.99, 1.76, 0.957, 0.547, 0.44, 0.05]}
  quenched: {use: quench, from: thermal}
  equal_thermal: {use: md-glass, with: {trajectories: 16, pair: equal-energy}}
  equal_quenched: {use: quench, from: equal_thermal}
"""


def boxes(mode: str) -> Iterator[str]:
    """Whole boxes of every set."""
    frames, equal = MODES[mode]
    for number, liquid in enumerate(LIQUIDS, 1):
        where = f"{{temperature: [{liquid}, 0.05]}}"
        yield f"  {mode}{number}_box: {{use: select, from: {frames}, with: {{where: {where}}}}}"
    yield f"  {mode}6_box: {{use: select, from: {equal}, with: {{where: {{label: [liquid, glass]}}}}}}"


def windows(mode: str) -> Iterator[str]:
    """Cut-outs of every set, named by set and size; the plain name is the size that is learnt."""
    for number in SETS:
        for size in (WINDOW, *(SIZES if number in CURVES and mode == "q" else ())):
            name = f"{mode}{number}" if size == WINDOW else f"{mode}{number}_w{size}"
            settings = f"{{particles: {size}, copies: {COPIES}}}"
            yield f"  {name}: {{use: window, from: {mode}{number}_box, with: {settings}}}"


def models(mode: str) -> Iterator[str]:
    """Every kind of model, trained on every set of a mode."""
    learnt = ", ".join(f"{mode}{number}" for number in SETS)
    whole = ", ".join(f"{mode}{number}_box" for number in SETS)
    sizes = [f", {mode}{number}_w{size}" for number in CURVES for size in SIZES] if mode == "q" else []
    seen = f"{learnt}, {whole}{''.join(sizes)}"
    energy = "energy_per_particle"
    yield f"  graph_{mode}: {{use: neighbour-graph, from: [{seen}], with: {{k: 6}}}}"
    if mode in IMAGES:
        yield f"  image_{mode}: {{use: particle-image, from: [{learnt}], with: {{width: {EDGE}}}}}"
    yield f"  distances_{mode}: {{use: pair-histogram, from: [{seen}]}}"
    yield f"  counts_{mode}: {{use: glass-metrics, from: [{learnt}, {whole}]}}"
    yield f"  energy_{mode}: {{use: recorded, from: [{whole}], with: {{names: [{energy}]}}}}"
    for number in SETS:
        name, on = f"{mode}{number}", f"train_on: [{mode}{number}]"
        yield f"  network_{name}: {{use: attention-mpnn, from: graph_{mode}, {on}, with: {NETWORK}}}"
        if mode in IMAGES:
            yield f"  cnn_{name}: {{use: cnn-classifier, from: image_{mode}, {on}, with: {{epochs: 8}}}}"
        yield f"  linear_{name}: {{use: logistic-regression, from: distances_{mode}, {on}}}"
        yield f"  whole_{name}: {{use: logistic-regression, from: distances_{mode}, train_on: [{name}_box]}}"
        yield f"  metrics_{name}: {{use: logistic-regression, from: counts_{mode}, {on}}}"
        yield f"  ruler_{name}: {{use: logistic-regression, from: energy_{mode}, train_on: [{name}_box]}}"


def pipeline() -> str:
    """The text of glass.yaml."""
    lines = [HEAD.rstrip()]
    for mode, (frames, _) in MODES.items():
        lines += [f"  # {frames}: whole boxes, and square cut-outs anywhere in them", *boxes(mode), *windows(mode)]
    for mode, (frames, _) in MODES.items():
        lines += [f"  # {frames}: what is seen of them, and the models", *models(mode)]
    lines.append("  # other attentions on the same graphs")
    for name in VARIED:
        for attention in ("dot", "none"):
            settings = NETWORK.replace("{", f"{{attention: {attention}, ")
            source = f"from: graph_{name[0]}, train_on: [{name}]"
            lines.append(f"  {attention}_{name}: {{use: attention-mpnn, {source}, with: {settings}}}")
    lines.append("  # what the attention says, tested")
    for name in EXPLAINED:
        only = f"{{subset: test, per_label: 8, origins: [{name}]}}"
        lines.append(f"  attention_{name}: {{use: attention-maps, from: network_{name}, only: {only}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("glass.yaml").write_text(pipeline(), encoding="utf-8")
