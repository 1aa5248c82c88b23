"""A small pipeline for each component, as its page shows it: a file to save and run."""

from __future__ import annotations

import re

# Steps that come first, by what they end with.
LEADS = {
    "none": (),
    "crystals": (
        "crystals: {use: crystal-prototypes, with: {classes: [fcc, bcc], per_class: 24}}",
    ),
    "clusters": ("crystals", "clusters: {use: standard-supercell, from: crystals}"),
    "images": ("clusters", "images: {use: diffraction-fingerprint, from: clusters}"),
    "network": ("images", "network: {use: cnn-classifier, from: images}"),
    "vectors": ("crystals", "vectors: {use: powder-pattern, from: crystals}"),
    "classes": ("vectors", "classes: {use: logistic-regression, from: vectors}"),
    "faults": ("faults: {use: stacking-faults}",),
    "angles": ("faults", "angles: {use: bond-cosines, from: faults}"),
    "known": (
        "known: {use: known-environments, with: {bulk: 24, vacancies: 24, faults: 4, packings: 8, slabs: 0, "
        "particles: 0, polycrystals: 0, interfaces: 0, liquids: 0, glasses: 0, motifs: 0}}",
    ),
    "surroundings": ("known", "surroundings: {use: local-environments, from: known}"),
    "lattices": (
        "surroundings",
        "lattices: {use: environment-network, from: surroundings, target: lattice, with: {epochs: 5}}",
    ),
    "compounds": ("compounds: {use: experimental-energies}",),
    "boxes": (
        "boxes: {use: ase-configurations, with: {temperature: 120, trajectories: 24, frames: 2}}",
    ),
    "pairs": (
        "boxes",
        "pairs: {use: neighbour-graph, from: boxes, with: {neighbours: cutoff, cutoff: 8.5}}",
    ),
    "graphs": (
        "crystals",
        "graphs: {use: neighbour-graph, from: crystals, with: {scale: mean, species: false}}",
    ),
    "bonds": ("graphs", "bonds: {use: attention-mpnn, from: graphs}"),
    "glasses": ("glasses: {use: md-glass, with: {pair: liquid-0.44, trajectories: 12}}",),
    "windows": ("glasses", "windows: {use: window, from: glasses, with: {particles: 200}}"),
    "discs": ("windows", "discs: {use: particle-image, from: windows, with: {width: 15.8}}"),
    "patterns": (
        "crystals",
        "patterns: {use: powder-xrd, from: crystals, with: {start: 20, stop: 100, step: 0.1}}",
    ),
    "measured": (
        "patterns",
        "measured: {use: instrument, from: patterns, with: {copies: 4, lattice_strain: 0.1}}",
    ),
    "spectra": ("measured", "spectra: {use: spectrum-cnn, from: measured}"),
    "mixed": (
        "phases: {use: common-phases, with: {phases: [NaCl, Si, ZnO]}}",
        "references: {use: powder-xrd, from: phases, with: {start: 20, stop: 80, step: 0.05}}",
        "mixtures: {use: simulated-mixtures, with: {phases: [NaCl, Si, ZnO], start: 20, stop: 80, step: 0.05}}",
    ),
    "layers": ("layers: {use: thin-crystals, with: {crystals: [graphene, MoS2], count: 24}}",),
    "damaged": ("layers", "damaged: {use: marked-defects, from: layers}"),
    "clean": (
        "damaged",
        "clean: {use: stem-image, from: damaged, with: {pixels: 96, sampling: 0.25}}",
    ),
    "taken": ("clean", "taken: {use: microscope, from: clean, with: {copies: 2}}"),
    "columns": ("taken", "columns: {use: unet, from: taken, target: defects}"),
}
# The step itself, after its lead.
STEPS = {
    "select": ("crystals", "fcc: {use: select, from: crystals, with: {where: {label: [fcc]}}}"),
    "recorded": (
        "glasses",
        "energy: {use: recorded, from: glasses, with: {names: [energy_per_particle]}}",
    ),
    "attention-mpnn": ("graphs", "network: {use: attention-mpnn, from: graphs}"),
    "attention-mpnn-numbers": (
        "pairs",
        "energy: {use: attention-mpnn-numbers, from: pairs, target: energy_per_atom}",
    ),
    "attention-mpnn-atoms": (
        "pairs",
        "parts: {use: attention-mpnn-atoms, from: pairs, target: atom_energy}",
    ),
    "attention-maps": (
        "bonds",
        "maps: {use: attention-maps, from: bonds, only: {subset: test, per_label: 4}}",
    ),
    "space-group": ("crystals", "groups: {use: space-group, from: crystals, with: {symprec: 0.1}}"),
    "logistic-regression": ("vectors", "linear: {use: logistic-regression, from: vectors}"),
    "atom-logistic": ("angles", "atoms: {use: atom-logistic, from: angles, target: lattice}"),
    "nearest-neighbours": (
        "vectors",
        "nearest: {use: nearest-neighbours, from: vectors, with: {neighbours: 1}}",
    ),
    "space-group-rule": (
        "crystals",
        "groups: {use: space-group, from: crystals}",
        "rule: {use: space-group-rule, from: groups}",
    ),
    "extra-trees": (
        "compounds",
        "trees: {use: extra-trees, from: compounds, target: formation_energy}",
    ),
    "ridge": ("compounds", "line: {use: ridge, from: compounds, target: formation_energy}"),
    "cnn-classifier": ("images", "network: {use: cnn-classifier, from: images, with: {epochs: 5}}"),
    "cnn-disorder": ("discs", "network: {use: cnn-disorder, from: discs}"),
    "experimental-energies": (
        "none",
        "compounds: {use: experimental-energies, with: {group: anion}}",
    ),
    "composition": ("crystals", "elements: {use: composition, from: crystals}"),
    "crystal-prototypes": (
        "none",
        "crystals: {use: crystal-prototypes, with: {classes: [fcc, bcc, hcp], per_class: 100}}",
    ),
    "other-prototypes": ("none", "others: {use: other-prototypes, with: {prototypes: [A12]}}"),
    "stacking-faults": (
        "none",
        "faults: {use: stacking-faults, with: {elements: [Cu, Al, Mg, Co]}}",
    ),
    "standard-supercell": (
        "crystals",
        "clusters: {use: standard-supercell, from: crystals, with: {min_atoms: 256}}",
    ),
    "point-defects": (
        "crystals",
        "clusters: {use: standard-supercell, from: crystals}",
        "damaged: {use: point-defects, from: clusters, with: {vacancies: 0.25, displacement: 0.1}}",
    ),
    "random-rotation": ("crystals", "turned: {use: random-rotation, from: crystals}"),
    "strided-windows": (
        "crystals",
        "clusters: {use: standard-supercell, from: crystals, with: {min_atoms: 2000}}",
        "parts: {use: strided-windows, from: clusters}",
    ),
    "diffraction-fingerprint": (
        "crystals",
        "clusters: {use: standard-supercell, from: crystals}",
        "images: {use: diffraction-fingerprint, from: clusters, with: {size: 64}}",
    ),
    "powder-pattern": ("crystals", "patterns: {use: powder-pattern, from: crystals}"),
    "powder-image": ("crystals", "images: {use: powder-image, from: crystals, with: {size: 32}}"),
    "ase-configurations": (
        "none",
        "boxes: {use: ase-configurations, vary: {temperature: [60, 120, 240]}}",
    ),
    "calibration": ("classes", "calibrated: {use: calibration, from: classes}"),
    "conformal": ("classes", "sets: {use: conformal, from: classes, with: {coverage: 0.8}}"),
    "novelty": ("classes", "strange: {use: novelty, from: classes, with: {false_alarms: 0.2}}"),
    "verdict": (
        "classes",
        "trust: {use: verdict, from: classes, with: {coverage: 0.8, false_alarms: 0.2}}",
    ),
    "known-environments": (
        "none",
        "known: {use: known-environments, with: {bulk: 70, vacancies: 70, motifs: 0}}",
    ),
    "ordered-distortions": ("none", "near: {use: ordered-distortions}"),
    "bond-cosines": ("faults", "angles: {use: bond-cosines, from: faults, with: {average: true}}"),
    "local-environments": ("faults", "surroundings: {use: local-environments, from: faults}"),
    "environment-averages": ("crystals", "means: {use: environment-averages, from: crystals}"),
    "environment-network": (
        "surroundings",
        "lattices: {use: environment-network, from: surroundings, target: lattice, with: {epochs: 5}}",
    ),
    "atom-features": (
        "lattices",
        "why: {use: atom-features, from: lattices, only: {per_label: 4, atoms: 4}}",
    ),
    "atom-neighbours": (
        "lattices",
        "who: {use: atom-neighbours, from: lattices, only: {per_label: 4, atoms: 3}}",
    ),
    "md-glass": (
        "none",
        "glasses: {use: md-glass, with: {pair: equal-energy, trajectories: 12, frames: quenched}}",
    ),
    "window": (
        "glasses",
        "windows: {use: window, from: glasses, with: {particles: 200, copies: 4}}",
    ),
    "quench": ("glasses", "minima: {use: quench, from: glasses}"),
    "neighbour-graph": ("windows", "graphs: {use: neighbour-graph, from: windows}"),
    "glass-metrics": ("windows", "metrics: {use: glass-metrics, from: windows}"),
    "particle-image": (
        "windows",
        "discs: {use: particle-image, from: windows, with: {size: 64, width: 15.8}}",
    ),
    "local-order": ("windows", "order: {use: local-order, from: windows}"),
    "pair-histogram": (
        "windows",
        "distances: {use: pair-histogram, from: windows, with: {reach: 4.0, bins: 80}}",
    ),
    "spectrum-files": (
        "none",
        "films: {use: spectrum-files, with: {path: films, label: folder, file_wavelength: Cu}}",
    ),
    "common-phases": ("none", "phases: {use: common-phases, with: {phases: [NaCl, Si, ZnO]}}"),
    "simulated-mixtures": (
        "none",
        "mixtures: {use: simulated-mixtures, with: {phases: [NaCl, Si, ZnO], mixtures: 12}}",
    ),
    "instrument": (
        "patterns",
        "measured: {use: instrument, from: patterns, with: {copies: 5, texture: [0.5, 1.0]}}",
    ),
    "tidy-spectrum": ("measured", "bare: {use: tidy-spectrum, from: measured}"),
    "powder-xrd": (
        "crystals",
        "patterns: {use: powder-xrd, from: crystals, with: {start: 10, stop: 80, wavelength: Cu}}",
    ),
    "pair-distribution": (
        "crystals",
        "distances: {use: pair-distribution, from: crystals, with: {r_stop: 12.0}}",
    ),
    "spectrum-cnn": ("measured", "network: {use: spectrum-cnn, from: measured}"),
    "phase-fractions": (
        "mixed",
        "weights: {use: phase-fractions, from: [references, mixtures], train_on: [phases], target: label}",
    ),
    "spectrum-maps": (
        "spectra",
        "maps: {use: spectrum-maps, from: spectra, only: {subset: test, per_label: 4}}",
    ),
    "response-maps": (
        "network",
        "maps: {use: response-maps, from: network, only: {subset: test, per_label: 4}}",
    ),
    "pixel-maps": (
        "columns",
        "maps: {use: pixel-maps, from: columns, only: {subset: test, per_label: 4}}",
    ),
    "thin-crystals": (
        "none",
        "layers: {use: thin-crystals, with: {crystals: [graphene, MoS2], count: 60}}",
    ),
    "image-files": (
        "none",
        "films: {use: image-files, with: {path: films, pixel: 0.21, pixels: 96, sampling: 0.25}}",
    ),
    "marked-defects": ("layers", "damaged: {use: marked-defects, from: layers}"),
    "microscope": (
        "clean",
        "taken: {use: microscope, from: clean, with: {copies: 5, dose: [1.0e+4, 1.0e+6]}}",
    ),
    "stem-image": (
        "damaged",
        "clean: {use: stem-image, from: damaged, with: {pixels: 96, sampling: 0.25}}",
    ),
    "unet": ("taken", "network: {use: unet, from: taken, target: defects}"),
    "column-peaks": ("taken", "peaks: {use: column-peaks, from: taken, target: defects}"),
    "files": ("none", "mine: {use: files, with: {path: data, label: folder}}"),
}
GUARDED = ("calibration", "conformal", "novelty", "verdict")
LONGEST = 76  # letters of a step on a line of its own
SPLIT = "split: {valid: 0.15, calibration: 0.3, test: 0.25}\n"


def pipeline(name: str) -> str:
    """A whole pipeline file that ends with a component.

    Raises:
        KeyError: a component without a pipeline: write one into `STEPS`.
    """
    lead, *steps = STEPS[name]
    split = SPLIT if name in GUARDED else ""
    lines = "".join(_lines(step) for step in [*_written_out(lead), *steps])
    return f"structkit: 1\nname: {name}-alone\n{split}steps:\n{lines}"


def _lines(step: str) -> str:
    """A step on one line, or with a line for each of its words where that would be too long."""
    if len(step) <= LONGEST:
        return f"  {step}\n"
    name, _, inside = step.partition(": {")
    words = re.split(r", (?=(?:from|train_on|target|with|vary|only): )", inside.removesuffix("}"))
    return f"  {name}:\n" + "".join(map(_word, words))


def _word(word: str) -> str:
    """A word of a step, or the settings under it one below the other where there are many."""
    key, _, value = word.partition(": ")
    if len(word) <= LONGEST:
        return f"    {word}\n"
    settings = value.removeprefix("{").removesuffix("}").split(", ")
    return f"    {key}:\n" + "".join(f"      {setting}\n" for setting in settings)


def _written_out(lead: str) -> list[str]:
    """The steps of a lead, those of the lead that it names first."""
    steps: list[str] = []
    for step in LEADS[lead]:
        steps += _written_out(step) if step in LEADS else [step]
    return steps
