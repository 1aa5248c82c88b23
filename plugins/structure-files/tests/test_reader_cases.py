"""Forty small files as people have them, each with what a right program does; `../shared` holds them.

Run as a script, it says what comes of each file: `python plugins/structure-files/tests/test_reader_cases.py`.
"""

import csv
import sys
from pathlib import Path

import pytest

from structkit.errors import DataError, SpecError
from structkit.pipeline.yaml_reader import read_document
from structkit_structure_files.reading import read_structures
from structkit_structure_files.settings import ReadSettings

CASES = Path(__file__).parents[4] / "shared" / "data" / "reader_cases"
ALLOY = {"type_map": {"1": "Ni", "2": "P"}}
LJ = {"units": "lj", **ALLOY}

# file, settings, and what must be seen: a formula (read), a code (refused), a code after "warns".
RIGHT = [
    ("sea.gro", {}, "S004", "guessed from the letters of names"),
    ("x.config", {}, "S004", "guessed from the letters of names"),
    ("nacl2.res", {}, "S004", "LATT and SYMM"),
    ("dis.res", {}, "S004", "sof is left out"),
    ("tag3.cif", {}, "Cl4Na4", ""),
    ("tag5.cif", {}, "Cl4Na4", ""),
    ("tag6.cif", {}, "Cl4Na4", ""),
    ("tag15.cif", {}, "Cl4Na4", ""),
    ("units.dump", {"frames": "last"}, "S115", "units 'lj'"),
    ("metal_as_lj.dump", LJ, "S115", "units 'metal'"),
    ("real_as_lj.data", LJ, "S115", "units 'real'"),
    ("h_25A.xyz", {}, "Cu2", "S122 the nearest atoms are 25.5 Å apart"),
    ("round_9.cif", {}, "Mg2", "S062"),
    ("round_9.cif", {"min_distance": 0.01}, "Mg2", "S062"),
    ("quip.xyz", {}, "ClNa", ""),
    ("extra.xyz", {}, "CO", ""),
    ("forcesnan.xyz", {}, "Cu2", ""),
    ("upper.xyz", {}, "ClNa", "S032"),
    ("D.xyz", {}, "HO", ""),
    ("d.poscar", {"type_map": {"D": "H"}}, "H", ""),
    ("wat.cif", {"type_map": {"Wat": "O"}}, "O2", ""),
    ("elC_.dump", {"type_map": {"C_a": "C", "Ow": "O"}}, "CO", ""),
    ("tl.dump", {"type_map": {"1": "Cu"}}, "Cu2", ""),
    ("old.dump", {}, "Cu2", "S108"),
    ("abc.dump", {}, "Cu2", ""),
    ("nostyle.data", {"type_map": {"1": "Cu", "2": "Zr"}}, "CuZr", "S117"),
    ("nancol.dump", {}, "Cu2", ""),
    ("2d.dump", {}, "S021", "flat: true"),
    ("tr.dump", {"frames": "first"}, "Cu2", ""),
    ("h_trunc.xyz", {}, "S100", "on_truncated: drop_last"),
    ("h_trunc.xyz", {"on_truncated": "drop_last"}, "Cu2", "S109"),
    ("opdup.cif", {}, "Na2", "S063"),
    ("opnoident.cif", {}, "Na2", "S063"),
    ("T.cif", {}, "HO", ""),
    ("scalec.poscar", {}, "Cu", ""),
    ("cellc.poscar", {}, "Cu", ""),
    ("labels2.poscar", {}, "Cu", ""),
    ("h_u16.cif", {}, "S006", "UTF-16"),
    ("h_cif.xyz", {}, "S007", "CIF"),
    ("h_nolat.xyz", {}, "Cu2", ""),
]  # fmt: skip


def outcome(name, settings):
    """What comes of a file: a formula or the errors."""
    try:
        samples = read_structures(CASES / name, ReadSettings(**settings))
    except DataError as error:
        return str(error)
    return str(samples[0].atoms.symbols.formula.format("hill"))


@pytest.mark.skipif(not CASES.exists(), reason="../shared is not here: no cases of other people")
@pytest.mark.parametrize(("name", "settings", "right", "told"), RIGHT)
def test_a_file_as_people_have_it(name, settings, right, told, caplog):
    found = outcome(name, settings)
    assert (right in found) if right.startswith("S") else found == right
    assert told in found + caplog.text


@pytest.mark.skipif(not CASES.exists(), reason="../shared is not here: no cases of other people")
def test_anchors_are_refused():
    with pytest.raises(SpecError, match="Y005 anchor '&a' is not allowed"):
        read_document(CASES / "anchor.yaml")


@pytest.mark.skipif(not CASES.exists(), reason="../shared is not here: no cases of other people")
@pytest.mark.parametrize("name", ["DiffractionFingerprint", "PowderPattern", "PowderImage"])
def test_descriptors_say_what_they_take_a_structure_without_a_cell_for(name, caplog):
    plugin = pytest.importorskip("structkit_diffraction_fingerprint")
    (sample,) = read_structures(CASES / "h_nolat.xyz", ReadSettings())
    descriptor = getattr(plugin, name)(**({} if name == "PowderPattern" else {"size": 16}))
    descriptor(sample.atoms)
    assert "S067 structures without a cell periodic in three directions: each is" in caplog.text


@pytest.mark.skipif(not CASES.exists(), reason="../shared is not here: no cases of other people")
def test_every_case_is_here():
    with (CASES / "EXPECTED.csv").open() as table:
        files = [row["file"] for row in csv.DictReader(table)]
    assert len(files) == 40 and set(files) == {name for name, *_ in RIGHT} | {"anchor.yaml"}


def show():
    """A line for each case."""
    for name, settings, right, told in RIGHT:
        try:
            found = outcome(name, settings)
        except Exception as error:  # a setting that there is not yet
            found = f"{type(error).__name__}"
        sys.stdout.write(
            f"{name} {settings or ''}: {found.replace(str(CASES), '')}  [{right} {told}]\n"
        )


if __name__ == "__main__":
    show()
