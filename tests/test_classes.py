"""The classes of a model: words, each once, joined to probabilities by name."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.members]
STRANGE = {
    "one twice": ("fit", "self.classes = ('a', 'b', 'a')", "has the class 'a' twice"),
    "an empty word": ("fit", "self.classes = ('a', '')", "has the class '', expected a word"),
    "a blank": ("fit", "self.classes = ('a', ' ')", "has the class ' ', expected a word"),
    "numbers": ("fit", "self.classes = (0, 1)", "has the class 0, expected a word"),
    "numbers of numpy": ("fit", "self.classes = np.array([0, 1])", "expected a word"),
    "nothing": ("fit", "self.classes = ()", "learnt the classes []"),
    "None": ("fit", "self.classes = None", "has the classes None, expected several words"),
    "one word": ("fit", "self.classes = 'ab'", "has the classes 'ab', expected several words"),
    "None among them": ("fit", "self.classes = ('a', None)", "has the class None"),
    "bytes": ("fit", "self.classes = (b'a', b'b')", "has the class b'a'"),
    "a set": ("fit", "self.classes = {'a', 'b'}", "expected several words"),
    "loaded twice": ("load", "self.classes = ('a', 'a')", "has the class 'a' twice"),
    "loaded as numbers": ("load", "self.classes = (1, 2)", "has the class 1, expected a word"),
    "loaded in another order": ("load", "self.classes = ('b', 'a')", "it learnt ['a', 'b']"),
    "loaded as nothing": ("load", "self.classes = ()", "has the classes []"),
    "exchanged while predicting": ("predict", "self.classes = self.classes[::-1]", "had the classes ['a', 'b'], has ['b', 'a'] now"),
    "doubled while predicting": ("predict", "self.classes = ('a', 'a')", "has the class 'a' twice"),
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("case", STRANGE)
def test_strange_classes_are_refused(case, workers, hostile):
    place, lines, said = STRANGE[case]
    hostile.write(place, lines)
    result = hostile.run(workers)
    assert result.code == 4 and "means (hostile 0)" in result.err and said in result.err, result


@pytest.mark.parametrize("case", [case for case in STRANGE if "loaded" in case or "while" in case])
def test_a_prediction_refuses_them_too(case, hostile, monkeypatch):
    from ase.build import bulk

    from structkit import Sample
    from structkit.engine.prediction import Predictor
    from structkit.errors import StructkitError

    place, lines, said = STRANGE[case]
    monkeypatch.setenv("HOSTILE_NOW", "")
    hostile.write(place, f"if os.environ['HOSTILE_NOW']:\n    {lines}")
    assert hostile.run().code == 0
    monkeypatch.setenv("HOSTILE_NOW", "yes")
    atoms = bulk("Cu")
    atoms.info["noted"] = {"deep": [1.0]}
    from pathlib import Path

    with pytest.raises(StructkitError) as refused:
        Predictor(Path("runs/hostile")).predict([Sample("new", atoms)])
    said = {
        "loaded in another order": "it learnt ['a', 'b']",
        "loaded as nothing": "has the classes []",
    }.get(case, said)
    assert said in str(refused.value)
