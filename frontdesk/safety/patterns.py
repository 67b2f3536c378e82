"""The language patterns of ``data/crisis/patterns/``: loaded, checked and ready to search."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontdesk.content import files
from frontdesk.safety import phrases
from frontdesk.safety.matching import Search, document
from frontdesk.safety.normalise import Normaliser, Spelling, fold, sentences
from frontdesk.safety.phrases import END, START, Phrase, PhraseError
from frontdesk.safety.screening import Kind, Severity

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Pattern:
    """One entry of a pattern file. ``after`` is "disclosure" or None: see data/crisis/README.md."""

    id: str
    language: str
    kind: Kind
    severity: Severity
    means: str
    after: str | None
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
    """A phrase of pattern ``number``. A text with it has a word of each set in ``needed``.

    ``anchored``: it speaks of the beginning or end of what is said.
    """

    number: int
    search: Search
    needed: Sequence[frozenset[str]]
    anchored: bool


class Library:
    """All patterns, ready to search.

    Most phrases need not be tried on most messages: ``_around`` leads from the words of a message
    to the phrases whose rarest words they are.
    """

    def __init__(self, patterns: Sequence[Pattern], spelling: Spelling, version: str) -> None:
        self.patterns = tuple(patterns)
        self.version = version
        use = Counter(
            word
            for pattern in patterns
            for phrase in (*pattern.phrases, *pattern.unless)
            for word in set(phrases.words_of(phrase))
        )
        self.normaliser = Normaliser(spelling, use)
        known = sorted({word.rstrip("*") for word in use})

        def words_for(word: str) -> list[str]:
            if word in (START, END) or not word.endswith("*"):
                return [word]
            return [one for one in known if one.startswith(word[:-1])]

        self._unless = [[Search(phrase, words_for) for phrase in one.unless] for one in patterns]
        self._phrases: list[_Phrase] = []
        self._around: dict[str, list[int]] = defaultdict(list)  # word -> places in _phrases
        for number, pattern in enumerate(patterns):
            for phrase in pattern.phrases:
                needed = [
                    frozenset(one for word in words for one in words_for(word))
                    for words in phrases.necessary(phrase)
                ]
                rarest = min(needed, key=lambda words: (sum(use[w] for w in words), sorted(words)))
                for word in rarest:
                    self._around[word].append(len(self._phrases))
                search = Search(phrase, words_for)
                self._phrases.append(_Phrase(number, search, needed, phrases.is_anchored(phrase)))

    def silent(self) -> list[str]:
        """The ids of patterns that do not find the first message they were written for."""
        return [
            pattern.id
            for pattern in self.patterns
            if not any(found.pattern is pattern for found in self.find(pattern.catches[0]))
        ]

    def find(self, text: str) -> list[Found]:
        """Every place where a pattern holds, in the order of the text."""
        found: set[tuple[int, int, int]] = set()
        for words in self.normaliser.readings(text):
            for number, first, last in self._in_words(
                [word.text for word in words], sentences(text, words)
            ):
                found.add((words[first].start, words[last - 1].end, number))
        return [Found(self.patterns[number], start, end) for start, end, number in sorted(found)]

    def _in_words(
        self, words: Sequence[str], stretches: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, int]]:
        """(number of the pattern, first word, word after the last) for each match that counts."""
        matches: dict[int, list[tuple[int, int]]] = defaultdict(list)
        whole = document(words)
        parts = [(start, document(words[start:end])) for start, end in stretches]
        present = frozenset(words)
        for place in sorted({p for word in present for p in self._around.get(word, ())}):
            phrase = self._phrases[place]
            if any(present.isdisjoint(either) for either in phrase.needed):
                continue
            matches[phrase.number] += phrase.search.everywhere(whole)
            if phrase.anchored and len(parts) > 1:
                for start, part in parts:
                    for first, last in phrase.search.everywhere(part):
                        matches[phrase.number].append((start + first, start + last))
        for number, of_pattern in matches.items():
            cancelled = {
                place
                for unless in self._unless[number]
                for start, end in (unless.everywhere(whole) if of_pattern else ())
                for place in range(start, end)
            }
            standing = [m for m in of_pattern if cancelled.isdisjoint(range(*m))]
            for start, end in _longest(standing):
                yield number, start, end


def _longest(matches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of matches that overlap, only the longest; the first where they are equally long."""
    kept: list[tuple[int, int]] = []
    taken: set[int] = set()
    for start, end in sorted(set(matches), key=lambda m: (m[0] - m[1], m[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end))
    return kept


def load_library(folder: Path) -> Library:
    """The patterns in ``folder/patterns`` with the words in ``folder``. Raises ContentError."""
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

    _check_lists(words_path, words["lists"], spell)
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
            patterns[entry["id"]] = _pattern(path, index, entry, spell, words["lists"])
    return Library(list(patterns.values()), spelling, _version([words_path, *paths]))


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
    lists: Mapping[str, Sequence[str]],
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
        phrases=tuple(parsed("phrases")),
        unless=tuple(parsed("unless")),
        catches=tuple(entry["catches"]),
        misses=tuple(entry.get("misses", ())),
    )


def _check_lists(path: Path, lists: Mapping[str, Sequence[str]], spell: phrases.Spell) -> None:
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
