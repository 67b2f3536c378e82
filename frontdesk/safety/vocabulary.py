"""Words that people really write, so that a mistyped word can be told from one that is only rare.

``data/crisis/classifier/words.txt`` holds them, the commonest first. ``make train-screen`` takes
them from the examples and from lists of English and Spanish words.
"""

from __future__ import annotations

import bisect
import itertools
import re
import string
import zlib
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from frontdesk.content import files

SHORTEST, LONGEST = 3, 24  # letters of a word that is corrected
COMMON = 6000  # only a word as common as this is meant; a rare one hardly ever


class Vocabulary:
    """``words``: the commonest first. It remembers hashes of the rare ones only: they are many."""

    def __init__(self, words: Iterable[str]) -> None:
        each = iter(words)
        self._common = {word: rank for rank, word in enumerate(itertools.islice(each, COMMON))}
        self._rare = array("L", sorted(zlib.crc32(word.encode()) for word in each))
        self._sounding: dict[str, str] = {}
        for word in self._common:
            self._sounding.setdefault(sound(word), word)

    def __contains__(self, word: str) -> bool:
        if word in self._common:
            return True
        code = zlib.crc32(word.encode())
        place = bisect.bisect_left(self._rare, code)
        return place < len(self._rare) and self._rare[place] == code

    def meant(self, written: str) -> tuple[str, ...]:
        """The word, or the two, that ``written`` is a mistyping of; itself if it is none.

        It is written as it sounds ("kiero", "yegar"), or one letter is wrong, missing, additional
        or swapped with the next, or a space is missing. Of several words one with the same letters
        is meant, or else one that begins with the same letter, or else the commonest. Another last
        letter is no mistake but another form of a word, in English as in Spanish.
        """
        if not SHORTEST <= len(written) <= LONGEST or written in self:
            return (written,)
        if not written.isascii() or not written.isalpha():
            return (written,)
        heard = self._sounding.get(sound(written))
        if heard:
            return (heard,)
        near = [word for word in one_edit(written) if word in self._common]
        if len(written) == SHORTEST:
            near = [word for word in near if len(word) >= SHORTEST]
        if near:
            return (min(near, key=lambda word: self._likelihood(word, written)),)
        return self._two_words(written) or (written,)

    def _likelihood(self, word: str, written: str) -> tuple[bool, bool, int]:
        return sorted(word) != sorted(written), word[0] != written[0], self._common[word]

    def _two_words(self, written: str) -> tuple[str, ...]:
        cuts = ((written[:at], written[at:]) for at in range(1, len(written) - 1))
        pairs = [
            (first, second)
            for first, second in cuts
            if first in self._common and second in self._common and (len(first) > 1 or first == "i")
        ]
        return min(pairs, key=lambda two: max(map(self._common.__getitem__, two)), default=())


# What sounds the same in Spanish, or nearly, in the order in which it is put together.
_SOUNDS = [
    (re.compile(letters), plain)
    for letters, plain in (
        ("ph", "f"),
        ("qu(?=[ei])|ck", "k"),
        ("ch", "#"),
        ("c(?=[ei])|z", "s"),
        ("c", "k"),
        ("g(?=[ei])", "j"),
        ("h(?=u[aeio])", "g"),
        ("w", "gu"),
        ("gu(?=[ei])", "g"),
        ("h", ""),
        ("v", "b"),
        ("ll", "y"),
        ("y$", "i"),
        (r"(.)\1", r"\1"),
    )
]


def sound(word: str) -> str:
    """A key that is the same for words that sound alike in Spanish: "llegar" and "yegar"."""
    for letters, plain in _SOUNDS:
        word = letters.sub(plain, word)
    return word


def one_edit(word: str) -> Iterator[str]:
    """Every text that is one mistake away from ``word``, its last letter being right."""
    for at in range(len(word)):
        before, after = word[:at], word[at:]
        if len(after) > 1:
            yield before + after[1:]
            yield before + after[1] + after[0] + after[2:]
        for letter in string.ascii_lowercase:
            yield before + letter + after
            if len(after) > 1:
                yield before + letter + after[1:]


def load(path: Path) -> Vocabulary:
    """The words in ``path``, one a line. Raises files.ContentError."""
    try:
        return Vocabulary(path.read_text(encoding="utf-8").split())
    except (OSError, ValueError) as error:
        raise files.ContentError(
            path, None, f"the words cannot be loaded: {error}", "run `make train-screen`"
        ) from error
