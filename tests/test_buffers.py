"""What a component gives is copied when it is given; what it was given it cannot change unseen."""

from pathlib import Path

import numpy as np
import pytest

from structkit import Sample
from structkit.engine.prediction import Predictor
from structkit.errors import StepError

pytestmark = [pytest.mark.slow, pytest.mark.members]
REUSED = {
    "a buffer": ("descriptor", "self.buffer[:] = (float(sum(atoms.positions[:, 0])), n)\nreturn {'vector': self.buffer}"),
    "a view of a buffer": ("descriptor", "self.buffer[:] = (float(sum(atoms.positions[:, 0])), n)\nreturn {'vector': self.buffer[:]}"),
    "one mapping": ("descriptor", "self.kept = getattr(self, 'kept', {})\nself.kept['vector'] = np.array([float(sum(atoms.positions[:, 0])), n])\nreturn self.kept"),
    "positions": ("descriptor", "self.atoms = atoms\nreturn {'vector': np.array([float(sum(atoms.positions[:, 0])), n])[::1]}"),
    "one structure": ("transform", "self.atoms = getattr(self, 'atoms', sample.atoms.copy())\nself.atoms = self.atoms if len(self.atoms) == len(sample.atoms) else sample.atoms.copy()\nself.atoms.positions[:] = sample.atoms.positions\nself.atoms.info['noted']['deep'][0] = sample.atoms.info['noted']['deep'][0]\nyield Sample(sample.id, self.atoms)\nreturn"),
    "one meta": ("transform", "self.meta = getattr(self, 'meta', {'own': [0]})\nself.meta['own'][0] = sample.meta['deep'][0]\nyield Sample(sample.id, sample.atoms, meta=self.meta)\nreturn"),
    "one list": ("transform", "self.many = getattr(self, 'many', [None])\nself.many[0] = Sample(sample.id, sample.atoms)\nyield from self.many\nreturn"),
}  # fmt: skip
COUNTED = "return {'vector': np.array([float(sum(atoms.positions[:, 0])), n])}"
MASKED = {
    "a descriptor's": ("descriptor", "return {'vector': np.ma.array([1.0, n], mask=[True, False])}"),
    "a descriptor's, nothing masked": ("descriptor", "return {'vector': np.ma.array([1.0, n])}"),
    "parts of a list": ("descriptor", "return {'vector': [np.ma.array(1.0, mask=True), n]}"),
    "a batch": ("method", "def batch(self, many):\n    return {'vector': np.ma.ones((len(many), 2))}"),
    "an explainer's": ("explain", "yield {'a': np.ma.masked_less(features.item('vector', row), 1)}\ncontinue"),
    "a model's": ("predict", "return np.ma.array(np.full((n, 2), 0.5), mask=True)"),
    "a model's list": ("predict", "return [np.ma.array([0.5, 0.5], mask=True)] * n"),
    "a source's": ("source", "atoms.arrays['spin'] = np.ma.array(atoms.arrays['spin'], mask=True)"),
    "a transform's positions": ("transform", "new = sample.atoms.copy()\nnew.arrays['positions'] = np.ma.array(new.positions, mask=True)\nyield Sample(sample.id, new)\nreturn"),
    "a target": ("source", "yield Sample(f's{i}', atoms, 'ab'[i % 2], f'g{i}', targets={'e': np.ma.masked})\nreturn"),
}  # fmt: skip
CHANGED = {
    "positions": "x.positions[0] += 1",
    "the cell, in place": "x.cell[0, 0] = 7",
    "where it is periodic": "x.pbc[0] = True",
    "numbers": "x.numbers[0] = 47",
    "an array": "x.arrays['spin'][0] = 9",
    "a new array": "x.set_array('mine', np.zeros(len(x)))",
    "an array of words": "x.set_array('Mine', np.array(['a'] * len(x)))",
    "an array less": "del x.arrays['spin']",
    "info": "x.info['mine'] = 1",
    "info that no row can hold": "x.info['mine'] = object()",
    "nothing in info": "x.info['mine'] = None",
    "a list deep in info": "x.info['noted']['deep'].append(1)",
    "a number deep in info": "x.info['noted']['deep'][0] = 3.5",
    "a constraint": "from ase.constraints import FixAtoms\nx.set_constraint(FixAtoms([0]))",
    "a calculator": "from ase.calculators.emt import EMT\nx.calc = EMT()",
    "where its cell begins": "x.set_celldisp([1.0, 0, 0])",
}
OF_SAMPLE = {
    "meta": "sample.meta['mine'] = 1",
    "a list deep in meta": "sample.meta['deep'].append(1)",
    "its label": "object.__setattr__(sample, 'label', 'b' if sample.label == 'a' else 'a')",
    "its id": "object.__setattr__(sample, 'id', 'mine')",
    "its targets": "sample.targets['e'] = 1.0",
}
WHERE = {"descriptor": ("atoms", ""), "transform": ("sample.atoms", "yield Sample(sample.id, sample.atoms.copy())\n")}  # fmt: skip


def new_samples():
    from ase import Atoms

    made = []
    for i in range(4):
        atoms = Atoms("Cu", [[i, 0, 0]], cell=[9, 9, 9], info={"noted": {"deep": [float(i)]}})
        atoms.set_array("spin", np.zeros(1))
        made.append(Sample(f"n{i}", atoms, meta={"deep": [i]}))
    return made


@pytest.mark.parametrize("case", REUSED)
def test_what_is_given_again_is_another_row(case, hostile):
    hostile.write("descriptor", COUNTED)
    assert hostile.run().code == 0
    before = hostile.bytes_of("copies"), hostile.rows("vector")
    place, lines = REUSED[case]
    hostile.write(place, lines)
    if place == "transform":
        text = Path("hostile.py").read_text()
        Path("hostile.py").write_text(text.replace("# descriptor", COUNTED))
    for workers in (1, 2):
        result = hostile.run(workers)
        assert result.code == 0, result
        after = hostile.bytes_of("copies"), hostile.rows("vector")
        if case == "one meta":
            from structkit.run import Run

            metas = [row.meta for row in Run("runs/hostile").table("copies").rows]
            assert metas == [{"deep": [i], "own": [i]} for i in range(8)]
        else:
            assert after == before
    features = Predictor(Path("runs/hostile")).prepare(new_samples())
    assert features.stack("vector").tolist() == [[float(i), 1.0] for i in range(4)]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("case", MASKED)
def test_masked_arrays_are_refused(case, workers, hostile):
    hostile.write(*MASKED[case])
    result = hostile.run(workers)
    assert result.code == 4 and "P011" in result.err, result
    assert "masked array, expected plain numbers" in result.err, result


@pytest.mark.parametrize("place", WHERE)
@pytest.mark.parametrize("case", CHANGED)
def test_a_changed_structure_is_noticed(case, place, hostile):
    name, first = WHERE[place]
    hostile.write(place, first + f"x = {name}\n{CHANGED[case]}")
    for workers in (1, 2):
        result = hostile.run(workers)
        assert result.code == 4 and "changed the structure that it was given" in result.err, result
    lines = "\n".join(f"    {line}" for line in CHANGED[case].splitlines())
    hostile.write(place, first + f"x = {name}\nif '#' in os.environ.get('NOW', ''):\n{lines}")
    assert hostile.run().code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOW", "#")
        with pytest.raises(StepError, match="changed the structure"):
            Predictor(Path("runs/hostile")).predict(new_samples())


@pytest.mark.parametrize("case", OF_SAMPLE)
def test_a_changed_sample_is_noticed(case, hostile):
    hostile.write("transform", f"{OF_SAMPLE[case]}")
    for workers in (1, 2):
        result = hostile.run(workers)
        assert result.code == 4 and "changed the structure that it was given" in result.err, result


def test_what_a_prediction_is_asked_about_stays_as_it_is(hostile):
    hostile.write(
        "descriptor", "atoms.info['noted']['deep'].append(1); atoms.info['noted']['deep'].pop()"
    )
    assert hostile.run().code == 0
    from ase.constraints import FixAtoms

    samples = new_samples()
    samples[0].atoms.set_constraint(FixAtoms([0]))
    samples[1].atoms.info["mine"] = object()
    assert len(Predictor(Path("runs/hostile")).predict(samples)) == 4
    assert samples[0].atoms.constraints and samples[0].atoms.info["noted"] == {"deep": [0.0]}
