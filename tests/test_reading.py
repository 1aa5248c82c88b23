"""Who reads the files that are given to `predict`: the source of the run, else the first installed that can."""

import pytest

pytestmark = pytest.mark.slow

READER = """

@hookimpl
def structkit_sources():
    yield Source(name="toy-crystals", build=f"{HERE}:Crystals", settings=CrystalSettings, summary="s",
                 reads=f"{HERE}:read")


def read(path, settings, units):
    from ase.build import bulk

    word = path.read_text()
    if word == "fail":
        raise ValueError("no such word")
    if word == "nothing":
        return None
    return [word] if word == "word" else [Sample(f"{path}: {settings} {units}", bulk("Cu"))]
"""


@pytest.fixture
def run_with_reader(quick, here):
    """A finished run whose own source reads files."""
    code = (here / "toy_plugin.py").read_text()
    (here / "toy_plugin.py").write_text(code + READER)
    assert quick("run", "toy.yaml").code == 0
    return quick


def test_own_source_of_the_run_reads_with_the_settings_of_its_step(run_with_reader, here):
    (here / "new").write_text("")
    result = run_with_reader("predict", "runs/toy", "new")
    assert result.code == 0 and "new: groups=6" in result.out and " metal: " in result.out, result


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fail", "P010 toy-crystals (toy_plugin 0) failed on new (toy_plugin.py:"),
        ("nothing", "P011 toy-crystals (toy_plugin 0) on new: gave a NoneType"),
        ("word", "P011 toy-crystals (toy_plugin 0) on new: gave a str, expected a Sample"),
    ],
)
def test_reader_is_blamed_by_name(word, expected, run_with_reader, here):
    (here / "new").write_text(word)
    result = run_with_reader("predict", "runs/toy", "new")
    assert result.code == 4 and expected in result.err, result


def test_without_a_reader_it_is_said_what_to_install(cli, quick, here):
    assert quick("run", "toy.yaml").code == 0
    blocked = {"STRUCTKIT_BLOCK": "structkit-structure-files"}
    result = cli("predict", "runs/toy", "new.cif", env=blocked)
    expected = "P001 no installed plugin reads structure files; install structkit-structure-files; STRUCTKIT_BLOCK"
    assert result.code == 2 and expected in result.err, result
