"""Reading YAML: places, YAML 1.2, limits, and nothing executed."""

import time

import pytest

from structkit.errors import SpecError
from structkit.pipeline.yaml_reader import parse


def refused(text):
    with pytest.raises(SpecError) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


def test_scalars_follow_yaml_1_2():
    text = "a: 1e-3\nb: NO\nc: [No, Y, on]\nd: 0x1f\ne: '7'\nf: ~\ng: true\nh: 1_000\ni: 0777\nj: 12:30\n"
    plain = parse(text, "f").plain()
    assert plain == {"a": 0.001, "b": "NO", "c": ["No", "Y", "on"], "d": 31, "e": "7", "f": None, "g": True,
                     "h": "1_000", "i": 777, "j": "12:30"}  # fmt: skip


def test_lines_of_keys_and_items_are_known():
    root = parse("a: 1\nb:\n  c: 2\n  d:\n  - 5\n  - 6\n", "f")
    assert [root.line_of(p) for p in [("a",), ("b", "c"), ("b", "d", 1), ("b", "nothing")]] == [
        1,
        3,
        6,
        2,
    ]


def test_duplicate_key_names_both_lines():
    assert (
        refused("a: 1\nsteps: 1\nb: 2\nsteps: 3\n")
        == "f.yaml:4: Y004 'steps' twice (lines 2, 4); remove one"
    )


def test_aliases_are_values_and_bombs_are_refused():
    assert parse("a: &x {b: 1}\nc: *x\n", "f").plain() == {"a": {"b": 1}, "c": {"b": 1}}
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    start = time.process_time()
    assert "Y007 more than" in refused(bomb)
    assert time.process_time() - start < 1
    assert "contains itself" in refused("a: &x [1, *x]\n")


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['true']", "!x 3", "!!binary aGk="]
)
def test_tags_are_refused(tag):
    assert "Y005 tag" in refused(f"a: {tag}\n")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "a: " + "{a: " * 20_000,
        "- " * 20_000,
        "x: y\n" * 200_000,
        "steps: {" + ",".join(f"s{i}: {{}}" for i in range(100_000)) + "}",
        "".join(f"s{i}: 1\n" for i in range(100_000)),
    ],
    ids=["flow lists", "flow maps", "block lists", "lines", "flow steps", "block steps"],
)
def test_too_much_is_refused_at_once(text):
    parse("warm: up\n", "f")
    start = time.process_time()
    assert "Y007" in refused(text)
    # the promise is 0.1 s; the margin is for a loaded machine
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "just words\n",
        "a: [1\n",
        "a: 'x\n",
        "a:\t- b\n",
        "--- {a: 1}\n--- {b: 2}\n",
    ],
)
def test_what_is_no_mapping_is_refused_with_its_line(text):
    assert "f.yaml:" in refused(text) and "Y003" in refused(text)


def test_comments_break_no_reader():
    """The round-trip reader of the library raises on this; it is a word that begins a mapping."""
    assert parse("a:  # y\n  b:{\n\n\n\n", "f.yaml").plain() == {"a": "b:{"}
