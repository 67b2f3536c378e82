from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.safety.normalise import (
    OTHER,
    Normaliser,
    Spelling,
    Word,
    fold,
)
from frontdesk.safety.sentences import clauses, sentences
from frontdesk.safety.vocabulary import Vocabulary

SPELLING = Spelling(
    same={
        "dont": ("do", "not"),
        "im": ("i", "am"),
        "wanna": ("want", "to"),
        "kms": ("kill", "myself"),
    },
    mistyped=frozenset({"suicide", "myself"}),
    hidden=frozenset({"suicide", "kill", "die", "myself"}),
    ordinary=frozenset({"diet"}),
    signs={"🔪": "knife"},
)
WORDS = [
    "i",
    "am",
    "do",
    "not",
    "want",
    "to",
    "die",
    "kill",
    "myself",
    "suicide",
    "suicid*",
    "knife",
]
VOCABULARY = Vocabulary(["you", "think", "where", "about", "there", "wait", "hunt"])


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    return Normaliser(SPELLING, WORDS, VOCABULARY)


def words(reading: list[Word]) -> list[str]:
    return [word.text for word in reading]


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to die",
        "i DONT wanna die",
        "I don’t want to die",
        "ｉ ｄｏｎ'ｔ want to die",
        "i don't want to d\u200bie",
        "і dоn't wаnt tо dіе",
        "ï dón't wänt tó dîé",
        "𝐢 𝐝𝐨𝐧'𝐭 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐝𝐢𝐞",
        "i don't want to dieeeee",
        "I don't want to DIE!!!",
    ],
)
def test_writings_of_the_same_words_have_the_same_plain_reading(
    normaliser: Normaliser, text: str
) -> None:
    plain = normaliser.readings(text)[0]
    assert words(plain) == ["i", "do", "not", "want", "to", "die"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("su1c1de", ["suicide"]),
        ("$uicide", ["suicide"]),
        ("s*icide", ["suicide"]),
        ("su**ide", ["suicide"]),
        ("sui-cide", ["suicide"]),
        ("sui cide", ["suicide"]),
        ("suicde", ["suicide"]),
        ("k!ll myslef", ["kill", "myself"]),
        ("killmyself", ["kill", "myself"]),
        ("#wanttodie", ["want", "to", "die"]),
        ("s u i c i d e", ["suicide"]),
        ("s.u.i.c.i.d.e", ["suicide"]),
        ("k i l l  m y s e l f", ["kill", "myself"]),
        ("i want 2 d1e", ["i", "want", "to", "die"]),
        ("kms", ["kill", "myself"]),
        ("🔪", ["knife"]),
    ],
)
def test_a_disguise_is_read_as_what_it_says(
    normaliser: Normaliser, text: str, read: list[str]
) -> None:
    assert words(normaliser.readings(text)[-1]) == read


@pytest.mark.parametrize("text", ["diet", "50mg", "covid19", "$450", "B12", "3-5 days"])
def test_ordinary_words_doses_and_prices_are_no_disguise(normaliser: Normaliser, text: str) -> None:
    hidden = SPELLING.hidden
    assert not hidden & {word for reading in normaliser.readings(text) for word in words(reading)}


def test_a_word_without_a_pattern_is_nothing_to_the_patterns(normaliser: Normaliser) -> None:
    assert normaliser.known("secret") == OTHER
    assert normaliser.known("kill") == "kill"


def test_a_word_that_begins_like_a_known_stem_becomes_the_stem(normaliser: Normaliser) -> None:
    assert normaliser.known("suicidality") == "suicid"


def test_words_know_their_place_in_the_original(normaliser: Normaliser) -> None:
    text = "well… I’m su1c1de"
    for reading in normaliser.readings(text):
        assert all(0 <= word.start < word.end <= len(text) for word in reading)
    last = normaliser.readings(text)[-1][-1]
    assert text[last.start : last.end] == "su1c1de"


@given(st.text(max_size=200))
def test_folding_gives_every_character_a_place(text: str) -> None:
    folded, places = fold(text)
    assert len(folded) == len(places)
    assert all(0 <= place < len(text) for place in places)
    assert list(places) == sorted(places)


@given(st.text(max_size=200))
def test_every_reading_of_anything_lies_in_the_text(text: str) -> None:
    for reading in Normaliser(SPELLING, WORDS, VOCABULARY).readings(text):
        assert all(0 <= word.start < word.end <= len(text) for word in reading)


def test_a_message_is_cut_into_sentences_and_a_leading_command(normaliser: Normaliser) -> None:
    def cut(text: str) -> list[list[str]]:
        reading = normaliser.readings(text)[0]
        return [words(reading[first:after]) for first, after in sentences(text, reading)]

    assert cut("I die. Do not, kill") == [["i", "die"], ["do", "not", "kill"]]
    assert cut("die 😭 kill\nmyself") == [["die"], ["kill"], ["myself"]]
    assert cut("/greet die") == [["greet"], ["die"]]
    assert cut("") == [[]]


def test_a_message_without_full_stops_is_cut_where_a_question_begins(
    normaliser: Normaliser,
) -> None:
    def cut(text: str) -> list[tuple[str, bool]]:
        reading = normaliser.readings(text)[0]
        found = clauses(text, reading, {"how much", "thanks"})
        return [(" ".join(words(reading[one.start : one.end])), one.asks) for one in found]

    assert cut("i die how much is it thanks") == [
        ("i die", False),
        ("how much is it", True),
        ("thanks", True),
    ]
    assert cut("how much") == [("how much", True)]
    assert cut("how. much") == [("how", False), ("much", False)]
    assert cut("/greet i die") == [("greet", True), ("i die", False)]
    assert cut("") == []


def test_a_word_that_patterns_know_by_its_beginning_is_never_read_as_another() -> None:
    normaliser = Normaliser(SPELLING, ["hunt*"], Vocabulary(["hurting"]))
    assert words(normaliser.readings("hunting")[-1]) == ["hunting"]
    assert words(normaliser.readings("hurtnig")[-1]) == ["hurting"]
