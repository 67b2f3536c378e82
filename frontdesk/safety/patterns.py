"""The language patterns of ``data/crisis/patterns/``: loaded, checked and ready to search."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontdesk.content import files
from frontdesk.safety import phrases
from frontdesk.safety.normalise import Normaliser, Spelling, fold, sentences
from frontdesk.safety.phrases import Phrase, PhraseError
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


class Library:
    """All patterns, ready to search.

    Most phrases need not be tried on most messages: a phrase can only occur where one of its
    rarest words does, so ``_around`` leads from such words to the phrases.
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
        self._codes = {word: chr(phrases.FIRST_CODE + n) for n, word in enumerate(known)}
        self._other = chr(phrases.FIRST_CODE + len(known))

        def codes(word: str) -> str:
            if not word.endswith("*"):
                return self._codes[word]
            return "".join(self._codes[one] for one in known if one.startswith(word[:-1]))

        self._unless = [[phrases.compiled(p, codes) for p in one.unless] for one in patterns]
        # (number of the pattern, search, whether it has ^ or $)
        self._phrases: list[tuple[int, re.Pattern[str], bool]] = []
        self._around: dict[str, list[int]] = defaultdict(list)  # code -> places in _phrases
        for number, pattern in enumerate(patterns):
            for phrase in pattern.phrases:
                rarest = min(
                    phrases.necessary(phrase),
                    key=lambda words: (sum(use[word] for word in words), sorted(words)),
                )
                for code in {code for word in rarest for code in codes(word)}:
                    self._around[code].append(len(self._phrases))
                anchored = phrases.is_anchored(phrase)
                self._phrases.append((number, phrases.compiled(phrase, codes), anchored))

    def find(self, text: str) -> list[Found]:
        """Every place where a pattern holds, in the order of the text."""
        found: set[tuple[int, int, int]] = set()
        for words in self.normaliser.readings(text):
            coded = "".join(self._codes.get(word.text, self._other) for word in words)
            for number, first, last in self._in_words(coded, sentences(text, words)):
                found.add((words[first].start, words[last - 1].end, number))
        return [Found(self.patterns[number], start, end) for start, end, number in sorted(found)]

    def _in_words(
        self, coded: str, stretches: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, int]]:
        """(number of the pattern, first word, word after the last) for each match that counts."""
        matches: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for place in sorted({p for code in set(coded) for p in self._around.get(code, ())}):
            number, search, anchored = self._phrases[place]
            matches[number] += _everywhere(search, coded)
            if anchored and len(stretches) > 1:
                for start, end in stretches:
                    for first, last in _everywhere(search, coded[start:end]):
                        matches[number].append((start + first, start + last))
        for number, of_pattern in matches.items():
            cancelled = {
                place
                for unless in self._unless[number]
                for start, end in (_everywhere(unless, coded) if of_pattern else ())
                for place in range(start, end)
            }
            standing = [m for m in of_pattern if cancelled.isdisjoint(range(*m))]
            for start, end in _longest(standing):
                yield number, start, end


def _everywhere(search: re.Pattern[str], coded: str) -> list[tuple[int, int]]:
    """All matches, also those that overlap: an exception may cancel one and not the next."""
    found = []
    at = 0
    while match := search.search(coded, at):
        found.append(match.span())
        at = match.start() + 1
    return found


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
