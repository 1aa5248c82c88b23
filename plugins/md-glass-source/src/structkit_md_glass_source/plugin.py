"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Reference, Source, Transform, hookimpl

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1

SWANSON = Reference(
    doi="10.1039/C9SM01903G",
    authors="Swanson, Kirk and Trivedi, Shubhendu and Lequieu, Joshua and Swanson, Kyle and Kondor, Risi",
    title="Deep learning for automated classification and characterization of amorphous materials",
    journal="Soft Matter 16, 435",
    year=2020,
)
KOB = Reference(
    doi="10.1103/PhysRevE.51.4626",
    authors="Kob, Walter and Andersen, Hans C.",
    title="Testing mode-coupling theory for a supercooled binary Lennard-Jones mixture",
    journal="Physical Review E 51, 4626",
    year=1995,
)
LAMMPS = Reference(
    doi="10.1016/j.cpc.2021.108171",
    authors="Thompson, Aidan P. and Aktulga, H. Metin and Berger, Richard and others",
    title="LAMMPS: a flexible simulation tool for particle-based materials modeling",
    journal="Computer Physics Communications 271, 108171",
    year=2022,
)
FIRE = Reference(
    doi="10.1103/PhysRevLett.97.170201",
    authors="Bitzek, Erik and Koskinen, Pekka and Gähler, Franz and Moseler, Michael and Gumbsch, Peter",
    title="Structural relaxation made simple",
    journal="Physical Review Letters 97, 170201",
    year=2006,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="md-glass",
        build="structkit_md_glass_source.source:MdGlass",
        settings="structkit_md_glass_source.settings:GlassSettings",
        summary="liquids and glasses of the Kob-Andersen mixture, flat or not, by molecular dynamics",
        version=3,
        references=(SWANSON, KOB, LAMMPS, FIRE),
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="window",
        build="structkit_md_glass_source.window:Window",
        settings="structkit_md_glass_source.settings:WindowSettings",
        summary="square or cubic cut-outs with a chosen number of particles, anywhere in a periodic box",
        references=(SWANSON,),
    )
    yield Transform(
        name="quench",
        build="structkit_md_glass_source.quench:Quench",
        settings="structkit_md_glass_source.settings:QuenchSettings",
        summary="the inherent structure of a Lennard-Jones configuration: its nearest energy minimum",
        references=(LAMMPS, FIRE),
        shard=8,
        chance=False,
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if run.steps_using("md-glass"):
        from structkit_md_glass_source.section import sections

        yield from sections(run)
