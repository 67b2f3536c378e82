"""Phrases as spaCy matchers, on a blank pipeline: no trained model is involved.

A phrase with many alternatives ("(my|his|...) (friend|mum|...) (wants to die|...)") would be
thousands of token patterns if it were written out. So it becomes a chain of matchers, each with
few ways to be fulfilled, and their matches are joined where one ends and the next begins.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from frontdesk.safety.phrases import (
    END,
    LONGEST_GAP,
    START,
    Gap,
    Landmark,
    Part,
    Phrase,
    landmarks,
)

MOST_WAYS = 48  # ways in one matcher; more make loading slow, fewer make chains long

# Messages mix English and Spanish, so one pipeline of no particular language serves both.
_NLP = spacy.blank("xx")

Way = list[dict[str, Any]]
"""One way to fulfil a part: a spaCy token pattern."""

WordsFor = Callable[[str], Sequence[str]]
"""A word of a phrase, or a beginning of words ("suicid*") -> the words that it stands for."""


def marked(words: Iterable[str]) -> list[str]:
    """A message or sentence for searching, with its beginning and end as words."""
    return [START, *words, END]


def document(marked_words: list[str]) -> Doc:
    """What spaCy searches."""
    return Doc(_NLP.vocab, words=marked_words)


@dataclass(frozen=True)
class _Link:
    """A stretch of a phrase. It may be missing in the text where it is ``optional``."""

    matcher: Matcher
    optional: bool


class Search:
    """Finds one phrase. Its matchers are made when they are first needed."""

    def __init__(self, phrase: Phrase, words_for: WordsFor) -> None:
        self._phrase, self._words_for = phrase, words_for
        self.landmarks = [
            Landmark(
                frozenset(one for word in mark.words for one in words_for(word)), mark.most_between
            )
            for mark in landmarks(phrase)
        ]

    def possible(self, words: Sequence[str]) -> bool:
        """Whether in these (marked) words those are that must be, in order and near enough.

        Says it in microseconds, so that spaCy is asked about few phrases.
        """
        first, *others = self.landmarks
        places: Collection[int] = [i for i, word in enumerate(words) if word in first.words]
        for mark in others:
            if not places:
                return False
            reach = mark.most_between + 2
            places = {
                i
                for place in places
                for i, word in enumerate(words[place + 1 : place + reach], place + 1)
                if word in mark.words
            }
        return bool(places)

    def everywhere(self, doc: Doc) -> list[tuple[int, int]]:
        """All places, also those that overlap, as (first word, word after the last)."""
        reached = {(place, place) for place in range(len(doc))}
        for link in self._links:
            ends: dict[int, list[int]] = defaultdict(list)
            for _, start, end in link.matcher(doc):
                ends[start].append(end)
            further = {(start, end) for start, middle in reached for end in ends[middle]}
            reached = reached | further if link.optional else further
            if not reached:
                return []
        # The marks of beginning and end do not count as words, and are not part of a place.
        last = len(doc) - 2
        return sorted({(max(start - 1, 0), min(end - 1, last)) for start, end in reached})

    @functools.cached_property
    def _links(self) -> list[_Link]:
        stretches: list[list[Way]] = [[[]]]
        for part in self._phrase:
            ways = _ways(part, self._words_for)
            if len(stretches[-1]) * len(ways) > MOST_WAYS and stretches[-1] != [[]]:
                stretches.append([[]])
            stretches[-1] = [before + way for before in stretches[-1] for way in ways]
        return [_link(ways) for ways in stretches]


def _link(ways: list[Way]) -> _Link:
    matcher = Matcher(_NLP.vocab, validate=False)
    matcher.add("way", [way for way in ways if way])
    may_be_nothing = any(all(token.get("OP") == "?" for token in way) for way in ways)
    return _Link(matcher, may_be_nothing)


def _ways(part: Part, words_for: WordsFor) -> list[Way]:
    if isinstance(part, Gap):
        return [[{"ORTH": {"NOT_IN": [START, END]}, "OP": "?"} for _ in range(LONGEST_GAP)]]
    if isinstance(part, str):
        return [[_token(words_for(part))]]
    # Words that stand alone are one way together.
    single = [word for option in part.options for word in _single(option, words_for)]
    ways: list[Way] = [[_token(single)]] if single else []
    for option in part.options:
        if not _single(option, words_for):
            each = (_ways(inner, words_for) for inner in option)
            ways += [list(itertools.chain(*way)) for way in itertools.product(*each)]
    if part.optional:
        if len(ways) == 1 and len(ways[0]) == 1:
            return [[{**ways[0][0], "OP": "?"}]]
        ways.append([])
    return ways


def _single(option: Phrase, words_for: WordsFor) -> Sequence[str]:
    if len(option) == 1 and isinstance(option[0], str):
        return words_for(option[0])
    return ()


def _token(words: Sequence[str]) -> dict[str, Any]:
    return {"ORTH": words[0]} if len(words) == 1 else {"ORTH": {"IN": sorted(set(words))}}
