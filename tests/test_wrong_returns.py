"""Whatever a component returns by mistake is refused with its name, the step, the row and the line; nothing wrong is kept."""

from pathlib import Path

import pytest

from structkit import Table

PLUGIN = """\
import numpy as np
from ase import Atoms
from structkit import (DataError, Descriptor, Explainer, Model, Problem, Sample, Source, Task, Transform, hookimpl)

STRUCTKIT_API = 1
HERE = __name__


class Boxes:
    def tasks(self):
        return [Task(f"t{i}", {"i": i}) for i in range(12)]

    def samples(self, task, rng):
        i = task.params["i"]
        # source
        return [Sample(f"s{i}", Atoms("Cu" * (1 + i % 2), [[i + k, 0, 0] for k in range(1 + i % 2)]), "ab"[i % 2], f"g{i}")]


class Copy:
    def __call__(self, sample, rng):
        # transform
        return [Sample(sample.id, sample.atoms)]


class Count:
    def __call__(self, atoms):
        n = float(len(atoms))
        # descriptor
        return {"vector": np.array([1.0, n])}


class Means:
    classes = ()

    def fit(self, train, valid, context):
        self.classes = tuple(sorted(set(train.labels)))
        yield {"epoch": 1.0, "train_loss": 0.5}

    def predict(self, features):
        n = len(features)
        # predict
        return np.full((n, 2), 0.5)

    def save(self, folder):
        (folder / "classes.txt").write_text(",".join(self.classes))

    def load(self, folder):
        self.classes = tuple((folder / "classes.txt").read_text().split(","))
        # load


class Why:
    def explain(self, model, features):
        for row in range(len(features)):
            # explain
            yield {"a": features.item("vector", row)}


@hookimpl
def structkit_sources():
    yield Source(name="boxes", build=f"{HERE}:Boxes", summary="x")


@hookimpl
def structkit_transforms():
    yield Transform(name="copy", build=f"{HERE}:Copy", summary="x")


@hookimpl
def structkit_descriptors():
    yield Descriptor(name="count", produces="vector", build=f"{HERE}:Count", summary="x")


@hookimpl
def structkit_models():
    yield Model(name="means", accepts=("vector",), build=f"{HERE}:Means", summary="x")


@hookimpl
def structkit_explainers():
    yield Explainer(name="why", build=f"{HERE}:Why", summary="x")
"""
PIPELINE = """\
structkit: 1
name: wrong
plugins: [wrong-plugin.py]
steps:
  boxes: {use: boxes}
  copies: {use: copy, from: boxes}
  vector: {use: count, from: copies}
  means: {use: means, from: vector}
  why: {use: why, from: means, only: {per_label: 2}}
"""
BATCH = "return {'vector': np.array([1.0, n])}\n\n    def batch(self, many):\n        return "
CASES = {
    "nothing wrong": ("", "", None),
    "no sample": ("source", "return None", "P011 boxes (wrong-plugin 0) on task 't0': gave a NoneType, expected several: yield them"),
    "meta is a word": ("transform", "return [Sample(sample.id, sample.atoms, meta='text')]", "P011 copy (wrong-plugin 0) on row 's0': gave a sample whose meta is a str"),
    "one sample": ("transform", "return sample", "gave a Sample, expected several: yield them"),
    "ragged list": ("descriptor", "return {'vector': [[1], [1, 2]]}", "P010 count (wrong-plugin 0) failed on row 's0'"),
    "words": ("descriptor", "return {'vector': np.array(['a'])}", "P011 count (wrong-plugin 0) on row 's0': 'vector' holds <U1, expected numbers"),
    "empty": ("descriptor", "return {'vector': np.zeros(0)}", "'vector' has shape (0,), expected (features)"),
    "batch of a number": ("descriptor", BATCH + "{'vector': 3.0}", "'vector' is one number for 12 structures"),
    "batch too short": ("descriptor", BATCH + "{'vector': np.ones((2, 2))}", "'vector' has 2 items for 12 structures"),
    "exception": ("descriptor", "raise KeyError('Cu')", "failed on row 's0' (wrong-plugin.py:28): KeyError: 'Cu'"),
    "bare assertion": ("descriptor", "assert not n", "(wrong-plugin.py:28): AssertionError; see run.log"),
    "refusal": ("descriptor", "raise DataError(Problem('S014', 'no bond at all', fix='a larger cutoff'))", "step 'vector', row 's0': S014 no bond at all; a larger cutoff"),
    "probabilities of words": ("predict", "return np.full((n, 2), 'x')", "P011 means (wrong-plugin 0) on predict: returned <U1, expected numbers"),
    "other order of classes": ("load", "self.classes = self.classes[::-1]", "on loading what it saved: has the classes ['b', 'a'], it learnt ['a', 'b']"),
    "no classes": ("load", "self.classes = ()", "on loading what it saved: has the classes []"),
    "explanation of the next row": ("explain", "yield {'a': -features.item('vector', row)}", "P011 why (wrong-plugin 0) on explaining: gave more explanations than the"),
    "fewer explanations": ("explain", "if row: return", "gave fewer explanations than rows"),
    "no mapping": ("explain", "yield features.item('vector', row); continue", "gave a ndarray, expected a mapping of named arrays"),
}  # fmt: skip


def write(where="", line=""):
    Path("wrong-plugin.py").write_text(
        PLUGIN.replace(f"# {where}\n", f"{line}\n") if where else PLUGIN
    )
    Path("p.yaml").write_text(PIPELINE)


@pytest.mark.parametrize("case", CASES)
def test_wrong_return_is_named(case, quick):
    where, line, expected = CASES[case]
    write(where, line)
    result = quick("run", "p.yaml")
    if expected is None:
        assert result.code == 0, result
        return
    assert result.code == (3 if case == "refusal" else 4) and expected in result.err, result
    assert "defect of structkit" not in result.err


def test_source_that_cannot_say_what_it_reads_is_named(quick):
    write()
    text = (
        Path("wrong-plugin.py")
        .read_text()
        .replace('build=f"{HERE}:Boxes"', 'build=f"{HERE}:Boxes", outside=f"{HERE}:outside"')
    )
    Path("wrong-plugin.py").write_text(
        text + "\n\ndef outside(settings):\n    raise ValueError('no such database')\n"
    )
    result = quick("plan", "p.yaml")
    assert (
        result.code == 4 and "boxes (wrong-plugin 0) failed on saying what it reads" in result.err
    ), result


def test_files_of_one_name_are_two_plugins(quick):
    for folder, number in (("a", 1), ("b", 2)):
        Path(folder).mkdir()
        text = PLUGIN.replace("[1.0, n]", f"[{number}.0, n]").replace(
            'name="count"', f'name="count-{folder}"'
        )
        text = text if folder == "a" else text.replace('name="boxes"', 'name="other-boxes"')
        Path(folder, "d.py").write_text(text)
    steps = "steps:\n  s: {use: boxes}\n  one: {use: count-a, from: s}\n  two: {use: count-b, from: s}\n"
    Path("p.yaml").write_text("structkit: 1\nname: p\nplugins: [a/d.py, b/d.py]\n" + steps)
    assert quick("run", "p.yaml").code == 0
    from structkit.run import Run

    first = [float(Run("runs/p").table(step).item("vector", 0)[0]) for step in ("one", "two")]
    assert first == [1.0, 2.0]
    Path("p.yaml").write_text("structkit: 1\nname: p\nplugins: [a/d.py, a/d.py]\n" + steps)
    assert (
        "p.yaml:3: Y024 'plugins' names 'a/d.py' twice; name it once"
        in quick("validate", "p.yaml").err
    )


def test_prediction_refuses_what_a_run_refuses_and_loses_nothing(quick):
    from ase.build import bulk
    from ase.io import write as save

    write()
    assert quick("run", "p.yaml").code == 0
    save("cu.cif", bulk("Cu"))
    found = quick("predict", "runs/wrong", "cu.cif")
    assert found.code == 0 and "cu.cif: " in found.out
    write("transform", "if sample.id.endswith('.cif'): return []")
    assert quick("run", "p.yaml").code == 0
    lost = quick("predict", "runs/wrong", "cu.cif", "--json")
    assert (
        lost.code == 3
        and "cu.cif: D022 nothing is left of it, prepared as origin 'copies'" in lost.err
        and not lost.out
    )


def test_what_a_plugin_prints_is_no_result(quick):
    from ase.build import bulk
    from ase.io import write as save

    write("descriptor", "print('hello')")
    Path("wrong-plugin.py").write_text("print('on import')\n" + Path("wrong-plugin.py").read_text())
    assert quick("run", "p.yaml").code == 0
    save("cu.cif", bulk("Cu"))
    import json

    found = quick("predict", "runs/wrong", "cu.cif", "--json")
    assert json.loads(found.out)["predictions"][0]["id"] == "cu.cif" and "hello" in found.err


def test_method_that_is_missing_is_found_by_check(quick):
    write()
    Path("wrong-plugin.py").write_text(
        PLUGIN.replace("def __call__(self, atoms)", "def describe(self, atoms)")
    )
    result = quick("plugins", "check", "wrong-plugin.py")
    assert (
        result.code == 4
        and "wrong_plugin:Count has no __call__, a descriptor needs it" in result.err
    ), result


def test_broken_plugin_is_told_once(quick):
    write()
    Path("wrong-plugin.py").write_text("import nothing_of_that_name\n")
    result = quick("validate", "p.yaml")
    assert result.code == 2 and len(result.err.splitlines()) == 1 and "P002" in result.err, result


def test_wrong_arguments_of_a_hook_are_named(quick):
    write()
    Path("wrong-plugin.py").write_text(
        PLUGIN.replace("def structkit_models():", "def structkit_models(run):")
    )
    assert (
        "P005 structkit_models takes no argument 'run'"
        in quick("plugins", "list", "--file", "wrong-plugin.py").out
    )
    Path("wrong-plugin.py").write_text(
        PLUGIN.replace("def structkit_models():", "def structkit_model():")
    )
    told = quick("plugins", "list", "--file", "wrong-plugin.py").out
    assert "P005 there is no hook 'structkit_model'; did you mean 'structkit_models'?" in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("None", "gave a NoneType, expected a mapping"),
        ("{'group': ['a']}", "'group' is not one word for each of 12 rows"),
        ("{'group': [None] * 12}", "'group' is not one word for each of 12 rows"),
        ("{'id': ['a'] * 12}", "gave 'id', expected 'group' or 'label'"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_a_source_says_of_all_rows_is_checked(given, said, quick):
    write()
    text = Path("wrong-plugin.py").read_text()
    method = f"    def together(self, table):\n        return {given}\n\n    def samples"
    Path("wrong-plugin.py").write_text(text.replace("    def samples", method, 1))
    result = quick("run", "p.yaml")
    assert result.code == 4 and "boxes (wrong-plugin 0)" in result.err and said in result.err, (
        result
    )


def test_what_a_source_says_of_all_rows_is_theirs(quick):
    write()
    text = Path("wrong-plugin.py").read_text()
    words = "{'group': [f'pair{i // 2}' for i in range(len(table))], 'label': list('abcd') * 3}"
    method = f"    def together(self, table):\n        return {words}\n\n    def samples"
    Path("wrong-plugin.py").write_text(text.replace("    def samples", method, 1))
    quick("run", "p.yaml", "--only", "boxes")
    (step,) = [
        path.parent
        for path in Path("runs").glob("*/steps/*/table.json")
        if path.parent.name == "boxes"
    ]
    table = Table.open(step)
    assert table.groups[:4] == ["pair0", "pair0", "pair1", "pair1"]
    assert table.labels == list("abcd") * 3 and len(table.ids) == 12
