"""The measured formation energies that pymatgen ships, read without importing pymatgen."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from structkit_composition.settings import EnergySettings

FILE = "analysis/compatibility/exp_compounds.json.gz"
TABLE = "core/periodic_table.json.gz"


def entries() -> list[dict[str, Any]]:
    """Read the file: a mapping for each compound, with these words.

    formula: of the compound.
    exp energy: of formation at 298 K, in eV per formula unit.
    uncertainty: of the energy, in eV per formula unit; NaN or 0 where it is not known.
    mpid: of the same compound in the Materials Project, or None.

    Raises:
        FileNotFoundError: this pymatgen has no such file.
    """
    return list(json.loads(gzip.decompress(path_in_pymatgen(FILE).read_bytes())))


def most_certain(compounds: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keep one entry of each formula: the one with the smallest known uncertainty, else the first."""
    kept: dict[str, Mapping[str, Any]] = {}
    for entry in compounds:
        before = kept.setdefault(entry["formula"], entry)
        if _doubt(entry) < _doubt(before):
            kept[entry["formula"]] = entry
    return list(kept.values())


def is_known(uncertainty: float | None) -> bool:
    """Whether an uncertainty says anything: NaN and 0 do not."""
    return uncertainty is not None and uncertainty > 0


def outside(settings: EnergySettings) -> dict[str, str]:
    """Digest what outside the settings decides the rows: pymatgen's energies and its properties of the elements.

    Returns:
        SHA-256 by path inside pymatgen.

    Raises:
        DataError: S033, the features are `mat2vec`, whose package is not installed.
    """
    if settings.features == "mat2vec":
        from structkit_composition.embeddings import mat2vec_table  # imports pymatgen

        mat2vec_table()  # that it is the table that the settings mean; so it needs no digest here
    paths = {name: path_in_pymatgen(name) for name in (FILE, TABLE)}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


def path_in_pymatgen(name: str) -> Path:
    """Find a file of pymatgen.

    Raises:
        FileNotFoundError: it is not there.
    """
    spec = find_spec("pymatgen")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        if (Path(folder) / name).is_file():
            return Path(folder) / name
    raise FileNotFoundError(f"no {name} in pymatgen ({', '.join(folders) or 'not installed'})")


def _doubt(entry: Mapping[str, Any]) -> float:
    """The uncertainty of an entry, infinite where it is not known."""
    value = entry["uncertainty"]
    return float(value) if is_known(value) else float("inf")
