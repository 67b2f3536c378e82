"""The classifier: its files, its probabilities, and what it looks at."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.content.files import ContentError
from frontdesk.paths import DATA
from frontdesk.safety.classifier import MOST_PARTS, OUTPUTS, Classifier, Weights, _spans
from frontdesk.safety.encoder import Encoded
from frontdesk.safety.features import BUCKETS, features
from frontdesk.safety.screening import Kind
from frontdesk.safety.sentences import Clause

FOLDER = DATA / "crisis" / "classifier"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(FOLDER)


def whole(text: str) -> tuple[list[str], list[Clause]]:
    words = text.split()
    return words, [Clause(0, len(words), False)]


def test_a_danger_is_likely_and_a_price_is_not(classifier: Classifier) -> None:
    danger = classifier.judge(*whole("i have written the letters and given away my cat"))
    price = classifier.judge(*whole("how much does a session cost"))
    assert danger is not None
    assert price is not None
    assert danger.crisis >= classifier.limits.crisis > price.crisis
    assert danger.kind is Kind.SUICIDE
    assert danger.note >= danger.crisis


def test_without_words_there_is_no_opinion(classifier: Classifier) -> None:
    assert classifier.judge([], []) is None


def test_the_same_words_get_the_same_numbers(classifier: Classifier) -> None:
    again = Classifier.load(FOLDER)
    assert again.version == classifier.version
    for text in ("i am so tired of being here", "ya no quiero seguir", "ok"):
        assert classifier.judge(*whole(text)) == again.judge(*whole(text))


def test_the_weights_are_plain_arrays(classifier: Classifier) -> None:
    with np.load(FOLDER / "weights.npz", allow_pickle=False) as arrays:
        assert {name: arrays[name].shape[-1] for name in arrays}["words"] == OUTPUTS
        assert all(arrays[name].dtype == np.float16 for name in arrays)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda folder: (folder / "weights.npz").unlink(), "No such file"),
        (lambda folder: (folder / "weights.npz").write_bytes(b"no"), "cannot be loaded"),
        (lambda folder: (folder / "about.json").write_text("{"), "cannot be loaded"),
        (
            lambda folder: (folder / "about.json").write_text(
                json.dumps({**json.loads((FOLDER / "about.json").read_text()), "encoder": "other"})
            ),
            "trained for another encoder",
        ),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path: Path, spoil, problem: str) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "classifier"
    shutil.copytree(FOLDER, folder)
    spoil(folder)
    with pytest.raises(ContentError, match=problem) as error:
        Classifier.load(folder)
    assert "make train-screen" in error.value.remedy


def test_what_stands_before_or_after_a_question_is_judged_like_a_whole_message() -> None:
    clauses = [Clause(0, 4, False), Clause(4, 8, True), Clause(8, 9, True)]
    spans, torn_out = _spans(9, clauses)
    assert dict(zip(spans, torn_out, strict=True)) == {
        (0, 9): False,
        (0, 4): False,
        (0, 8): False,
        (4, 8): True,
        (8, 9): True,
    }


def test_what_stands_between_questions_is_judged_like_a_whole_message() -> None:
    clauses = [Clause(0, 3, True), Clause(3, 7, False), Clause(7, 9, True)]
    spans, torn_out = _spans(9, clauses)
    whole = [span for span, torn in zip(spans, torn_out, strict=True) if not torn]
    assert whole == [(0, 9), (3, 9), (0, 7), (3, 7)]


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=200))
def test_the_parts_lie_in_the_message_and_are_few(cut: list[tuple[int, bool]]) -> None:
    clauses, length = [], 0
    for size, asks in cut:
        clauses.append(Clause(length, length + size, asks))
        length += size
    spans, torn_out = _spans(length, clauses)
    assert spans[0] == (0, length)
    assert len(spans) == len(torn_out) <= 2 * MOST_PARTS
    assert all(0 <= start < end <= length for start, end in spans)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_features_are_places_in_the_weights(words: list[str]) -> None:
    found = features(words)
    assert list(found) == sorted(set(found))
    assert all(0 <= one < BUCKETS for one in found)


def test_scores_are_the_sum_of_three_parts() -> None:
    weights = Weights(
        words=np.eye(BUCKETS, OUTPUTS, dtype=np.float32),
        hidden=np.ones((2, 1), np.float32),
        hidden_bias=np.zeros(1, np.float32),
        out=np.ones((1, OUTPUTS), np.float32),
        signs=np.ones((1, 1), np.float32),
        signs_bias=np.full(1, -4, np.float32),
        signs_out=np.full((1, OUTPUTS), 10, np.float32),
        out_bias=np.zeros(OUTPUTS, np.float32),
    )
    texts = Encoded(
        np.array([[1, 2], [0, 0]], np.float32),
        np.array([[5], [6], [1], [3], [2]], np.float32),
        np.array([0, 2]),
    )
    scores = weights.scores(texts, [np.array([0, 1, 2, 3]), np.array([], np.int64)])
    # 3 for the whole, 10 * (6 - 4) for the strongest piece, a half for each word.
    assert scores.tolist() == [[23.5] * 4 + [23.0] * (OUTPUTS - 4), [0.0] * OUTPUTS]
