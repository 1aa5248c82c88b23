"""The features against numbers worked out by hand, and the energies against those of known compounds."""

import hashlib
import math
from collections import Counter

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pymatgen.core.periodic_table import Element

from structkit import DataError
from structkit_composition import (
    CompositionVector,
    ExperimentalEnergies,
    embeddings,
    labels,
    vector,
)
from structkit_composition.elements import PROPERTIES, known_values, property_table
from structkit_composition.exp_compounds import entries, most_certain, outside
from structkit_composition.settings import EnergySettings


@pytest.fixture(scope="module")
def compounds():
    source = ExperimentalEnergies()
    return {sample.id: sample for task in source.tasks() for sample in source.samples(task)}


def entry(values, name):
    return values[labels().index(name)]


def test_statistics_are_those_of_the_definition():
    values = vector("Al2O3")
    assert values.shape == (66,) == (len(labels()),) and len(set(labels())) == 66
    mean = (2 * 1.61 + 3 * 3.44) / 5
    assert entry(values, "mean of electronegativity [Pauling]") == pytest.approx(mean)
    deviation = (2 * abs(1.61 - mean) + 3 * abs(3.44 - mean)) / 5
    assert entry(values, "mean deviation of electronegativity [Pauling]") == pytest.approx(
        deviation
    )
    assert entry(values, "range of electronegativity [Pauling]") == pytest.approx(3.44 - 1.61)


@pytest.mark.parametrize(
    ("name", "iron"),
    [("atomic number", 26), ("atomic mass [u]", 55.845), ("row", 4), ("group", 8),
     ("first ionisation energy [eV]", 7.9025), ("second ionisation energy [eV]", 16.199),
     ("electron affinity [eV]", 0.1532), ("melting point [K]", 1811), ("atomic radius [Å]", 1.40),
     ("highest common oxidation state [e]", 3), ("lowest common oxidation state [e]", 2),
     ("s electrons outside the core", 2), ("p electrons outside the core", 0),
     ("d electrons outside the core", 6), ("f electrons outside the core", 0)],
)  # fmt: skip
def test_properties_of_iron_are_in_their_units(name, iron):
    assert entry(vector("Fe"), f"mean of {name}") == pytest.approx(iron, rel=1e-3)
    assert entry(vector("Fe"), f"range of {name}") == 0


def test_f_electrons_are_counted():
    assert entry(vector("Gd"), "mean of f electrons outside the core") == 7


def test_what_pymatgen_lacks_is_the_mean_of_what_it_has():
    column = [one.name for one in PROPERTIES].index("electronegativity")
    known = known_values()[:, column]
    assert math.isnan(known[1]), "helium has none"
    assert property_table()[1, column] == pytest.approx(known[~np.isnan(known)].mean())
    assert np.isfinite(property_table()).all()
    assert (~np.isnan(known_values())).any(axis=0).all(), (
        "a property that no element has is read wrongly"
    )


@pytest.mark.parametrize("features", ["properties", "fractions", "random"])
def test_only_the_fractions_count(features):
    one, twice = (vector(formula, features) for formula in ("Ca(OH)2", "Ca2O4H4"))
    assert np.allclose(one, twice, rtol=1e-12)
    assert np.allclose(one, vector({"Ca": 1, "O": 2, "H": 2}, features), rtol=1e-12)
    assert len(one) == len(labels(features)) and not np.allclose(one, vector("CaO", features))


def test_fractions_stand_at_the_place_of_their_element():
    values = dict(zip(labels("fractions"), vector("Al2O3", "fractions"), strict=True))
    assert {name: value for name, value in values.items() if value} == {
        "fraction of O": 0.6,
        "fraction of Al": 0.4,
    }


@pytest.mark.parametrize(
    "wrong",
    ["Qq2", "", "Al2O0", "H1e-400O", "Al2(O3)0", {}, {"Al": -1.0}, {"Al": float("nan")}, {"Zz": 1}],
)
def test_what_is_no_composition_is_refused(wrong):
    with pytest.raises(ValueError):
        vector(wrong)


def test_descriptor_says_what_the_library_says():
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    assert np.allclose(CompositionVector()(atoms)["vector"], vector("NaCl"), rtol=1e-12)
    with pytest.raises(DataError, match="S030 1 atoms of no element"):
        CompositionVector()(Atoms("XCu"))


@pytest.mark.parametrize(
    ("formula", "energy"),  # standard enthalpies of formation at 298 K, kJ/mol, atoms of the formula unit
    [("NaCl", -411.2 / 2), ("Al2O3", -1675.7 / 5), ("MgO", -601.6 / 2), ("SiO2", -910.7 / 3),
     ("CaCO3", -1207.6 / 5), ("ZnS", -206.0 / 2)],
)  # fmt: skip
def test_energies_are_per_atom(compounds, formula, energy):
    quantity = compounds[formula].targets["formation_energy"]
    assert quantity.unit == "eV/atom"
    assert quantity.value == pytest.approx(energy / 96.485, abs=0.06)


def test_uncertainties_are_per_atom_and_only_where_they_are_known(compounds):
    known = {
        name: s.targets["uncertainty"]
        for name, s in compounds.items()
        if "uncertainty" in s.targets
    }
    assert (
        known["NaCl"].value == pytest.approx(0.4 / 96.485 / 2, rel=1e-3)
        and known["NaCl"].unit == "eV/atom"
    )
    assert "Al2O3" not in known and "CaCl2O" not in known, "NaN and 0 in the file say nothing"
    assert (
        min(q.value for q in known.values()) > 0
        and np.median([q.value for q in known.values()]) < 0.05
    )


def test_every_compound_is_there_once_with_its_system(compounds):
    assert len(compounds) == len({e["formula"] for e in entries()}) > 2000
    assert compounds["Al2O3"].group == "Al-O" and compounds["CaCO3"].group == "C-Ca-O"
    assert compounds["Al2O3"].meta == {"formula": "Al2O3"} and compounds["Al2O3"].label is None


def test_groups_by_anion_are_the_most_electronegative_elements():
    source = ExperimentalEnergies(group="anion")
    groups = {sample.id: sample.group for sample in source.samples(source.tasks()[0])}
    assert (groups["Al2O3"], groups["NaCl"], groups["CeF3"], groups["ZnS"]) == ("O", "Cl", "F", "S")
    assert Counter(groups.values()).most_common(1)[0][0] == "O"


def test_smallest_known_uncertainty_wins():
    def made(energy, uncertainty):
        return {"formula": "NaCl", "exp energy": energy, "uncertainty": uncertainty}

    several = [made(1, float("nan")), made(2, 0.3), made(3, 0.1), made(4, 0.0), made(5, 0.2)]
    assert [e["exp energy"] for e in most_certain(several)] == [3]
    assert [e["exp energy"] for e in most_certain([made(1, float("nan")), made(4, 0.0)])] == [1]


def test_its_file_is_found_without_importing_pymatgen(python, tmp_path):
    code = "from structkit_composition.settings import EnergySettings as S\n"
    code += "from structkit_composition.exp_compounds import outside\nimport sys\n"
    code += "assert all(len(d) == 64 for d in outside(S()).values()), outside(S())\n"
    code += "assert 'pymatgen' not in sys.modules and 'numpy' not in sys.modules\n"
    python(tmp_path, "-c", code)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package of the name, whose import would fail; with or without the table."""
    folder = tmp_path / "elementembeddings" / "data" / "element_representations"
    folder.mkdir(parents=True)
    (tmp_path / "elementembeddings" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    embeddings.mat2vec_table.cache_clear()
    yield folder / "mat2vec.csv"
    embeddings.mat2vec_table.cache_clear()


def test_mat2vec_is_read_from_the_package_without_importing_it(installed, monkeypatch):
    numbers = np.arange(118 * 200).reshape(118, 200) % 97 / 7
    lines = [
        f"{Element.from_Z(z + 1).symbol},{','.join(map(repr, row.tolist()))}"
        for z, row in enumerate(numbers)
    ]
    installed.write_text("\n".join(["element,", *lines]))
    digest = hashlib.sha256(installed.read_bytes()).hexdigest()
    monkeypatch.setattr(embeddings, "SHA256", digest)
    values = vector("Al2O3", "mat2vec")
    assert values.shape == (600,) == (len(labels("mat2vec")),)
    assert values[:200] == pytest.approx(0.4 * numbers[12] + 0.6 * numbers[7])
    assert values[400:] == pytest.approx(np.abs(numbers[12] - numbers[7]))


def test_another_table_is_refused(installed):
    installed.write_text("element,0\nH,1.0\n")
    with pytest.raises(DataError, match="S033 .*has the digest"):
        vector("Al2O3", "mat2vec")


def test_without_the_package_it_is_said_what_to_install(monkeypatch):
    embeddings.mat2vec_table.cache_clear()
    monkeypatch.setattr(embeddings, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="S033 .*not installed.*pip install ElementEmbeddings"):
        outside(EnergySettings(features="mat2vec"))
    assert outside(EnergySettings()), "the others need no such package"
