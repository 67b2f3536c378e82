"""The notation in which patterns are written.

    kill myself          these words, next to each other
    (kill|hang) myself   one of them; a part may have several words: (end it|take my life)
    end [it] all         the part in [ ] may be missing; [a|b]: a, b or nothing
    take ... life        up to three words of any kind between them
    suicid*              every word that begins like this
    @family              a list from words.yml
    ^ goodbye $          ^ is the beginning of a sentence or message, $ its end

There is no unlimited repetition in the notation, which keeps the time that a search takes
proportional to the length of the message. ``matching.py`` makes spaCy matchers of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

START, END = "^", "$"
LONGEST_GAP = 3

_TOKEN = re.compile(r"\.\.\.|…|[()\[\]|^$]|@\w*|[^\s()\[\]|@^$]+")
_WORD = re.compile(r"[a-z0-9]+\*?")


class PhraseError(ValueError):
    """A phrase is written wrongly. ``at`` is the character, counted from 1."""

    def __init__(self, phrase: str, at: int, problem: str) -> None:
        self.at = at
        super().__init__(f"{phrase!r}, character {at}: {problem}")


@dataclass(frozen=True)
class Choice:
    """One of ``options``, or nothing where it is ``optional``."""

    options: tuple[Phrase, ...]
    optional: bool

    @functools.cached_property
    def walks(self) -> list[tuple[list[Landmark], int, int]]:
        """The landmarks of each option: see ``_walk``. Lists are shared by many phrases."""
        return [_walk(option) for option in self.options]


@dataclass(frozen=True)
class Gap:
    """Up to three words of any kind."""


Part = str | Choice | Gap
"""A str is a word, a beginning of words ("suicid*"), START or END."""

Phrase = tuple[Part, ...]


Spell = Callable[[str], Sequence[str]]
"""A written word -> the words that the normaliser makes of it ("don't" -> "do", "not")."""


class Lists:
    """The lists for @name, from their entries, which are phrases. Each is parsed once."""

    def __init__(self, entries: Mapping[str, Sequence[str]], spell: Spell) -> None:
        self._entries, self._spell = entries, spell
        self._parsed: dict[str, Choice | None] = {}  # None while it is being parsed

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def choice(self, name: str) -> Choice | None:
        """One of the entries; None if the list contains itself. Raises PhraseError, KeyError."""
        if name not in self._parsed:
            self._parsed[name] = None
            entries = [_Parser(one, self._spell, self).parse() for one in self._entries[name]]
            self._parsed[name] = Choice(tuple(_flat(entries)), optional=False)
        return self._parsed[name]


def parse(phrase: str, spell: Spell, lists: Lists) -> Phrase:
    """The structure of ``phrase``. Raises PhraseError."""
    parsed = _Parser(phrase, spell, lists).parse()
    if not any(mark.words.isdisjoint({START, END}) for mark in landmarks(parsed)):
        raise PhraseError(phrase, 1, "it has no word that must be there")
    if isinstance(parsed[0], Gap) or isinstance(parsed[-1], Gap):
        raise PhraseError(phrase, 1, "... can only stand between words")
    return parsed


def words_of(phrase: Phrase) -> Iterable[str]:
    """Every word and beginning of words in ``phrase``."""
    for part in phrase:
        if isinstance(part, Choice):
            for option in part.options:
                yield from words_of(option)
        elif isinstance(part, str) and part not in (START, END):
            yield part


def is_anchored(phrase: Phrase) -> bool:
    """Whether the phrase speaks of the beginning or end of what is said."""
    return any(
        part in (START, END)
        if isinstance(part, str)
        else isinstance(part, Choice) and any(map(is_anchored, part.options))
        for part in phrase
    )


@dataclass(frozen=True)
class Landmark:
    """A text with the phrase has one of ``words`` here, after the landmark before.

    Between the two stand ``most_between`` words at most.
    """

    words: frozenset[str]
    most_between: int


def landmarks(phrase: Phrase) -> list[Landmark]:
    """The words that must be there, in their order; START and END count as words."""
    return _walk(phrase)[0]


def _walk(phrase: Phrase) -> tuple[list[Landmark], int, int]:
    """The landmarks, the most words after the last of them, and the most words in all."""
    found: list[Landmark] = []
    since = longest = 0
    for part in phrase:
        if isinstance(part, Gap):
            since, longest = since + LONGEST_GAP, longest + LONGEST_GAP
        elif isinstance(part, str):
            found.append(Landmark(frozenset({part}), since))
            since, longest = 0, longest + 1
        else:
            of_options = part.walks
            most = max(length for _, _, length in of_options)
            if part.optional or not all(marks for marks, _, _ in of_options):
                since += most
            else:
                # One landmark for the whole choice. Where it stands in an option may differ, so
                # the words around it in the longest option count on both sides.
                words = frozenset().union(*(_rarest(marks) for marks, _, _ in of_options))
                found.append(Landmark(words, since + most - 1))
                since = most - 1
            longest += most
    return found, since, longest


def _rarest(marks: Sequence[Landmark]) -> frozenset[str]:
    """Of long words there are fewer in a text than of short ones."""
    return min(
        (mark.words for mark in marks),
        key=lambda words: (sum(1 / len(word) ** 2 for word in words), sorted(words)),
    )


class _Parser:
    def __init__(self, phrase: str, spell: Spell, lists: Lists) -> None:
        self.phrase, self.spell, self.lists = phrase, spell, lists
        # A hyphen parts words here as it does in messages: "self-harm" is "self harm".
        spaced = phrase.replace("-", " ")
        self.tokens = [(m.group(), m.start() + 1) for m in _TOKEN.finditer(spaced)]
        self.at = 0

    def parse(self) -> Phrase:
        if not self.tokens:
            raise PhraseError(self.phrase, 1, "it is empty")
        parsed = self._sequence()
        if self.at < len(self.tokens):
            token, place = self.tokens[self.at]
            raise PhraseError(self.phrase, place, f"{token!r} has no partner before it")
        return parsed

    def _sequence(self) -> Phrase:
        parts: list[Part] = []
        while self.at < len(self.tokens) and self.tokens[self.at][0] not in ("|", ")", "]"):
            parts += self._part()
        return tuple(parts)

    def _part(self) -> Phrase:
        token, place = self.tokens[self.at]
        self.at += 1
        if token in ("(", "["):
            return (self._choice(token, place),)
        if token in ("...", "…"):
            return (Gap(),)
        if token in (START, END):
            return (token,)
        if token.startswith("@"):
            return (self._list(token[1:], place),)
        return self._word(token, place)

    def _choice(self, opening: str, place: int) -> Choice:
        closing = ")" if opening == "(" else "]"
        options = [self._sequence()]
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "|":
            self.at += 1
            options.append(self._sequence())
        if self.at == len(self.tokens) or self.tokens[self.at][0] != closing:
            raise PhraseError(self.phrase, place, f"{opening!r} is never closed by {closing!r}")
        self.at += 1
        if () in options:
            raise PhraseError(self.phrase, place, f"an alternative in {opening}{closing} is empty")
        return Choice(tuple(_flat(options)), optional=opening == "[")

    def _list(self, name: str, place: int) -> Choice:
        if name not in self.lists:
            raise PhraseError(self.phrase, place, f"words.yml has no list {name!r}")
        choice = self.lists.choice(name)
        if choice is None:
            raise PhraseError(self.phrase, place, f"the list {name!r} contains itself")
        return choice

    def _word(self, token: str, place: int) -> Phrase:
        stem = token.rstrip("*")
        words = [*self.spell(stem)] if stem else []
        if token.endswith("*") and words:
            words[-1] += "*"
        for word in words or [token]:
            if not _WORD.fullmatch(word):
                wrong = next((i for i, c in enumerate(token) if not (c.isalnum() or c == "'")), 0)
                raise PhraseError(
                    self.phrase, place + wrong, f"{token[wrong]!r} cannot stand in a word"
                )
        return tuple(words)


def _flat(options: Iterable[Phrase]) -> Iterable[Phrase]:
    """A choice within a choice is one choice."""
    for option in options:
        if len(option) == 1 and isinstance(option[0], Choice) and not option[0].optional:
            yield from option[0].options
        else:
            yield option
