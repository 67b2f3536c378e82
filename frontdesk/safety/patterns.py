"""The language patterns of ``data/crisis/patterns/``: loaded, checked and ready to search."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from frontdesk.content import files
from frontdesk.safety import phrases
from frontdesk.safety.matching import Search, document, marked
from frontdesk.safety.normalise import Normaliser, Spelling, Word, fold
from frontdesk.safety.phrases import END, START, Phrase, PhraseError
from frontdesk.safety.screening import Kind, Severity
from frontdesk.safety.sentences import sentences
from frontdesk.safety.vocabulary import Vocabulary
from frontdesk.safety.vocabulary import load as load_vocabulary

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Pattern:
    """One entry of a pattern file. The fields are described in data/crisis/README.md.

    ``after`` is "disclosure", "question" or None; ``asked`` goes with "question".
    """

    id: str
    language: str
    kind: Kind
    severity: Severity
    means: str
    after: str | None
    distress: bool
    asked: tuple[Phrase, ...]
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    catches: tuple[str, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A pattern found in a text at ``start`` to ``end`` (characters)."""

    pattern: Pattern
    start: int
    end: int


@dataclass(frozen=True)
class _Phrase:
    """A phrase of pattern ``number``. ``anchored``: it speaks of a beginning or an end."""

    number: int
    search: Search
    anchored: bool


class Library:
    """All patterns, ready to search.

    Most phrases need not be tried on most messages: ``_around`` leads from the words of a message
    to the phrases whose rarest words they are.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        spelling: Spelling,
        version: str,
        vocabulary: Vocabulary,
        openers: Collection[str] = (),
        ordinary_alone: Collection[str] = (),
    ) -> None:
        self.patterns = tuple(patterns)
        self.version = version
        self.openers, self.ordinary_alone = frozenset(openers), frozenset(ordinary_alone)
        use = Counter(
            word
            for pattern in patterns
            for phrase in (*pattern.phrases, *pattern.unless, *pattern.asked)
            for word in set(phrases.words_of(phrase))
        )
        self.normaliser = Normaliser(spelling, use, vocabulary)
        known = sorted({word.rstrip("*") for word in use})

        def words_for(word: str) -> list[str]:
            if word in (START, END) or not word.endswith("*"):
                return [word]
            return [one for one in known if one.startswith(word[:-1])]

        self._unless = [[Search(phrase, words_for) for phrase in one.unless] for one in patterns]
        self._asked = {
            one.id: [Search(phrase, words_for) for phrase in one.asked] for one in patterns
        }
        self._phrases: list[_Phrase] = []
        self._around: dict[str, list[int]] = defaultdict(list)  # word -> places in _phrases
        for number, pattern in enumerate(patterns):
            for phrase in pattern.phrases:
                search = Search(phrase, words_for)
                rarest = min(
                    (m.words for m in search.landmarks if m.words.isdisjoint({START, END})),
                    key=lambda words: (sum(use[w] for w in words), sorted(words)),
                )
                for word in rarest:
                    self._around[word].append(len(self._phrases))
                self._phrases.append(_Phrase(number, search, phrases.is_anchored(phrase)))

    def silent(self) -> list[str]:
        """The ids of patterns that do not find the first message they were written for."""
        return [
            pattern.id
            for pattern in self.patterns
            if not any(found.pattern is pattern for found in self.find(pattern.catches[0]))
        ]

    def find(self, text: str) -> list[Found]:
        """Every place where a pattern holds, in the order of the text."""
        return self.find_in(text, self.normaliser.readings(text))

    def find_in(self, text: str, readings: Sequence[Sequence[Word]]) -> list[Found]:
        """The same, for one who has the readings of ``text`` already."""
        found: set[tuple[int, int, int]] = set()
        searched: list[list[str]] = []
        for words in readings:
            known = [self.normaliser.known(word.text) for word in words]
            if known in searched:
                continue
            searched.append(known)
            for number, first, last in self._in_words(known, sentences(text, words)):
                found.add((words[first].start, words[last - 1].end, number))
        return [Found(self.patterns[number], start, end) for start, end, number in sorted(found)]

    def was_asked(self, pattern_id: str, question: str) -> bool:
        """Whether ``question`` is one that this pattern is an answer to."""
        words = [self.normaliser.known(one.text) for one in self.normaliser.readings(question)[0]]
        stretch = _Stretch(0, words)
        return any(stretch.places_of(search) for search in self._asked[pattern_id])

    def _in_words(
        self, words: Sequence[str], stretches: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, int]]:
        """(number of the pattern, first word, word after the last) for each match that counts."""
        matches: dict[int, list[tuple[int, int]]] = defaultdict(list)
        whole = _Stretch(0, words)
        parts = [_Stretch(start, words[start:end]) for start, end in stretches]
        present = frozenset(words)
        for place in sorted({p for word in present for p in self._around.get(word, ())}):
            phrase = self._phrases[place]
            matches[phrase.number] += whole.places_of(phrase.search)
            for part in parts if phrase.anchored and len(parts) > 1 else ():
                matches[phrase.number] += part.places_of(phrase.search)
        for number, of_pattern in matches.items():
            cancelled = {
                place
                for unless in self._unless[number]
                for start, end in (whole.places_of(unless) if of_pattern else ())
                for place in range(start, end)
            }
            standing = [m for m in of_pattern if cancelled.isdisjoint(range(*m))]
            for start, end in _longest(standing):
                yield number, start, end


class _Stretch:
    """The ``words`` of a message, or of a sentence that begins with its word number ``first``."""

    def __init__(self, first: int, words: Sequence[str]) -> None:
        self._first, self._words = first, marked(words)

    def places_of(self, search: Search) -> list[tuple[int, int]]:
        """Where the phrase stands, in words of the message: (first, after the last)."""
        if not search.possible(self._words):
            return []
        return [(self._first + a, self._first + b) for a, b in search.everywhere(self._document)]

    @functools.cached_property
    def _document(self) -> Doc:
        return document(self._words)


def _longest(matches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of matches that overlap, only the longest; the first where they are equally long."""
    kept: list[tuple[int, int]] = []
    taken: set[int] = set()
    for start, end in sorted(set(matches), key=lambda m: (m[0] - m[1], m[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end))
    return kept


def load_library(folder: Path, vocabulary: Vocabulary | None = None) -> Library:
    """The patterns in ``folder/patterns`` with the words in ``folder``. Raises ContentError.

    ``vocabulary``: another one than the classifier's.
    """
    paths = sorted((folder / "patterns").glob("*.yml"))
    if not paths:
        raise files.ContentError(
            folder / "patterns", None, "there are no patterns", "restore them from version control"
        )
    words_path = folder / "words.yml"
    words = files.load(words_path, "crisis_words")
    spelling = load_spelling(words)

    def spell(written: str) -> Sequence[str]:
        return spelling.words(fold(written)[0])

    lists = phrases.Lists(words["lists"], spell)
    _check_lists(words_path, lists, spell)
    patterns: dict[str, Pattern] = {}
    for path in paths:
        for index, entry in enumerate(files.load(path, "crisis_patterns")):
            if entry["id"] in patterns:
                raise files.error_at(
                    path,
                    [index, "id"],
                    f"{entry['id']}: another pattern has this id",
                    "choose another id",
                )
            patterns[entry["id"]] = _pattern(path, index, entry, spell, lists)
    version = _version([words_path, *paths])
    if vocabulary is None:
        vocabulary = load_vocabulary(folder / "classifier" / "words.txt")
    return Library(
        list(patterns.values()),
        spelling,
        version,
        vocabulary,
        words["openers"],
        words["ordinary_alone"],
    )


def load_spelling(words: Mapping[str, Any]) -> Spelling:
    """The spelling part of ``words.yml``."""
    return Spelling(
        same={
            _folded(written): tuple(_folded(meant).split())
            for meant, ways in words["spellings"].items()
            for written in ways
        },
        mistyped=frozenset(map(_folded, words["mistyped"])),
        hidden=frozenset(map(_folded, words["hidden"])),
        ordinary=frozenset(map(_folded, words["ordinary"])),
        signs=words["signs"],
    )


def _folded(word: str) -> str:
    return fold(word)[0].replace("'", "").strip()


def _pattern(
    path: Path,
    index: int,
    entry: Mapping[str, Any],
    spell: phrases.Spell,
    lists: phrases.Lists,
) -> Pattern:
    def parsed(key: str) -> Iterator[Phrase]:
        for place, phrase in enumerate(entry.get(key, ())):
            try:
                yield phrases.parse(phrase, spell, lists)
            except PhraseError as error:
                raise files.error_at(
                    path,
                    [index, key, place],
                    f"{entry['id']}: {error}",
                    "see data/crisis/README.md for how phrases are written",
                ) from None

    return Pattern(
        id=entry["id"],
        language=entry["language"],
        kind=Kind(entry["kind"]),
        severity=Severity(entry["severity"]),
        means=entry["means"],
        after=entry.get("after"),
        distress=entry.get("distress", False),
        asked=tuple(parsed("asked")),
        phrases=tuple(parsed("phrases")),
        unless=tuple(parsed("unless")),
        catches=tuple(entry["catches"]),
        misses=tuple(entry.get("misses", ())),
    )


def _check_lists(path: Path, lists: phrases.Lists, spell: phrases.Spell) -> None:
    for name in lists:
        try:
            phrases.parse(f"@{name}", spell, lists)
        except PhraseError as error:
            raise files.error_at(
                path,
                ["lists", name],
                f"{name}: {error}",
                "see data/crisis/README.md for how phrases are written",
            ) from None


def _version(paths: Sequence[Path]) -> str:
    """A name for exactly this pattern data, equal on every system."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return f"patterns-{digest.hexdigest()[:8]}"
