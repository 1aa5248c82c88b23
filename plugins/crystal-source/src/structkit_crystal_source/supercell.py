"""The transform `standard-supercell`: the cluster whose fingerprint the paper takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import spglib
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem, Sample
from structkit.library import component, configured
from structkit_crystal_source.setting import canonical, wrapped
from structkit_crystal_source.settings import SupercellSettings
from structkit_neighbours import pairs

Floats = NDArray[np.float64]

CORNERS = np.array(list(itertools.product((0, 1), repeat=3)))
SAME_PLACE = 0.1  # Å
TIE = (
    1e-4  # extents that differ by less than this fraction count as equal: rounding must not choose
)


@component
class StandardSupercell:
    """The conventional cell in one orientation, repeated along its shortest extent to enough atoms.

    The cell that spglib finds, its positions not idealised, at the space group's own origin, in
    pymatgen's triclinic convention (c along z, a in the xz plane), is repeated one step at a time
    along the Cartesian axis in which it extends least, until there are `min_atoms`. What the space
    group leaves open is settled by taking the setting with the smallest coordinates, so that one
    crystal gives one cluster however its cell was cut, shifted or turned. With `extent: atoms` it
    is the published recipe (Ziletti et al., 2018), which keeps the origin it came with; with
    `lattice: given` the cell that the structure has, and no symmetry is searched.

    The search takes a time that grows as the square of the atoms; structures of more than
    `max_atoms` are refused (S071). Atoms are found by symmetry, no copies of certain atoms: the
    result has no further per-atom arrays, and models of atoms refuse its rows (D005).

    Args:
        settings: the words of `SupercellSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit import Sample
        >>> from structkit_crystal_source import StandardSupercell
        >>> cluster = next(StandardSupercell()(Sample("copper", bulk("Cu")))).atoms
        >>> len(cluster)
        256
    """

    @configured(SupercellSettings)
    def __init__(self, settings: SupercellSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Iterator[Sample]:
        """One supercell.

        Raises:
            DataError: S050, the structure is not a three-dimensional crystal, or spglib finds no
                symmetry; S071, more atoms than are searched for symmetry.
        """
        atoms = sample.atoms
        if not atoms.pbc.all() or atoms.cell.rank < 3:
            raise DataError(
                Problem(
                    "S050",
                    f"'{sample.id}' is not periodic in three directions",
                    fix="give it a cell and pbc, or leave standard-supercell out",
                )
            )
        if self.settings.lattice == "given":
            cell = _as_given(atoms)
        else:
            self._check_size(sample)
            cell = self._conventional(sample)
        cluster = repeated(cell, self.settings.min_atoms, self.settings.extent)
        yield Sample(sample.id, cluster, sample.label, sample.group, sample.meta)

    def _check_size(self, sample: Sample) -> None:
        """Refuse what spglib would search for minutes, or for ever.

        Raises:
            DataError: S071.
        """
        count, limit = len(sample.atoms), self.settings.max_atoms
        if count > limit:
            message = (
                f"'{sample.id}' has {count} atoms, and symmetry is searched in {limit} at most: "
            )
            message += "the time grows as their square"
            fix = "set lattice: given to take the cell as it is, or raise max_atoms"
            raise DataError(Problem("S071", message, fix=fix))

    def _conventional(self, sample: Sample) -> Atoms:
        atoms = sample.atoms
        cell = (np.asarray(atoms.cell[:]), atoms.get_scaled_positions(), atoms.numbers)
        precision, angle = self.settings.symprec, self.settings.angle_tolerance
        dataset = spglib.get_symmetry_dataset(cell, symprec=precision, angle_tolerance=angle)
        if dataset is None:
            message = f"spglib finds no cell for '{sample.id}' at symprec {precision:g} Å"
            raise DataError(Problem("S050", message, fix="change symprec"))
        if self.settings.extent == "atoms":
            return _as_published(
                spglib.standardize_cell(
                    cell, no_idealize=True, symprec=precision, angle_tolerance=angle
                )
            )
        return _standard(atoms, dataset)


def _as_given(atoms: Atoms) -> Atoms:
    """The structure in its own cell, in the standard orientation, its atoms inside."""
    lattice, fractions = np.asarray(atoms.cell[:]), atoms.get_scaled_positions(wrap=False)
    if np.linalg.det(lattice) < 0:  # the orientation is right-handed, and would mirror it
        lattice, fractions = -lattice, -fractions
    return Atoms(
        atoms.numbers, cell=oriented(lattice), scaled_positions=wrapped(fractions), pbc=True
    )


def _as_published(cell: tuple[Floats, Floats, NDArray[np.intc]]) -> Atoms:
    """The conventional cell with whatever origin it was given, as Ziletti 2018 takes it."""
    lattice, positions, numbers = cell
    return Atoms(numbers, cell=oriented(lattice), scaled_positions=positions, pbc=True)


def _standard(atoms: Atoms, dataset: spglib.SpglibDataset) -> Atoms:
    """The conventional cell at the space group's own origin, with the positions as they are.

    spglib.standardize_cell(no_idealize=True) keeps the origin of the cell that it is given, and
    where a cell is cut decides which atoms its cluster has; the transformation x' = P x + p of the
    data set fixes the origin too.
    """
    lattice = np.asarray(atoms.cell[:]).T @ np.linalg.inv(dataset.transformation_matrix)
    positions = (
        atoms.get_scaled_positions() @ dataset.transformation_matrix.T + dataset.origin_shift
    )
    copies = [positions + shift for shift in _lattice_points(dataset.transformation_matrix)]
    every = Atoms(
        list(atoms.numbers) * len(copies),
        cell=oriented(lattice.T),
        pbc=True,
        scaled_positions=wrapped(np.concatenate(copies)),
    )
    return canonical(every[_distinct(every)])


def _lattice_points(transformation: Floats) -> Floats:
    """Points of the input's lattice, in the conventional basis, that can lie in one conventional cell."""
    reach = int(np.ceil(np.abs(np.linalg.inv(transformation)).sum(axis=1).max()))
    steps = np.array(list(itertools.product(range(-reach, reach + 1), repeat=3)))
    points = wrapped(steps @ transformation.T)
    return np.unique(np.round(points, 6), axis=0)


def _distinct(atoms: Atoms) -> list[int]:
    """One index for each place: a primitive cell of the input's lattice may hold less than the input's cell."""
    near = pairs(atoms, SAME_PLACE, each_twice=False)
    twins = set(np.maximum(near.first, near.second).tolist())
    return [index for index in range(len(atoms)) if index not in twins]


def oriented(lattice: Floats) -> Floats:
    """The same lattice in pymatgen's orientation, which depends on lengths and angles alone."""
    from pymatgen.core import Lattice

    return np.array(Lattice.from_parameters(*Lattice(lattice).parameters).matrix)


def repeated(atoms: Atoms, min_atoms: int, extent: str = "cell") -> Atoms:
    """The cell repeated, one step at a time along the Cartesian axis in which it (or its atoms) extends least.

    Axes whose extents are equal within rounding are taken in the order x, y, z: the same crystal
    always gives the same cluster.
    """
    repeats = np.ones(3, dtype=int)
    while len(atoms) * repeats.prod() < min_atoms:
        points = (
            atoms.repeat(tuple(repeats)).positions
            if extent == "atoms"
            else CORNERS * repeats @ atoms.cell[:]
        )
        spread = np.ptp(points, axis=0)
        nearly = spread <= spread.min() + TIE * max(spread.max(), 1e-9)
        repeats[int(np.flatnonzero(nearly)[0])] += 1
    return atoms.repeat(tuple(repeats))
