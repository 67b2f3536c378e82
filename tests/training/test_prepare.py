from __future__ import annotations

import numpy as np
import pytest

from frontdesk.safety.features import features
from frontdesk.safety.vocabulary import Vocabulary
from frontdesk.training.prepare import Read, mistyped, prepare, vocabulary_of
from tests.training.conftest import example


def read(text: str, language: str = "en") -> Read:
    return example(text, language=language), text.split()


@pytest.fixture(scope="module")
def words() -> list[str]:
    messages = [read("i feel hopeless tonight")] * 100
    messages += [read("i feel hoepless tonigth"), read("yo chambeo", "es")]
    messages += [read("yo quiero", "es")] * 9 + [read("io kiero", "es")]
    return vocabulary_of([*messages, *[read("zzyzx")] * 5])


def test_the_commonest_words_come_first(words: list[str]) -> None:
    assert set(words[:4]) == {"i", "feel", "hopeless", "tonight"}


def test_words_of_lists_and_words_that_come_often_are_words(words: list[str]) -> None:
    assert {"medicine", "medicina", "zzyzx"} <= set(words)


def test_mistakes_are_not(words: list[str]) -> None:
    assert not {"hoepless", "tonigth"} & set(words)


def test_what_is_written_in_spanish_counts(words: list[str]) -> None:
    assert "chambeo" in words
    assert "kiero" not in words  # but "quiero", as it sounds


def test_a_share_is_mistyped_in_the_same_way_each_time() -> None:
    messages = [read("i cannot take this any longer")] * 200
    first, again = (mistyped(messages, Vocabulary(())) for _ in range(2))
    assert first == again
    assert 20 < len(first) < 90
    assert any(words != messages[0][1] for _, words in first)


def test_examples_are_prepared_as_they_will_be_judged() -> None:
    messages = [read("how much"), read("i want to die")]
    prepared = prepare(messages)
    assert prepared.lengths.sum() == len(prepared.pieces)
    assert list(prepared.features[1]) == list(features(["i", "want", "to", "die"]))
    encoded = prepared.at(np.array([1]))
    assert len(encoded.pieces) == prepared.lengths[1]
    assert np.allclose(encoded.wholes[0], prepared.wholes[1])
