from __future__ import annotations

import pytest

from frontdesk.safety import phrases
from frontdesk.safety.matching import MOST_WAYS, Search, document, marked
from frontdesk.safety.phrases import Lists, PhraseError


def spell(written: str) -> list[str]:
    return {"don't": ["do", "not"]}.get(written, [written])


def lists() -> Lists:
    entries = {"family": ["mom", "step dad"], "us": ["me", "@family"], "loop": ["x", "@loop"]}
    return Lists(entries, spell)


def found(phrase: str, text: str) -> str | None:
    """The first words of ``text`` that ``phrase`` matches."""
    parsed = phrases.parse(phrase, spell, lists())
    words = text.split()

    def words_for(word: str) -> list[str]:
        stem = word.rstrip("*")
        return [one for one in words if one.startswith(stem)] if stem != word else [word]

    search = Search(parsed, words_for)
    places = search.everywhere(document(marked(words)))
    # What is found must never be ruled out beforehand.
    assert search.possible(marked(words)) or not places
    return " ".join(words[slice(*places[0])]) if places else None


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
        ("[please] [do it] now", "now", "now"),
        ("(^|and) goodbye", "goodbye", "goodbye"),
        ("(^|and) goodbye", "say goodbye", None),
        ("end ... all $", "end it all", "end it all"),
    ],
)
def test_the_notation_means_what_the_guide_says(phrase: str, text: str, match: str | None) -> None:
    assert found(phrase, text) == match


def test_a_phrase_with_many_ways_is_found_like_any_other() -> None:
    many = "(" + "|".join(f"one {letter}" for letter in "abcdefghij") + ")"
    phrase = f"my {many} ... [{many[1:-1]}] {many} now"
    assert len("abcdefghij") ** 3 > MOST_WAYS
    assert found(phrase, "my one a and one j now") == "my one a and one j now"
    assert found(phrase, "my one a then one b one c now") == "my one a then one b one c now"
    assert found(phrase, "my one a one now") is None
    assert found(phrase, "my one a x y z u one b now") is None


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
        phrases.parse(phrase, spell, lists())
    assert error.value.at == at
