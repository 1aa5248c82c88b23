"""Damaged structure files: each is read as it stands or refused with a code, within two seconds, never with a traceback.

.venv/bin/python tests/trust/fuzz_structures.py              # 10,000 files
.venv/bin/python tests/trust/fuzz_structures.py --count 300  # a slice, as in the test suite

Good and bad files of five formats are the seeds, those of ../shared/data/bad_files too where they are. What is accepted is
compared with a second, simple reading: no element that the file does not name, as many atoms as it announces, finite
numbers, no two atoms at one place.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import write
from mutations import Outcome, fuzz, limited, mutated

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins/structure-files/tests"))

from test_readers import REFUSED, cif, dump, poscar, xyz

from structkit.errors import DataError
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

SHARED = Path(__file__).parents[3] / "shared/data/bad_files"
SUFFIXES = {
    ".cif": ".cif",
    ".xyz": ".xyz",
    ".poscar": ".poscar",
    ".vasp": ".poscar",
    ".dump": ".dump",
    ".lammpstrj": ".dump",
}
DATA = """\
a comment

2 atoms
2 atom types

0 3.6 xlo xhi
0 3.6 ylo yhi
0 3.6 zlo zhi

Masses

1 28.085
2 15.999

Atoms # atomic

1 1 0 0 0
2 2 1.8 1.8 0
"""
ELEMENTS = dump("1 Si 0 0 0\n2 O 1.8 1.8 0\n", "id element x y z")
SETTINGS = (
    ReadSettings(),
    ReadSettings(type_map={"1": "Si", "2": "O"}),
    ReadSettings(disorder="major", frames="last"),
)


def seeds() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Good texts, and those with something odd in them, by suffix."""
    found = {
        ".cif": [cif()],
        ".xyz": [xyz()],
        ".poscar": [poscar()],
        ".dump": [dump(), ELEMENTS],
        ".data": [DATA],
    }
    odd: dict[str, list[str]] = {suffix: [] for suffix in found}
    for name, (content, _) in REFUSED.items():
        suffix = Path(name).suffix
        if suffix in found and isinstance(content, str) and len(content) < 100_000:
            odd[suffix].append(content)
    for atoms in (bulk("NaCl", "rocksalt", a=5.6, cubic=True), bulk("Zn"), bulk("Si", cubic=True)):
        for suffix, kind in ((".cif", "cif"), (".xyz", "extxyz"), (".poscar", "vasp")):
            stream = io.BytesIO() if kind == "cif" else io.StringIO()
            write(stream, atoms, format=kind)
            text = stream.getvalue()
            found[suffix].append(text.decode() if isinstance(text, bytes) else text)
    for path in sorted(SHARED.glob("*")) if SHARED.exists() else ():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        suffix = SUFFIXES.get(
            path.name.removesuffix(".gz")[path.name.removesuffix(".gz").rfind(".") :], ""
        )
        if suffix and len(data) < 100_000:
            odd[suffix].append(data.decode(errors="replace"))
    return found, {suffix: texts or found[suffix] for suffix, texts in odd.items()}


def wrong(text: str, suffix: str, atoms: Atoms, settings: ReadSettings) -> str:
    """What an accepted structure has that its file does not say."""
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        return "a number is not finite"
    lower = text.lower()
    named = {str(value) for value in (settings.type_map or {}).values()}
    for symbol in set(atoms.get_chemical_symbols()) - named:
        # a deuterium label may be read as hydrogen; masses name the elements of LAMMPS data files
        if (
            symbol.lower() not in lower
            and not (symbol == "H" and "d" in lower)
            and suffix != ".data"
        ):
            return f"'{symbol}' is not in the file"
    announced = re.match(r"\s*(\d+)\s*\n", text)
    if (
        suffix == ".xyz"
        and settings.frames == "all"
        and announced
        and len(atoms) != int(announced[1])
    ):
        return f"{announced[1]} atoms announced, {len(atoms)} read"
    return ""


def main() -> None:
    """Command line."""
    good, odd = seeds()
    every = [text for texts in (good, odd) for group in texts.values() for text in group]
    with tempfile.TemporaryDirectory() as folder:

        def attempt(rng: random.Random) -> Outcome:
            suffix = rng.choice(list(good))
            text = rng.choice((good if rng.random() < 0.7 else odd)[suffix])
            text = mutated(
                text,
                (good if rng.random() < 0.5 else odd)[suffix] if rng.random() < 0.9 else every,
                rng,
            )
            path, settings = (
                Path(folder, f"case{suffix}"),
                rng.choice(SETTINGS if suffix != ".data" else SETTINGS[1:2]),
            )
            path.write_bytes(text.encode(errors="replace"))
            taken, fault = treated(path, text, settings)
            return Outcome(
                text,
                suffix,
                taken,
                f"({settings.model_dump(exclude_defaults=True)}) {fault}" if fault else "",
            )

        fuzz(10_000, attempt)


def treated(path: Path, text: str, settings: ReadSettings) -> tuple[bool, str]:
    """Whether a file is read, and what is wrong with that or with the refusal; empty when nothing is."""
    try:
        with limited(2):
            samples = read_structures(path, settings)
        return True, next(
            filter(None, (wrong(text, path.suffix, s.atoms, settings) for s in samples[:1])), ""
        )
    except DataError as error:
        return False, "" if all(p.code[0] in "SD" for p in error.problems) else f"code {error}"
    except BaseException:
        return False, traceback.format_exc()


if __name__ == "__main__":
    main()
