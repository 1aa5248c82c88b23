"""What a plugin sets for everybody changes nobody's numbers: it is put back, and whoever did it is named."""

import random
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from structkit import surroundings
from structkit.process_settings import settings
from structkit.randomness import chance_restored, seed_everything

pytestmark = [pytest.mark.slow, pytest.mark.members]
LOUD = {
    "numpy's error state": "np.seterr(all='ignore', under='print')",
    "numpy's print options": "np.set_printoptions(precision=2)",
    "the context of decimal": "decimal.getcontext().prec = 3",
    "the recursion limit": "sys.setrecursionlimit(sys.getrecursionlimit() + 77)",
    "the working folder": "os.chdir('/')",
    "the umask": "os.umask(0o077)",
    "the locale": "locale.setlocale(locale.LC_ALL, 'C.UTF-8' if locale.setlocale(locale.LC_ALL) == 'C' else 'C')",
    "what signals do": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "which signals are blocked": "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])",
    "which log messages are left out": "import logging; logging.disable(logging.CRITICAL)",
    "torch's default dtype": "import torch; torch.set_default_dtype(torch.float64)",
    "torch's precision of float32 matrix products": "import torch; torch.set_float32_matmul_precision('medium')",
    "torch's deterministic algorithms": "import torch; torch.use_deterministic_algorithms(True)",
    "torch's gradients": "import torch; torch.set_grad_enabled(False)",
    "torch's cudnn.benchmark": "import torch; torch.backends.cudnn.benchmark = True",
    "torch's default device": "import torch; torch.set_default_device('meta')",
}
QUIET = {
    "the environment": "os.environ['HOSTILE'] = 'yes'",
    "the environment, less": "del os.environ['PATH']",
    "the filters of warnings": "warnings.simplefilter('error')",
    "sys.path": "sys.path.insert(0, 'hostile')",
    "the standard streams": "sys.stdout = sys.stderr = open(os.devnull, 'w')",
}
CHANCE = {
    "of Python": "random.seed(5)",
    "of numpy": "np.random.seed(5)",
    "of numpy, drawn": "np.random.rand(len(atoms))",
    "of Python, drawn": "random.random()",
    "of Python, by the time": "random.seed()",
}


def everything():
    """What this process has for everybody, as text; of signals the command line has its own handlers."""
    values = {setting.words: repr(setting.read()) for setting in settings() if not setting.quiet}
    return {words: value for words, value in values.items() if "signals do" not in words}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("words", LOUD)
def test_a_call_that_leaves_something_set_is_refused(words, workers, hostile):
    hostile.write("descriptor", LOUD[words])
    before = everything()
    result = hostile.run(workers)
    assert result.code == 4, result
    told = re.search(r"P018 count \(hostile 0\) on row 's\d' set (.*) for everybody", result.err)
    assert told and words in told[1], result
    assert before.items() <= everything().items()


@pytest.mark.parametrize("words", LOUD)
def test_what_an_import_sets_is_put_back_and_told(words, hostile):
    before = hostile.innocent()
    for workers in (1, 2):
        hostile.write("import", LOUD[words])
        result = hostile.run(workers)
        assert result.code == 0, result
        told = re.search(r"P018 plugin hostile set (.*) for everybody when it was imp", result.err)
        assert told and words in told[1], result
        if "torch" not in LOUD[words]:  # where it is imported, the witness says more
            assert hostile.bytes_of("witness") == before


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("words", QUIET)
def test_what_decides_no_number_is_put_back_and_told(words, workers, hostile):
    before = hostile.innocent()
    hostile.write("descriptor", QUIET[words])
    result = hostile.run(workers)
    assert result.code == 0 and hostile.bytes_of("witness") == before, result
    log = Path("runs/hostile/run.log").read_text()
    assert f"P018 count (hostile 0) set {words.partition(',')[0]} for everybody" in log


@pytest.mark.parametrize(
    ("words", "place"),
    zip(CHANCE, ("descriptor", "transform", "source", "import", "tasks"), strict=True),
)
def test_random_numbers_of_all_are_seeded_before_each_call(words, place, hostile):
    before = hostile.innocent()
    hostile.write(place, CHANCE[words].replace("len(atoms)", "3"))
    for workers in (1, 2):
        assert hostile.run(workers).code == 0 and hostile.bytes_of("witness") == before


def test_rows_draw_different_numbers(hostile):
    hostile.innocent()
    drawn = [tuple(numbers[2:4]) for numbers in hostile.rows("witness").values()]
    assert len(set(drawn)) == len(drawn) == 8


@pytest.mark.parametrize("place", ["transform", "source", "explain", "fit", "predict", "load", "save", "tasks"])  # fmt: skip
@pytest.mark.parametrize("workers", [1, 2])
def test_every_kind_of_call_is_looked_at(place, workers, hostile):
    hostile.write(place, LOUD["numpy's error state"])
    result = hostile.run(workers)
    assert result.code == 4 and "P018 " in result.err and "numpy's error state" in result.err, (
        result
    )


@pytest.mark.parametrize("words", ["numpy's error state", "the working folder", "the umask"])
def test_a_prediction_looks_as_a_run_does(words, hostile):
    from ase.build import bulk
    from ase.io import write as save

    save("cu.cif", bulk("Cu"))
    hostile.write(
        "descriptor",
        f"if 'noted' not in atoms.info:\n    {LOUD[words]}\n    return {{'vector': np.zeros(2)}}",
    )
    assert hostile.run().code == 0
    result = hostile.quick("predict", "runs/hostile", "cu.cif")
    assert result.code == 4 and f"P018 count (hostile 0) on row 'cu.cif' set {words}" in result.err


def test_a_generator_may_keep_what_it_sets_for_itself_while_it_pauses(hostile):
    before = hostile.innocent()
    kept = "with np.errstate(all='raise'):\n    yield {'a': features.item('vector', row)}\n    assert np.geterr()['under'] == 'raise'\ncontinue"
    hostile.write("explain", kept)
    for workers in (1, 2):
        result = hostile.run(workers)
        assert (
            result.code == 0 and "P018" not in result.err and hostile.bytes_of("witness") == before
        )


def test_what_an_import_sets_is_put_back_and_not_kept_for_a_generator(monkeypatch):
    before = surroundings.Snapshot()
    monkeypatch.setitem(sys.modules, "imported_meanwhile", sys)
    warnings.simplefilter("error")
    np.seterr(under="raise")
    changes = before.put_back()
    assert [setting.words for setting, _ in before.meant(changes)] == ["numpy's error state"]
    assert before.changed() == []


def test_a_failing_call_leaves_nothing_behind(hostile):
    hostile.write("descriptor", "np.seterr(all='raise'); os.chdir('/'); raise ValueError('no')")
    folder = Path.cwd()
    assert "ValueError: no" in hostile.run().err
    assert Path.cwd() == folder and np.geterr()["under"] == "ignore"


def test_lists_of_settings_read_and_write_what_they_say():
    before = surroundings.Snapshot()
    for setting, value in zip(before.settings, before.values, strict=True):
        setting.write(value)
    assert before.changed() == []


def test_random_numbers_of_a_notebook_stay_where_they_were():
    random.seed(1)
    np.random.seed(1)
    with chance_restored():
        seed_everything(7)
    assert random.random() == random.Random(1).random()
    assert np.random.rand() == np.random.RandomState(1).rand()
