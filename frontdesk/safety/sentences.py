"""Where a message is cut: at full stops and the like, and where a question or thanks begin."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from frontdesk.safety.normalise import Word

_BREAK = re.compile(r"[.!?;:…。．！？；：\n\r{}\"]|[\u2600-\u27bf\U0001f000-\U0001faff]")


def sentences(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """The stretches of ``words`` (first, after the last) between full stops, emoji and the like.

    A "/command" in front of a message is a stretch of its own.
    """
    starts = [
        place
        for place in range(1, len(words))
        if _BREAK.search(text, words[place - 1].end, words[place].start)
        or (place == 1 and text.lstrip().startswith("/"))
    ]
    return list(zip([0, *starts], [*starts, len(words)], strict=True))


class Clause(NamedTuple):
    """A stretch of words. ``asks``: it begins like a question, thanks or a command."""

    start: int
    end: int
    asks: bool


def clauses(text: str, words: Sequence[Word], openers: Collection[str]) -> list[Clause]:
    """The sentences, cut once more where ``openers`` begin: few write a full stop in a chat.

    An opener is one, two or three words with spaces between: "how much", "thanks".
    """
    cut: list[Clause] = []
    for start, end in sentences(text, words):
        starts = [place for place in range(start, end) if _opens(words[place:end], openers)]
        first = start
        for place in (*starts, end):
            if place > first:
                cut.append(Clause(first, place, first in starts))
            first = place
    if cut and len(cut) > 1 and text.lstrip().startswith("/"):
        cut[0] = cut[0]._replace(asks=True)
    return cut


def _opens(words: Sequence[Word], openers: Collection[str]) -> bool:
    following = [word.text for word in words[:3]]
    return any(" ".join(following[:length]) in openers for length in (1, 2, 3))
