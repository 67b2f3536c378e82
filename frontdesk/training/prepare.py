"""The examples as the crisis classifier sees them: words, features, embeddings."""

from __future__ import annotations

import functools
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spellchecker import SpellChecker

from frontdesk.safety import encoder
from frontdesk.safety.classifier import CLASSES, Weights
from frontdesk.safety.encoder import Encoded
from frontdesk.safety.examples import Example
from frontdesk.safety.features import Features, features
from frontdesk.safety.normalise import Normaliser, fold
from frontdesk.safety.screening import Route, Severity
from frontdesk.safety.vocabulary import Vocabulary, one_edit, sound

MISTYPED_SHARE, TYPO_RATE = 0.25, 0.4  # of the messages; of the words in them

Array = NDArray[np.float32]

Read = tuple[Example, list[str]]
"""An example and its words."""


def read(messages: Sequence[Example], normaliser: Normaliser) -> list[Read]:
    """The words of each message, without disguises. Those without a word are left out."""
    words = ([word.text for word in normaliser.readings(one.text)[-1]] for one in messages)
    return [(one, found) for one, found in zip(messages, words, strict=True) if found]


def mistyped(messages: Sequence[Read], vocabulary: Vocabulary) -> list[Read]:
    """A share of the messages once more, typed badly: with letters missing, swapped, doubled, or
    figures in their place. So a mistake costs the classifier less."""
    random = np.random.default_rng(1)
    chosen = [one for one in messages if random.random() < MISTYPED_SHARE]
    bad = (
        (one, [_typo(word, random) if random.random() < TYPO_RATE else word for word in words])
        for one, words in chosen
    )
    return [
        (one, [meant for word in words for meant in vocabulary.meant(word)]) for one, words in bad
    ]


def _typo(word: str, random: np.random.Generator) -> str:
    if len(word) < 3:
        return word
    place = int(random.integers(1, len(word) - 1))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    kind = int(random.integers(5))
    if kind == 0:
        return before + after
    if kind == 1:
        return before + after[0] + letter + after[1:]
    if kind == 2:
        return before + letter + letter + after
    return word.translate(_FIGURES) if kind == 3 else before + letter.translate(_FIGURES) + after


_FIGURES = str.maketrans("aeiost", "431057")


# --- words

SEEN_OFTEN = 3  # English messages with a word, from which on it is not taken for a mistake
MISTAKE_RARER = 30  # so many times is a mistake rarer than the word that is meant,
SOUNDS_RARER = 5  # and a word written as it sounds
IN_LISTS = {"en": 100, "es": 50}  # how often a word stands in pyspellchecker's lists (subtitles)


def vocabulary_of(messages: Sequence[Read]) -> list[str]:
    """The words of these messages and of lists of English and Spanish words, commonest first.

    Left out are mistakes: words in no list that sound like, or are one letter away from, a word
    that is much commoner. The Spanish list lacks many forms of words, so there only letters in
    the wrong order are taken for a mistake.
    """
    listed = dict(_listed())
    seen: Counter[str] = Counter()
    spanish: Counter[str] = Counter()
    for example, words in messages:
        seen.update(set(words))
        spanish.update(set(words) if example.language == "es" else ())
    sounding: dict[str, str] = {}
    for word, _ in seen.most_common():
        sounding.setdefault(sound(word), word)

    def mistake(word: str) -> bool:
        if word in listed:
            return False
        if seen[sounding.get(sound(word), "")] >= SOUNDS_RARER * seen[word]:
            return True
        commoner = (
            near
            for near in one_edit(word)
            if near in listed and seen[near] >= MISTAKE_RARER * seen[word]
        )
        if spanish[word] >= max(1, seen[word] / 5):
            return any(sorted(near) == sorted(word) for near in commoner)
        return seen[word] < SEEN_OFTEN or any(commoner)

    written = {word for word in seen if word.isascii() and word.isalpha() and not mistake(word)}
    return sorted(written | set(listed), key=lambda word: (-seen[word], -listed.get(word, 0), word))


def _listed() -> Iterable[tuple[str, int]]:
    for language, often in IN_LISTS.items():
        for written, count in SpellChecker(language=language).word_frequency.dictionary.items():
            word = fold(written)[0].replace("'", "")
            if count >= often and word.isascii() and word.isalpha():
                yield word, count


# --- numbers


@dataclass(frozen=True)
class Prepared:
    """Examples as the classifier sees them.

    ``wholes`` (n, WHOLE) and ``pieces`` (all pieces, PIECE) are embeddings, the latter in half
    precision and in a file that is deleted at the end; ``lengths`` (n,): the pieces of each.
    """

    examples: Sequence[Example]
    wholes: Array
    pieces: NDArray[np.float16]
    lengths: NDArray[np.int64]
    features: Sequence[Features]

    def at(self, rows: NDArray[np.int64]) -> Encoded:
        """The embeddings of the examples in ``rows``."""
        lengths = self.lengths[rows]
        starts = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(self._starts[rows] - starts, lengths)
        return Encoded(self.wholes[rows], self.pieces[places].astype(np.float32), starts)

    def scores(self, weights: Weights) -> Array:
        """(n, OUTPUTS)."""
        every = np.arange(len(self.examples))
        parts = np.array_split(every, max(len(every) // 256, 1))
        of_parts = [
            weights.scores(self.at(p), [self.features[int(row)] for row in p]) for p in parts
        ]
        return np.concatenate(of_parts)

    @functools.cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum(self.lengths) - self.lengths

    @functools.cached_property
    def classes(self) -> NDArray[np.int64]:
        """(n,): the place in CLASSES of each."""
        return np.array([CLASSES.index(class_of(one)) for one in self.examples])

    @functools.cached_property
    def imminent(self) -> Array:
        """(n,): 1 for an imminent crisis, 0 for another, NaN where there is no crisis."""
        of = {Severity.IMMINENT: 1.0, Severity.HIGH: 0.0}
        return np.array(
            [of.get(one.severity, np.nan) if one.severity else np.nan for one in self.examples],
            dtype=np.float32,
        )


def class_of(example: Example) -> str:
    """The name in CLASSES."""
    if example.route is Route.CRISIS and example.kind:
        return example.kind.value
    if example.route is Route.NOTE:
        return "distress" if example.style == "distress" else "mention"
    return "none"


def prepare(messages: Sequence[Read]) -> Prepared:
    """Embed and count. Takes about a second for 1,000 messages."""
    encode = encoder.load()
    wholes, lengths = [], []
    with tempfile.TemporaryFile() as file:
        for first in range(0, len(messages), 64):
            encoded = encode([" ".join(words) for _, words in messages[first : first + 64]])
            file.write(encoded.pieces.astype(np.float16).tobytes())
            wholes.append(encoded.wholes)
            lengths.append(np.diff(np.append(encoded.starts, len(encoded.pieces))))
        file.flush()
        pieces = np.memmap(file, np.float16, "r").reshape(-1, encoder.PIECE)
    return Prepared(
        [one for one, _ in messages],
        np.concatenate(wholes),
        pieces,
        np.concatenate(lengths),
        [features(words) for _, words in messages],
    )
