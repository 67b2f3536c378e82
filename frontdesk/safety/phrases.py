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

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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


@dataclass(frozen=True)
class Gap:
    """Up to three words of any kind."""


Part = str | Choice | Gap
"""A str is a word, a beginning of words ("suicid*"), START or END."""

Phrase = tuple[Part, ...]


Spell = Callable[[str], Sequence[str]]
"""A written word -> the words that the normaliser makes of it ("don't" -> "do", "not")."""


def parse(phrase: str, spell: Spell, lists: Mapping[str, Sequence[str]]) -> Phrase:
    """The structure of ``phrase``. ``lists`` are the lists for @name, their entries phrases.

    Raises PhraseError.
    """
    parsed = _Parser(phrase, spell, lists).parse()
    if not necessary(parsed):
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


def necessary(phrase: Phrase) -> list[frozenset[str]]:
    """Sets of words; every text with ``phrase`` has at least one word of each set."""
    sets: list[frozenset[str]] = []
    for part in phrase:
        if isinstance(part, str):
            if part not in (START, END):
                sets.append(frozenset({part}))
        elif isinstance(part, Choice) and not part.optional:
            of_options = [necessary(option) for option in part.options]
            if all(of_options):
                smallest = (min(sets_, key=lambda s: (len(s), sorted(s))) for sets_ in of_options)
                sets.append(frozenset().union(*smallest))
    return sets


class _Parser:
    def __init__(
        self,
        phrase: str,
        spell: Spell,
        lists: Mapping[str, Sequence[str]],
        inside: Collection[str] = (),
    ) -> None:
        self.phrase, self.spell, self.lists, self.inside = phrase, spell, lists, inside
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
        if name in self.inside:
            raise PhraseError(self.phrase, place, f"the list {name!r} contains itself")
        inside = (*self.inside, name)
        entries = [_Parser(one, self.spell, self.lists, inside).parse() for one in self.lists[name]]
        return Choice(tuple(_flat(entries)), optional=False)

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
