"""Every row of the table of bad pipeline files: code, place, and what to do."""

import os
import time
from pathlib import Path

import pytest

HEAD = "structkit: 1\nname: t\nplugins: [toy_plugin.py]\nsteps:\n"
GOOD = (
    HEAD
    + """\
  a: {use: toy-crystals}
  v: {use: toy-vector, from: a}
  m: {use: toy-centroid, from: v}
"""
)


def steps(text):
    return HEAD + text


CASES = {
    "unknown top key": (GOOD + "sedd: 4\n", "p.yaml:8: Y010 unknown option 'sedd'; did you mean 'seed'?"),
    "unknown step key": (steps("  a: {use: toy-crystals, wth: {}}\n"), "p.yaml:5: Y010 unknown option 'wth' in steps.a; did you mean 'with'?"),
    "unknown option": (steps("  a:\n    use: toy-crystals\n    with:\n      group: 3\n"), "p.yaml:8: Y010 unknown option 'group' for toy-crystals in steps.a.with; did you mean 'groups'?"),
    "word for a number": (steps("  a: {use: toy-crystals, with: {groups: 'ten'}}\n"), "p.yaml:5: Y011 steps.a.with.groups: expected integer ≥ 1, found 'ten'"),
    "true for a number": (steps("  a: {use: toy-crystals, with: {groups: true}}\n"), "Y011 steps.a.with.groups: expected integer ≥ 1, found True"),
    "fraction for a number": (steps("  a: {use: toy-crystals, with: {groups: 1.5}}\n"), "Y011 steps.a.with.groups: expected integer ≥ 1, found 1.5"),
    "nan": (steps("  a: {use: toy-crystals}\n  n: {use: toy-noise, from: a, with: {sigma: .nan}}\n"), "Y011 steps.n.with.sigma: expected number ≥ 0"),
    "infinite": (steps("  a: {use: toy-crystals}\n  n: {use: toy-noise, from: a, with: {sigma: 1e400}}\n"), "Y011 steps.n.with.sigma: expected number ≥ 0"),
    "out of range": (steps("  a: {use: toy-crystals, with: {groups: 0}}\n"), "p.yaml:5: Y012 steps.a.with.groups: expected integer ≥ 1, found 0"),
    "seed below zero": (GOOD + "seed: -1\n", "p.yaml:8: Y012 seed: expected integer ≥ 0"),
    "no threads": (GOOD + "threads: 0\n", "p.yaml:8: Y012 threads: expected integer ≥ 1"),
    "missing option": ("structkit: 1\nname: t\nsteps:\n  f:\n    use: files\n    with: {path: x}\n", "p.yaml:6: Y013 files needs 'label'"),
    "missing use": (steps("  a: {with: {}}\n"), "p.yaml:5: Y013 missing 'steps.a.use'"),
    "unknown from": (steps("  a: {use: toy-crystals}\n  fingerprint: {use: toy-vector, from: a}\n  m: {use: toy-centroid, from: fingerprnt}\n"), "p.yaml:7: Y021 step 'm' reads 'fingerprnt', which is no step; did you mean 'fingerprint'? (steps: a, fingerprint)"),
    "cycle": (steps("  a: {use: toy-noise, from: b}\n  b: {use: toy-noise, from: a}\n"), "p.yaml:5: Y022 cycle: a → b → a"),
    "self loop": (steps("  a: {use: toy-noise, from: a}\n"), "p.yaml:5: Y022 cycle: a → a"),
    "wrong representation": (steps("  a: {use: toy-crystals}\n  v: {use: toy-vector, from: a}\n  m:\n    use: cnn-classifier\n    from: v\n"), "p.yaml:9: Y023 cnn-classifier accepts image, got vector from 'v'"),
    "wrong kind": (steps("  a: {use: toy-crystals}\n  m: {use: toy-centroid, from: a}\n"), "Y023 toy-centroid reads features, got structures from 'a'"),
    "explainer asks too much": (GOOD + "  x: {use: response-maps, from: m}\n", "p.yaml:8: Y023 response-maps needs convolutions, gradients, 'm' (toy-centroid) offers centroids"),
    "explains another origin": (GOOD + "  x: {use: toy-gradient, from: m, only: {origins: [b]}}\n", "p.yaml:8: Y021 only.origins names 'b', which is no origin here"),
    "source with from": (GOOD + "  b: {use: toy-crystals, from: a}\n", "p.yaml:8: Y024 source toy-crystals reads nothing, but has 'from'"),
    "no from": (steps("  v: {use: toy-vector}\n"), "p.yaml:5: Y024 step 'v' (descriptor toy-vector) needs 'from'"),
    "twice from": (steps("  a: {use: toy-crystals}\n  v: {use: toy-vector, from: [a, a]}\n"), "p.yaml:6: Y024 'from' names 'a' twice"),
    "rows twice": (steps("  a: {use: toy-crystals}\n  v: {use: toy-vector, from: a}\n  w: {use: toy-vector, from: a}\n  m: {use: toy-centroid, from: [v, w]}\n"), "p.yaml:8: Y024 the rows of 'a' come in 2 times"),
    "unknown origin": (steps("  a: {use: toy-crystals}\n  v: {use: toy-vector, from: a}\n  m: {use: toy-centroid, from: v, train_on: [v]}\n"), "p.yaml:7: Y021 train_on names 'v', which is no origin here; allowed: a"),
    "misplaced word": (steps("  a: {use: toy-crystals, only: {}}\n"), "p.yaml:5: Y010 'only' is for explainer steps, 'a' is a source"),
    "no such plugin": (steps("  a: {use: toy-crystls}\n"), "p.yaml:5: P001 no installed plugin provides 'toy-crystls'; did you mean 'toy-crystals'?"),
    "moved elsewhere": (steps("  a: {use: structkit-core/files, with: {path: x, label: none}}\n"), "P001 no installed plugin provides 'structkit-core/files'; it is structkit-structure-files/files here"),
    "nothing like it": (steps("  a: {use: xrd-qqqqqqqq}\n"), "P001 no installed plugin provides 'xrd-qqqqqqqq'; see: structkit plugins list (or install the plugin, perhaps structkit-xrd-qqqqqqqq)"),
    "loose plugin absent": ("structkit: 1\nname: t\nplugins: [nothing.py]\nsteps:\n  a: {use: files, with: {path: x, label: none}}\n", "p.yaml:3: P002 plugin nothing.py: failed to import"),
    "step without a name": (steps("  'a b': {use: toy-crystals}\n"), "p.yaml:5: Y012"),
    "name is a path": ("structkit: 1\nname: ../x\nsteps:\n  a: {use: files}\n", "p.yaml:2: Y012 name: expected string matching"),
    "format of the future": ("structkit: 2\nname: t\nsteps:\n  a: {use: files}\n", "p.yaml:1: Y012 structkit: expected 1, found 2"),
    "empty test part": (GOOD + "split: {test: 0}\n", "D040"),
    "test part is all": (GOOD + "split: {test: 1.0}\n", "D040"),
    "split leaves nothing": (GOOD + "split: {test: 0.6, valid: 0.5}\n", "D040 split: valid + test = 1.1 leaves nothing to train on"),
    "true for the format": ("structkit: true\nname: t\nsteps:\n  a: {use: files}\n", "p.yaml:1: Y012 structkit: expected 1, found True"),
    "trained on nothing": (GOOD.replace("from: v}", "from: v, train_on: []}"), "p.yaml:7: Y012 steps.m.train_on"),
    "trained on twice": (GOOD.replace("from: v}", "from: v, train_on: [a, a]}"), "p.yaml:7: Y024 'train_on' names 'a' twice"),
    "underscored number": (steps("  a: {use: toy-crystals, with: {groups: 1_000}}\n"), "Y011 steps.a.with.groups"),
    "no steps": ("structkit: 1\nname: t\nsteps: {}\n", "p.yaml:3: Y012 steps"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_pipeline_is_told_in_one_line(case, spec_error):
    text, expected = CASES[case]
    lines = spec_error(text)  # a SpecError, whose exit code is 2
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("p.yaml:") for line in lines), lines


def test_all_problems_come_at_once_in_the_order_of_lines(spec_error):
    lines = spec_error(
        steps(
            "  a: {use: toy-crystals, with: {groups: 0, x: 1}}\n  b: {use: nope-nope}\n  v: {use: toy-vector, from: q}\n"
        )
    )
    assert [line.split()[1] for line in lines] == ["Y010", "Y012", "P001", "Y021"]


READ_TWICE = """\
  b: {use: toy-crystals}
  v: {use: toy-vector, from: [a, b]}
  m: {use: toy-centroid, from: v, train_on: [a, b]}
"""


@pytest.mark.parametrize(
    "first",
    [
        "a: {use: toy-crystls}",
        "a: {use: toy-crystals, with: {goups: 3}}",
        "aa: {use: toy-crystals}",
    ],
)
def test_one_mistake_is_one_error(first, spec_error):
    """What follows from a wrong step is no mistake of the steps that read it."""
    lines = spec_error(steps(f"  {first}\n{READ_TWICE}"))
    assert len(lines) == 1, lines


def test_wrong_word_does_not_hide_what_is_wrong_elsewhere(spec_error):
    text = steps(
        "  a: {use: toy-crystals, with: {groups: 0}}\n  v: {use: toy-vector, from: aa}\n  m: {use: toy-centroid, from: v, only: {subset: tst}}\n"
    )
    codes = [line.split()[1] for line in spec_error(text + "sedd: 3\n")]
    assert sorted(codes) == ["Y010", "Y012", "Y012", "Y021"]


def test_good_numbers_and_words_are_accepted(here):
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    Path("p.yaml").write_text(
        GOOD.replace("from: a}", "from: a, with: {bins: 7}}") + "seed: 0\nthreads: 2\n"
    )
    assert check(load(Path("p.yaml"))).steps["v"].settings.bins == 7


def test_learning_rate_in_scientific_notation(here):
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    Path("p.yaml").write_text(
        "structkit: 1\nname: t\nsteps:\n  a: {use: crystal-prototypes}\n  f: {use: diffraction-fingerprint, from: a}\n"
        "  c: {use: cnn-classifier, from: f, with: {learning_rate: 1e-3}}\n"
    )
    assert check(load(Path("p.yaml"))).steps["c"].settings.learning_rate == 0.001


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("steps.a.with.groups=0", "--set: Y012 steps.a.with.groups: expected integer ≥ 1, found 0"),
        (
            "steps.b.with.groups=3",
            "--set: Y006 'steps.b.with.groups' names nothing in the file: no 'b'",
        ),
        ("steps.a.with.groups", "--set: Y006 cannot read"),
        ("steps.a.with.groups=[1", "Y003"),
        ("steps.m.with.epoch=2", "Y010 unknown option 'epoch'"),
    ],
)
def test_set_is_checked_like_the_file(override, expected, spec_error):
    assert any(expected in line for line in spec_error(GOOD, [override]))


def test_set_changes_a_value(here):
    from structkit.pipeline.spec import load

    Path("p.yaml").write_text(GOOD)
    spec = load(Path("p.yaml"), ["steps.a.with.groups=9", "seed=5"])
    assert spec.pipeline.steps["a"].with_ == {"groups": 9} and spec.pipeline.seed == 5


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"structkit: 1\nname: \xff\xfe\n", "Y002 not UTF-8"),
        (b"\x00\x01\x02", "Y003"),
        (b"x: " + b"y" * 1_100_000, "Y007 file has 1100003 bytes"),
    ],
)
def test_odd_files_are_refused(data, expected, spec_error):
    start = time.process_time()
    assert any(expected in line for line in spec_error(data))
    assert time.process_time() - start < 2


HOSTILE = {
    "a line that takes the parser for ever": (GOOD + "# " + "x" * 900_000 + "\n", "p.yaml:8: Y007 line has 900002 characters"),
    "a tag of many characters": (GOOD + "a: !" + "!" * 9_000 + " x\n", "Y00"),
    "a character that no path can hold": ('structkit: 1\nname: "a\\0b"\nsteps: {}\n', "p.yaml:2: Y003 a character that no name or path can hold"),
    "half a character": ('structkit: 1\nname: "\\ud800"\nsteps: {}\n', "p.yaml:2: Y003"),
    "a number of many digits": (GOOD + "seed: " + "9" * 5_000 + "\n", "p.yaml:8: Y007 a number of 5000 digits"),
    "origins that grow": (HEAD + "  s0: {use: toy-crystals}\n  s1: {use: toy-crystals}\n" + "".join(f"  s{i}: {{use: toy-noise, from: [s{i - 1}, s{i - 2}]}}\n" for i in range(2, 33)), "Y007 1597 origins come together in 's16' (limit 1000)"),
    "points without end": (HEAD + "  a:\n    use: toy-noise\n    from: b\n    vary:\n" + "".join(f"      x{i}: {list(range(60))}\n" for i in range(8)), "p.yaml:8: Y007 'vary' makes 167961600000000 origins (limit 1000)"),
    "unknown names without end": (HEAD + "".join(f"  step{i}: {{use: toy-noise, from: [{', '.join(f'stop{i}{j}' for j in range(12))}]}}\n" for i in range(400)), "Y021 step 'step0' reads 'stop00'"),
    "one name without end": (HEAD + "  a: {use: toy-crystals}\n  b:\n    use: toy-vector\n    from:\n" + "    - a\n" * 4_000, "Y024 'from' names 'a' twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_at_once(case, spec_error):
    text, expected = HOSTILE[case]
    start = time.process_time()
    lines = spec_error(text)
    assert any(expected in line for line in lines) and max(map(len, lines)) < 400, lines
    assert time.process_time() - start < 4, "two seconds; the margin is for a loaded machine"


def test_too_many_steps_are_told_with_what_is_allowed(spec_error):
    many = "".join(f"  s{number}: {{use: toy-crystals}}\n" for number in range(1001))
    (line, *_) = spec_error(steps(many))
    assert "Y012 steps: expected mapping with 1 to 1000 entries" in line


def test_byte_order_mark_and_windows_line_ends_are_accepted(here):
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    Path("p.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert len(check(load(Path("p.yaml"))).steps) == 3


def test_file_that_is_not_there_or_no_file(cli, here):
    assert "Y001 pipeline file does not exist" in cli("validate", "no.yaml").err
    assert "not a regular file" in cli("validate", ".").err
    os.mkfifo(here / "pipe.yaml")
    result = cli("validate", "pipe.yaml", timeout=20)
    assert result.code == 2 and "not a regular file" in result.err


def test_exit_code_and_no_traceback(cli, here):
    (here / "p.yaml").write_text(steps("  a: {use: toy-crystals, with: {groups: ten}}\n"))
    result = cli("run", "p.yaml")
    assert result.code == 2 and "Y011" in result.err and "Traceback" not in result.err
    assert not (here / "runs").exists() and not (here / ".structkit").exists(), (
        "nothing is written for a bad file"
    )


def test_escapes_from_a_file_do_not_reach_the_terminal(spec_error):
    (line, *_) = spec_error(steps('  a: {use: "\\e[31mred\\a"}\n'))
    assert "\x1b" not in line and "\\x1b" in line
