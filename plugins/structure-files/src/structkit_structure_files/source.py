"""The source `files`: structures of one's own, with labels from folders, a manifest or their symmetry."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem, Quantity, Sample, Task
from structkit.library import component, configured
from structkit_structure_files.bound import BoundFiles, check_all
from structkit_structure_files.chance import by_chance
from structkit_structure_files.finding import Found, find
from structkit_structure_files.grouping import ENOUGH, by_volume, grouping
from structkit_structure_files.hashing import as_hashed
from structkit_structure_files.lookalikes import alike
from structkit_structure_files.reading import structures_of
from structkit_structure_files.settings import FilesSettings
from structkit_structure_files.targets import recorded_targets
from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

    from structkit.data.table import Table


@component
class Files(BoundFiles):
    """Structure files of your own from a folder, a glob or a manifest. One file is one task.

    CIF, POSCAR, XDATCAR, extended XYZ, LAMMPS dumps and data files are read line by line here,
    some others by ase. Each is read as it stands or refused with a code and a line; nothing is
    guessed. Partly occupied sites are refused (`disorder: sample` or `major` chooses), symmetry
    comes from operations or from a tag that names the group, names that are no elements need a
    `type_map`, reduced units are said by `units: lj`. All files are looked at before any work, and
    all bad ones told of at once; `on_bad: skip` leaves them out and says so.

    Labels come from the folder, a manifest, or the space group that spglib finds. A group is what
    a split never parts; by default the coarsest of folder, formula, formula with volume, file name
    and file that leaves three groups in each class.

    Args:
        settings: the words of `FilesSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from ase.io import write
        >>> from structkit_structure_files import Files
        >>> write("copper.cif", bulk("Cu", cubic=True))
        >>> files = Files(path="copper.cif", label="spacegroup")
        >>> sample = next(iter(files.samples(files.tasks()[0], np.random.default_rng(0))))
        >>> sample.label, len(sample.atoms)
        ('225', 4)
    """

    @configured(FilesSettings)
    def __init__(self, settings: FilesSettings) -> None:
        self.settings = settings

    def _found(self) -> list[Found]:
        """The files: as they were hashed, where that is known; else as they are found now."""
        return find(self.settings) if self._said is None else as_hashed(self._said)

    def tasks(self) -> Sequence[Task]:
        """One task per file; labels that look alike are told of.

        Raises:
            DataError: what `find` refuses; D003 labels alike, with strict_labels; D031 the files
                are no longer those that were hashed.
        """
        files = self.unchanged(find(self.settings))
        _compare_labels([item.label for item in files if item.label], self.settings.strict_labels)
        root = os.path.commonpath([item.path.absolute().parent for item in files])
        return [
            _task(item, Path(os.path.relpath(item.path.absolute(), root)).as_posix())
            for item in files
        ]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The structures of one file; none of a bad one, with `on_bad: skip`.

        Raises:
            DataError: what is wrong with the file.
        """
        # not within what may be left out: a file that changes is no bad file
        data = self.hashed(task.params["path"])
        if self.settings.on_bad == "refuse":
            yield from self._read(task, rng, data)
            return
        try:
            samples = list(self._read(task, rng, data))  # a file is left out as a whole
        except DataError as error:
            for problem in error.problems:
                warn(Path(problem.where or "file"), problem.code, f"left out: {problem.message}")
            samples = []
        yield from samples

    def together(self, table: Table) -> dict[str, list[str]]:
        """The groups of all rows, where nobody has said them; the labels, where chance gives them."""
        columns: dict[str, list[str]] = {}
        groups = list(table.groups)
        if self.settings.group == "auto" and not any(item.group for item in self._found()):
            columns["group"] = groups = self._grouped(table)
        if self.settings.label == "random":
            columns["label"] = by_chance(groups, by_volume(table))
        return columns

    def _grouped(self, table: Table) -> list[str]:
        chance = self.settings.label == "random"
        grouping_ = grouping(table, table.values("label"), needed=2 * ENOUGH if chance else ENOUGH)
        count, place = (
            len(set(grouping_.groups)),
            Path(self.settings.path or self.settings.manifest or ""),
        )
        message = f"{len(table)} structures in {count} groups, by {grouping_.rule}"
        if grouping_.enough:
            message += ": the coarsest rule that leaves three in each class"
        if grouping_.copies:
            message += "; structures of one formula and volume are in several groups, so that scores may say how well"
            message += " copies are recognised: set 'group', or name groups in a manifest"
        warn(place, "D014", message)
        return grouping_.groups

    def _read(self, task: Task, rng: np.random.Generator, data: bytes | None) -> Iterator[Sample]:
        path, label, known = Path(task.params["path"]), task.params["label"], task.params["targets"]
        for sample in structures_of(path, self.settings, rng, task.id, data):
            if self.settings.label == "spacegroup":
                label = space_group(
                    sample.atoms, self.settings.symprec, self.settings.angle_tolerance, sample.id
                )
            group = task.params["group"] or self._group(path, task.id, sample.atoms)
            targets = {name: Quantity(value, unit) for name, (value, unit) in known.items()}
            targets |= recorded_targets(sample.atoms.info, self.settings.targets, sample.id)
            yield Sample(sample.id, sample.atoms, label, group, {"file": str(path)}, targets)

    def _group(self, path: Path, name: str, atoms: Atoms) -> str:
        if self.settings.group == "formula":
            return str(atoms.symbols.formula.reduce()[0].format("hill"))
        return path.parent.as_posix() if self.settings.group == "folder" else name


def check_files(settings: FilesSettings) -> None:
    """Read every file once.

    Raises:
        DataError: what is wrong with all of them.
    """
    check_all(Files(**settings.model_dump()))


def _task(item: Found, name: str) -> Task:
    return Task(
        name,
        {"path": str(item.path), "label": item.label, "group": item.group, "targets": item.targets},
    )


def space_group(atoms: Atoms, symprec: float, angle_tolerance: float, name: str) -> str:
    """The international number of a structure's space group, as spglib finds it.

    Raises:
        DataError: S050, spglib finds none.
    """
    import spglib

    cell = (np.asarray(atoms.cell[:]), atoms.get_scaled_positions(), atoms.numbers)
    dataset = (
        spglib.get_symmetry_dataset(cell, symprec=symprec, angle_tolerance=angle_tolerance)
        if atoms.pbc.all()
        else None
    )
    if dataset is None:
        message = f"spglib finds no space group for '{name}' at symprec {symprec:g} Å"
        raise DataError(Problem("S050", message, fix="change symprec, or label it another way"))
    return str(dataset.number)


def _compare_labels(labels: Sequence[str], strict: bool) -> None:
    """Labels that look alike are most likely one."""
    for message in alike(labels):
        if strict:
            raise DataError(Problem("D003", message, fix="spell them alike"))
        warn(Path("labels"), "D003", message)
