"""Components as a library: signatures, reprs, scikit-learn, pymatgen, training by a plain call; the page of the docs runs."""

import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pydantic import ValidationError
from pymatgen.core import Lattice, Structure
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import structkit
from structkit import DataError, Row, Sample, Settings, Table, train
from structkit.components import Declaration, Descriptor
from structkit.discovery.declarations import settings_class
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string
from structkit.library import component, configured, descriptor
from structkit_baselines import LogisticClassifier
from structkit_diffraction_fingerprint import DiffractionFingerprint, PowderPattern
from structkit_particle_descriptors import NeighbourGraph, glass_metrics

STEPS = [
    one.declaration for one in discover().components if isinstance(one.declaration, Declaration)
]
PACKAGES = sorted(
    {one.build.partition(".")[0] for one in STEPS if one.build.startswith("structkit_")}
)
METALS = {"fcc": ["Cu", "Ag", "Au", "Al"], "bcc": ["Fe", "W", "Mo", "V"]}


def metals():
    structures = [
        bulk(name, kind, cubic=True).repeat(2) for kind in METALS for name in METALS[kind]
    ]
    return structures, [kind for kind in METALS for _ in METALS[kind]]


@pytest.mark.parametrize("declaration", STEPS, ids=lambda one: one.name)
def test_a_component_shows_its_settings(declaration):
    cls = import_string(declaration.build)
    names = [
        field.alias or name for name, field in settings_class(declaration).model_fields.items()
    ]
    assert list(inspect.signature(cls).parameters) == names
    try:
        settings_class(declaration)()
    except ValidationError:
        return  # something must be chosen; `Files` is tried below
    made = cls()
    assert repr(made) == f"{cls.__name__}()"
    assert made.get_params() == {
        name: field.get_default(call_default_factory=True)
        for name, field in settings_class(declaration).model_fields.items()
    }
    assert clone(made).get_params() == made.get_params()


def test_settings_that_are_required_or_given_are_told():
    from structkit_structure_files import Files

    files = Files(path="data", label="none")
    assert repr(files) == "Files(path='data', label='none')"
    assert repr(files.set_params(label="folder")) == "Files(path='data', label='folder')"
    assert files.settings.label == "folder", "everything is made anew"
    assert repr(clone(DiffractionFingerprint(size=16))) == "DiffractionFingerprint(size=16)"
    with pytest.raises(ValueError, match="sizes"):
        DiffractionFingerprint(sizes=16)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_plugin_shows_its_names(package):
    module = importlib.import_module(package)
    assert set(module.__all__) <= set(dir(module)) and "exports" not in dir(module)
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_core_shows_its_names():
    assert set(structkit.__all__) == set(dir(structkit)) and "train" in dir(structkit)
    assert all(hasattr(structkit, name) for name in structkit.__all__)


@pytest.mark.parametrize(
    "declaration", [one for one in STEPS if isinstance(one, Descriptor)], ids=lambda one: one.name
)
def test_every_descriptor_describes_several(declaration):
    made = import_string(declaration.build)
    assert all(hasattr(made, verb) for verb in ("batch", "fit", "transform", "fit_transform"))


def test_descriptors_work_in_pipelines_and_searches_of_scikit_learn():
    structures, labels = metals()
    made = make_pipeline(DiffractionFingerprint(size=16), LogisticRegression())
    search = GridSearchCV(made, {"diffractionfingerprint__size": [8, 16]}, cv=2)
    search.fit(structures, labels)
    assert search.best_score_ == 1.0
    alone = DiffractionFingerprint(size=16)
    matrix = alone.fit_transform(structures, labels)
    assert matrix.shape == (8, 3 * 16 * 16)
    assert np.array_equal(matrix[3], alone(structures[3])["image"].ravel())


def test_structures_of_pymatgen_are_taken_for_those_of_ase():
    cell = Structure(Lattice.cubic(3.6), ["Cu", "Ag"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    atoms = Atoms("CuAg", cell=[3.6] * 3, scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5]], pbc=True)
    pattern = PowderPattern()
    for one, other in (
        (pattern(cell), pattern(atoms)),
        (pattern.batch([cell]), pattern.batch([atoms])),
    ):
        assert all(np.allclose(one[name], other[name], atol=1e-6) for name in one)
    assert isinstance(Sample("x", cell).atoms, Atoms)
    partly = Structure(Lattice.cubic(3.6), [{"Cu": 0.5, "Ag": 0.5}], [[0, 0, 0]])
    with pytest.raises(DataError, match="S040 .*partly occupied"):
        pattern(partly)


def test_a_graph_is_no_matrix_and_says_so():
    structures, _ = metals()
    with pytest.raises(TypeError, match="another length for each structure"):
        NeighbourGraph().transform([structures[0], bulk("Cu")])


def test_a_model_trains_by_a_plain_call():
    structures, labels = metals()
    rows = [Row(f"r{i}", label, f"g{i}") for i, label in enumerate(labels)]
    table = Table.of(rows, image=DiffractionFingerprint(size=16).batch(structures)["image"])
    model = LogisticClassifier()
    (record,) = train(model, table)
    assert record["train_loss"] < 0.1
    found = [model.classes[column] for column in model.predict(table).argmax(axis=1)]
    assert found == labels


def test_a_class_of_ones_own_needs_no_base():
    class PairSettings(Settings):
        power: int = 1
        """of the number of atoms"""

    @descriptor
    class Count:
        """Counts."""

        @configured(PairSettings)
        def __init__(self, settings):
            self.settings = settings

        def __call__(self, atoms):
            return {"vector": np.array([float(len(atoms)) ** self.settings.power])}

    assert Count.__mro__ == (Count, object)
    assert str(inspect.signature(Count)) == "(*, power: int = 1) -> None"
    assert Count(power=2).transform([bulk("Cu"), bulk("Cu").repeat(2)]).tolist() == [[1.0], [64.0]]
    assert component(Count) is Count


def test_arguments_that_do_not_fit_together_are_a_sentence():
    with pytest.raises(ValueError, match=r"is_b of shape \(2,\) for 3 particles, expected \(3,\)"):
        glass_metrics([[0, 0], [1, 0], [2, 0]], [True, False])
    with pytest.raises(ValueError, match=r"positions of shape \(3,\)"):
        glass_metrics([0, 1, 2], [True, False, True])


def test_page_of_the_docs_runs():
    page = (Path(__file__).parents[1] / "docs/library.md").read_text()
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        names = {"__name__": "page"}
        exec(compile(block, "library.md", "exec"), names)
    assert names["Rings"](largest=2).transform([bulk("Cu")]).tolist() == [[0.5]]
