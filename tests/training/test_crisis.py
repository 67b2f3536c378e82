from __future__ import annotations

import json

import numpy as np
import pytest

from frontdesk.safety.classifier import Classifier, crisis_score
from frontdesk.safety.examples import Example
from frontdesk.safety.screening import Kind, Severity
from frontdesk.training import crisis
from frontdesk.training.crisis import Prepared


def example(text: str, kind: Kind | None = None, style: str = "everyday") -> Example:
    severity = Severity.HIGH if kind else None
    return Example(text, severity, kind, style, "en", "family")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """40 messages: in the crises feature 1 is there, and the first number of the embedding is 1."""
    monkeypatch.setattr(crisis, "MODELS", 2)
    monkeypatch.setattr(crisis, "EPOCHS", 200)
    random = np.random.default_rng(0)
    messages = [example(str(n), Kind.ABUSE if n % 2 else None) for n in range(40)]
    embeddings = random.normal(0, 0.1, (40, 8)).astype(np.float32)
    embeddings[1::2, 0] = 1
    return Prepared(messages, embeddings, [np.array([n % 2, 7]) for n in range(40)])


def test_it_learns_what_tells_a_crisis(small: Prepared) -> None:
    weights = crisis.train(small)
    scores = crisis_score(weights.scores(small.embeddings, small.features))
    assert (scores[1::2] > 0).all()
    assert (scores[::2] < 0).all()


def test_the_same_examples_give_the_same_weights(small: Prepared) -> None:
    first, again = crisis.train(small), crisis.train(small)
    for name, value in vars(first).items():
        assert np.array_equal(value, getattr(again, name)), name


def test_what_is_saved_is_what_is_loaded(small: Prepared, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    weights = crisis.rounded(crisis.train(small))
    limits = crisis.Limits(0.5, 0.3)
    crisis.save(tmp_path / "classifier", weights, (1.5, -0.5), limits, 40)
    loaded = Classifier.load(tmp_path / "classifier")
    assert loaded.limits == limits
    for name, value in vars(weights).items():
        assert np.array_equal(value, getattr(loaded._weights, name)), name


def test_calibrated_scores_say_how_often_it_is_a_crisis() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(0, 3, 20_000).astype(np.float32)
    happened = random.random(20_000) < 1 / (1 + np.exp(-(0.5 * scores - 1)))
    slope, shift = crisis.calibrate(scores, happened)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(-1, abs=0.1)


def test_limits_are_the_lowest_with_no_more_false_alarms_than_allowed() -> None:
    chances = np.linspace(0, 0.9, 1000)
    limit = crisis.choose_limits([(example("x"), False, c, c) for c in chances]).crisis
    assert sum(chances >= limit) <= crisis.FALSE_ALARMS * len(chances)
    assert sum(chances >= limit - 0.01) > crisis.FALSE_ALARMS * len(chances)


def test_the_weights_that_we_ship_learnt_from_the_examples_that_we_ship() -> None:
    about = json.loads((crisis.FOLDER / "about.json").read_text(encoding="utf-8"))
    assert about["trained_on"]["version"] == crisis.data_version(), "run `make train-screen`"
