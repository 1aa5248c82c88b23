"""Labels that look alike are told of, whatever makes them differ; labels that do not are left alone."""

import pytest

from structkit import DataError
from structkit_structure_files.lookalikes import alike, skeleton
from structkit_structure_files.source import Files

ALIKE = [
    ("fcc", "Fcc "),
    ("fcc", "f\u0441c"),  # a Cyrillic c
    ("bcc", "\u0412cc"),  # a Cyrillic capital Ve
    ("NaCl", "\u039daCl"),  # a Greek capital Nu
    ("o", "\u03bf"),
    ("a", "\u0430"),
    ("p", "\u03c1"),
    ("OK", "\u039f\u041a"),
    ("caf\u00e9", "cafe\u0301"),  # NFC and NFD
    ("\u00c5", "\u212b"),  # the letter and the ångström sign
    ("fcc", "f\u3164cc"),  # a Hangul filler
    ("fcc", "fcc\u115f"),
    ("fcc", "f\uffa0cc"),
    ("fcc", "f\u200bcc"),  # spaces and joiners of no width
    ("fcc", "f\u200dcc"),
    ("fcc", "\ufefffcc"),
    ("fcc", "f\u00adcc"),  # a soft hyphen
    ("fcc", "f\u2800cc"),  # a Braille blank
    ("fcc", "f\u034fcc"),
    ("fcc", "fcc\ufe0f"),  # variation selectors
    ("fcc", "fcc\U000e0101"),
    ("fcc", "\uff46\uff43\uff43"),  # fullwidth
    ("fcc", "\U0001d41f\U0001d41c\U0001d41c"),  # mathematical bold
    ("fi", "\ufb01"),  # a ligature
    ("stra\u00dfe", "STRASSE"),
    ("fcc-1", "fcc\u20111"),  # another hyphen
    ("fcc-1", "fcc\u22121"),  # a minus
    ("fcc 1", "fcc\u00a01"),  # another space
    ("fcc 1", "fcc\u30001"),
    ("I", "\u0131"),  # without its dot
    ("y", "\u04af"),
]
UNLIKE = [
    ("P1", "Pl"),
    ("fcc", "bcc"),
    ("10", "1O"),
    ("A1", "B1"),
    ("\u03b2", "b"),
    ("\u03b8", "0"),
    ("Fe", "Fe2"),
    ("\u4e2d", "\u56fd"),
    ("b", "\u0432"),
    ("fcc", "f\u00e7c"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_labels_that_look_alike(one, other):
    assert skeleton(one) == skeleton(other)
    assert len(alike([one, other, one, "something else"])) == 1


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_labels_that_do_not(one, other):
    assert skeleton(one) != skeleton(other) and not alike([one, other])


def test_the_difference_is_written_out():
    (message,) = alike(["fcc", "f\u0441c", "fcc"])
    assert message == "labels look alike: 'fcc' (2), 'f\\u0441c' (1)"


def test_many_long_labels_cost_little_and_are_cut():
    (message,) = alike([f"{number}" for number in range(20_000)] + ["a" * 99_999, "A" * 99_999])
    assert len(message) < 300


def test_strict_labels_refuses_them(tmp_path):
    for name in ("fcc", "f\u0441c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.cif").write_text("x")
    source = Files(path=str(tmp_path), label="folder", strict_labels=True)
    with pytest.raises(DataError, match="D003 labels look alike"):
        source.tasks()
