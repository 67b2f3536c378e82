from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.content.files import ContentError
from frontdesk.safety import vocabulary
from frontdesk.safety.vocabulary import COMMON, Vocabulary

WORDS = [
    "the",
    "to",
    "i",
    "want",
    "think",
    "quiet",
    "quite",
    "myself",
    "dejar",
    "la",
    "cost",
    "llegar",
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wnat", ("want",)),  # swapped
        ("thnk", ("think",)),  # missing
        ("wantt", ("want",)),  # additional
        ("tjink", ("think",)),  # the key beside it
        ("teh", ("the",)),
        ("thin", ("thin",)),  # the beginning of a word is no mistake
        ("wants", ("wants",)),
        ("wantto", ("want", "to")),  # a space is missing
        ("dejarla", ("dejar", "la")),
        ("yegar", ("llegar",)),  # as it sounds
        ("quite", ("quite",)),  # a word of its own
        ("zzzz", ("zzzz",)),
        ("wn", ("wn",)),  # too short to tell
        ("c0st", ("c0st",)),  # figures are the normaliser's business
    ],
)
def test_a_mistyped_word_is_read_as_the_word_that_is_meant(
    written: str, meant: tuple[str, ...]
) -> None:
    assert Vocabulary(WORDS).meant(written) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quiero", "kiero"),
        ("voy", "boi"),
        ("hacer", "aser"),
        ("huevo", "guevo"),
        ("general", "jeneral"),
    ],
)
def test_words_that_sound_alike_in_spanish_have_the_same_key(one: str, other: str) -> None:
    assert vocabulary.sound(one) == vocabulary.sound(other)


def test_a_rare_word_is_known_but_never_what_somebody_meant() -> None:
    words = Vocabulary([f"w{number}" for number in range(COMMON)] + ["ketamine"])
    assert "ketamine" in words
    assert words.meant("ketamine") == ("ketamine",)
    assert words.meant("ketamien") == ("ketamien",)


@given(st.text(max_size=40))
def test_no_text_raises_and_something_is_always_meant(written: str) -> None:
    meant = Vocabulary(WORDS).meant(written)
    assert meant
    assert meant == (written,) or all(word in WORDS for word in meant)


def test_a_missing_list_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as error:
        vocabulary.load(tmp_path / "words.txt")
    assert "make train-screen" in error.value.remedy
