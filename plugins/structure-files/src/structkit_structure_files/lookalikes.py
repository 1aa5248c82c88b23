"""Labels that look alike: by case, spaces, invisible characters, compatibility forms, or another script.

Two labels are alike when their skeletons are equal, as in Unicode Technical Standard 39, section 4:
https://www.unicode.org/reports/tr39/. Of its table of confusable characters, the letters of the Cyrillic and
Greek scripts that look as Latin ones are here; digits are not (`P1` is not `Pl`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from structkit.errors import quoted

CYRILLIC = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХԚԜҮӀЬаеѕіјорсухԁһԛԝүӏгԍ",
        "ABESIJKMHOPCTYXQWYlbaesijopcyxdhqwylrg",
        strict=True,
    )
)
GREEK = dict(
    zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹαγινορσυϳϲκ", "ABEZHIKMNOPTYXCayivopouJck".replace("J", "j"), strict=True)
)
LATIN = dict(zip("ıɑɡɩʏɪᴄᴏᴠᴡᴢꜱⅼ", "iagiyicovwzsl", strict=True))
MARKS = dict.fromkeys("‐‑‒–—−﹣⁃", "-") | dict.fromkeys("’‘ʼ′`´ʹ", "'") | dict.fromkeys("∕⁄", "/")
ALIKE = str.maketrans({**CYRILLIC, **GREEK, **LATIN, **MARKS})
# letters and marks by their category, which nobody sees
UNSEEN = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    *map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810)))
}
BLANK = ("Cc", "Cf", "Zs", "Zl", "Zp")  # categories: controls, formats, spaces, ends of lines


def spelt(label: str) -> str:
    """A label without case and spaces."""
    return "".join(label.split()).lower()


def skeleton(label: str) -> str:
    """What is left of a label for the eye: equal of labels that look alike."""
    text = _seen(unicodedata.normalize("NFKC", _seen(label)))
    text = text.translate(ALIKE).casefold()  # letters of either case have their own likeness
    text = unicodedata.normalize("NFKC", text).translate(ALIKE)
    return unicodedata.normalize("NFC", text)


def _seen(text: str) -> str:
    """The characters that can be seen."""
    return "".join(c for c in text if c not in UNSEEN and unicodedata.category(c) not in BLANK)


def alike(labels: Iterable[str]) -> list[str]:
    """Sentences on labels that are most likely one."""
    counts = Counter(labels)
    together: dict[str, list[str]] = defaultdict(list)
    for label in counts:
        together[skeleton(label)].append(label)
    sentences = []
    for words in together.values():
        if len(words) > 1:
            ordered = sorted(words, key=lambda word: (-counts[word], word))
            told = ", ".join(f"{_shown(word)} ({counts[word]})" for word in ordered)
            same = len({*map(spelt, words)}) == 1
            sentences.append(
                f"labels {'differ only by case/space' if same else 'look alike'}: {told}"
            )
    return sentences


def _shown(word: str) -> str:
    """A label with what is no plain letter written out, so that the difference is seen."""
    return quoted(word) if word.isascii() else ascii(word)[:60]
