"""Write crystals.yaml: the pipeline of the crystal study has many origins, and this says them once.

.venv/bin/python docs/studies/crystals_spec.py
"""

from __future__ import annotations

from pathlib import Path

DISPLACEMENTS = (0.01, 0.02, 0.06, 0.10, 0.15)  # Å
VACANCIES = (0.01, 0.25, 0.40, 0.60, 0.70)
BOTH = ((0.25, 0.02), (0.25, 0.06))
# damage that the models of the second kind see in training
LEARNT = (
    "s06",
    "v25",
    "v25_s06",
    "s15",
)

HEAD = """\
# Made by crystals_spec.py. The crystal study:  structkit run docs/studies/crystals.yaml --workers 2
structkit: 1
name: crystal-study
seed: 11
threads: 2
split: {valid: 0.1, test: 0.3}
steps:
  crystals: {use: crystal-prototypes, with: {per_class: 56, groups_per_class: 28, merge_hexagonal_rhombohedral: true}}
  pristine: {use: standard-supercell, from: crystals}
"""


def levels() -> dict[str, tuple[float, float]]:
    """Vacancies and displacement of every level of damage, by name."""
    found = {f"s{round(100 * s):02d}": (0.0, s) for s in DISPLACEMENTS}
    found |= {f"v{round(100 * v):02d}": (v, 0.0) for v in VACANCIES}
    return found | {f"v{round(100 * v):02d}_s{round(100 * s):02d}": (v, s) for v, s in BOTH}


def pipeline() -> str:
    """The text of crystals.yaml."""
    lines = [HEAD.rstrip()]
    damaged = list(levels())
    for name, (vacancies, displacement) in levels().items():
        settings = f"{{vacancies: {vacancies}, displacement: {displacement}}}"
        lines.append(f"  {name}: {{use: point-defects, from: pristine, with: {settings}}}")
    turned = [f"{name}_turned" for name in ("pristine", *damaged)]
    for name in ("pristine", *damaged):
        lines.append(f"  {name}_turned: {{use: random-rotation, from: {name}}}")
    lines.append("  # turned copies to learn from, beside those that are tested")
    for name in ("pristine", *LEARNT):
        lines.append(
            f"  {name}_copies: {{use: random-rotation, from: {name}, with: {{copies: 3}}}}"
        )
    everything = ", ".join(["pristine", *damaged, *turned])
    copies = ", ".join(f"{name}_copies" for name in ("pristine", *LEARNT))
    learnt = ", ".join(["pristine", *LEARNT])
    explained = "{per_label: 6, origins: [pristine, v25_s06]}"
    lines += [
        f"  fingerprint: {{use: diffraction-fingerprint, from: [{everything}, {copies}]}}",
        f"  powder: {{use: powder-pattern, from: [{everything}]}}",
        f"  image: {{use: powder-image, from: [{everything}]}}",
        f"  loose: {{use: space-group, from: [{everything}], with: {{symprec: 0.1, angle_tolerance: 5.0}}}}",
        f"  tight: {{use: space-group, from: [{everything}], with: {{symprec: 0.01, angle_tolerance: -1.0}}}}",
        "  # the paper's recipe: fingerprints of pristine, aligned crystals",
        "  paper_cnn: {use: cnn-classifier, from: fingerprint, train_on: [pristine], with: {epochs: 8}}",
        "  paper_linear: {use: logistic-regression, from: fingerprint, train_on: [pristine]}",
        "  paper_nearest: {use: nearest-neighbours, from: fingerprint, train_on: [pristine]}",
        "  # the same images of crystals turned at random, damaged ones among them",
        f"  turned_cnn: {{use: cnn-classifier, from: fingerprint, train_on: [{copies}], with: {{epochs: 8}}}}",
        "  # what does not change when a crystal is turned, damaged ones among them",
        f"  powder_cnn: {{use: cnn-classifier, from: image, train_on: [{learnt}], with: {{epochs: 8}}}}",
        f"  powder_linear: {{use: logistic-regression, from: powder, train_on: [{learnt}]}}",
        f"  powder_nearest: {{use: nearest-neighbours, from: powder, train_on: [{learnt}]}}",
        "  # the space group within a tolerance: nothing is learnt",
        "  spglib_loose: {use: space-group-rule, from: loose}",
        "  spglib_tight: {use: space-group-rule, from: tight}",
        "  # what the two networks look at, tested",
        f"  paper_maps: {{use: response-maps, from: paper_cnn, only: {explained}}}",
        f"  powder_maps: {{use: response-maps, from: powder_cnn, only: {explained}}}",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("crystals.yaml").write_text(pipeline(), encoding="utf-8")
