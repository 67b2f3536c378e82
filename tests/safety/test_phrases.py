from __future__ import annotations

import pytest

from frontdesk.safety import phrases
from frontdesk.safety.phrases import PhraseError

LISTS = {"family": ["mom", "step dad"], "us": ["me", "@family"], "loop": ["x", "@loop"]}
CODES = "abcdefghijklmnopqrstuvwxyz"


def spell(written: str) -> list[str]:
    return {"don't": ["do", "not"]}.get(written, [written])


def found(phrase: str, text: str) -> str | None:
    """The words that ``phrase`` matches in ``text``, with a letter for each different word."""
    parsed = phrases.parse(phrase, spell, LISTS)
    words = text.split()
    known = sorted({*words, *(word.rstrip("*") for word in phrases.words_of(parsed))})
    codes = dict(zip(known, CODES, strict=False))

    def code(word: str) -> str:
        if word.endswith("*"):
            return "".join(codes[one] for one in known if one.startswith(word[:-1]))
        return codes[word]

    match = phrases.compiled(parsed, code).search("".join(codes[word] for word in words))
    return " ".join(words[match.start() : match.end()]) if match else None


@pytest.mark.parametrize(
    ("phrase", "text", "match"),
    [
        ("kill myself", "i will kill myself now", "kill myself"),
        ("kill myself", "kill the myself", None),
        ("(kill|hang) myself", "hang myself", "hang myself"),
        ("(end it|take my life) now", "take my life now", "take my life now"),
        ("end [it] all", "end all", "end all"),
        ("end [it|them] all", "end them all", "end them all"),
        ("take ... life", "take my own dear life", "take my own dear life"),
        ("take ... life", "take a b c d life", None),
        ("suicid* now", "suicidal now", "suicidal now"),
        ("my @family", "my step dad", "my step dad"),
        ("hit @us", "hit mom", "hit mom"),
        ("^ goodbye $", "goodbye", "goodbye"),
        ("^ goodbye $", "goodbye dad", None),
        ("don't go", "do not go", "do not go"),
        ("self-harm", "self harm", "self harm"),
    ],
)
def test_the_notation_means_what_the_guide_says(phrase: str, text: str, match: str | None) -> None:
    assert found(phrase, text) == match


@pytest.mark.parametrize(
    ("phrase", "at", "problem"),
    [
        ("kill (me|you", 6, "never closed"),
        ("kill me)", 8, "no partner"),
        ("kill | me", 6, "no partner"),
        ("kill (me||you)", 6, "is empty"),
        ("@friends", 1, "no list"),
        ("x @loop", 1, "contains itself"),
        ("[maybe]", 1, "no word that must be there"),
        ("... life", 1, "between words"),
        ("", 1, "empty"),
        ("k?ll me", 2, "cannot stand in a word"),
    ],
)
def test_a_wrong_phrase_is_refused_at_the_wrong_character(
    phrase: str, at: int, problem: str
) -> None:
    with pytest.raises(PhraseError, match=problem) as error:
        phrases.parse(phrase, spell, LISTS)
    assert error.value.at == at
