"""The source `experimental-energies`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from pymatgen.core.periodic_table import Element

from structkit import Measurement, Quantity, Task
from structkit.library import component, configured
from structkit_composition.exp_compounds import entries, is_known, most_certain
from structkit_composition.settings import EnergySettings
from structkit_composition.vectors import amounts_of, vector

UNIT = "eV/atom"


@component
class ExperimentalEnergies:
    """Compounds with their measured formation energy in eV/atom, described by their composition.

    The 2,135 rows are those of pymatgen's file `exp_compounds.json.gz`; its energies and
    uncertainties, in eV per formula unit, are divided by the atoms of the formula. Of several
    entries of one formula, the one with the smallest known uncertainty stays. Compounds of the
    same elements are a group; with `group: anion` all with the same most electronegative element
    are, so that a model is tested on oxides, say, and has never seen an oxide. There are no
    structures: polymorphs of one formula are one row.

    Args:
        settings: the words of `EnergySettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_composition import ExperimentalEnergies
        >>> source = ExperimentalEnergies(group="anion")
        >>> sample = next(iter(source.samples(source.tasks()[0], np.random.default_rng(0))))
        >>> sample.targets["formation_energy"].unit, sample.arrays["vector"].shape
        ('eV/atom', (66,))
    """

    @configured(EnergySettings)
    def __init__(self, settings: EnergySettings) -> None:
        self.settings = settings

    def tasks(self) -> list[Task]:
        """All compounds are one task: they are read in a second."""
        return [Task("exp-compounds")]

    def samples(self, task: Task, rng: np.random.Generator | None = None) -> Iterator[Measurement]:
        """Yield a row for each compound, in the order of the file; nothing is drawn."""
        for entry in most_certain(entries()):
            yield self._measurement(entry)

    def _measurement(self, entry: Mapping[str, Any]) -> Measurement:
        formula, amounts = entry["formula"], amounts_of(entry["formula"])
        arrays = {"vector": vector(amounts, self.settings.features)}
        group = group_of(amounts, self.settings.group)
        targets = _targets(entry, sum(amounts.values()))
        return Measurement(formula, arrays, None, group, {"formula": formula}, targets)


def _targets(entry: Mapping[str, Any], atoms: float) -> dict[str, Quantity]:
    """The energy and, where it is known, its uncertainty; the file has both per formula unit of so many atoms."""
    targets = {"formation_energy": Quantity(entry["exp energy"] / atoms, UNIT)}
    if is_known(entry["uncertainty"]):
        targets["uncertainty"] = Quantity(entry["uncertainty"] / atoms, UNIT)
    return targets


def group_of(amounts: Mapping[str, float], by: Literal["chemical-system", "anion"]) -> str:
    """Name the group of a compound."""
    return anion(amounts) if by == "anion" else chemical_system(amounts)


def chemical_system(amounts: Mapping[str, float]) -> str:
    """Name the elements of a compound in the order of the alphabet, such as `Al-O`."""
    return "-".join(sorted(amounts))


def anion(amounts: Mapping[str, float]) -> str:
    """Name the most electronegative element of a compound (Pauling), the first of the alphabet among equals."""
    return max(sorted(amounts), key=lambda symbol: Element(symbol).X)
