"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Descriptor, Reference, Transform, hookimpl

from structkit_bond_order.settings import OrderSettings, ThermalSettings

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1

STEINHARDT = Reference(
    doi="10.1103/PhysRevB.28.784",
    authors="Steinhardt, Paul J. and Nelson, David R. and Ronchetti, Marco",
    title="Bond-orientational order in liquids and glasses",
    journal="Physical Review B 28, 784",
    year=1983,
)


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="bond-order",
        produces="vector",
        build="structkit_bond_order.order:BondOrder",
        settings=OrderSettings,
        summary="Steinhardt's rotation-invariant order of the bonds, of atoms and of the whole structure",
        references=(STEINHARDT,),
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="thermal-displacements",
        build="structkit_bond_order.thermal:ThermalDisplacements",
        settings=ThermalSettings,
        summary="displacements of the Debye model at a temperature",
        shard=256,
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if steps := run.steps_using("bond-order"):
        from structkit_bond_order.section import section

        yield from (section(run, step) for step in steps)
