"""How a model sees a glass: a window of it, its graph of neighbours, its image.

Particles of the Kob-Andersen mixture in the plane, cooled in seconds.
"""

import numpy as np
from matplotlib.figure import Figure

from structkit import Sample
from structkit_md_glass_source import Window, cool
from structkit_particle_descriptors import NeighbourGraph, ParticleImage

SHOWS = ("window", "neighbour-graph", "particle-image")  # components

COLOURS = {28: "C0", 15: "C1"}  # Ni stands for A, P for B


def draw() -> Figure:
    """The box with a window, then two views of the window."""
    (box,) = cool(particles=400, cooling_steps=10_000, temperatures=[0.05], seed=1)
    part = next(Window(particles=100)(Sample("box", box), np.random.default_rng(1))).atoms
    graph = NeighbourGraph(neighbours="voronoi")(part)
    image = ParticleImage(size=96, width=12.0, spread=0.167)(part)["image"]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots(1, 3)
    for axis, atoms in zip(axes, (box, part), strict=False):
        colours = [COLOURS[number] for number in atoms.numbers]
        axis.scatter(*atoms.positions[:, :2].T, s=6000 / len(atoms), c=colours, linewidths=0)
        axis.set(xlabel="x [σ]", ylabel="y [σ]", aspect="equal")
    for first, second in zip(graph["senders"], graph["receivers"], strict=True):
        axes[1].plot(*part.positions[[first, second], :2].T, color="0.6", linewidth=0.5, zorder=0)
    axes[2].imshow(image[2], origin="lower", cmap="Greys", extent=(0, 12, 0, 12))
    axes[2].set(xlabel="x [σ]", ylabel="y [σ]")
    for axis, title in zip(
        axes, ("a periodic box", "a window, its graph", "the window as an image"), strict=True
    ):
        axis.set_title(title, fontsize=10)
    return figure
