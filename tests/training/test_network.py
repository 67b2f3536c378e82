from __future__ import annotations

import numpy as np
import pytest

from frontdesk.safety.classifier import crisis_score
from frontdesk.safety.screening import Kind
from frontdesk.training import network
from frontdesk.training.prepare import Prepared
from tests.training.conftest import example


@pytest.fixture(autouse=True)
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "EPOCHS", 800)
    monkeypatch.setattr(network, "UNITS", 16)
    monkeypatch.setattr(network, "SIGNS", 16)


def data(part: str) -> Prepared:
    """40 messages of three pieces; every other one is a crisis, and only ``part`` tells which."""
    random = np.random.default_rng(0)
    crisis = np.arange(40) % 2
    wholes = random.normal(0, 0.1, (40, 8)).astype(np.float32)
    pieces = random.normal(0, 0.1, (40, 3, 12)).astype(np.float16)
    words = [np.array([7, 9]) for _ in crisis]
    if part == "wholes":
        wholes[:, 0] = crisis
    if part == "pieces":
        pieces[np.arange(40), random.integers(0, 3, 40), 0] = 2 * crisis
    if part == "words":
        words = [np.array([one, 7]) for one in crisis]
    return Prepared(
        [example(str(one), Kind.ABUSE if one else None) for one in crisis],
        wholes,
        pieces.reshape(-1, 12),
        np.full(40, 3),
        words,
    )


@pytest.mark.parametrize("part", ["wholes", "pieces", "words"])
def test_each_part_learns_what_tells_a_crisis(part: str) -> None:
    prepared = data(part)
    scores = crisis_score(prepared.scores(network.train(prepared)))
    assert (scores[1::2] > 0).all()
    assert (scores[::2] < 0).all()


def test_the_same_examples_give_the_same_weights() -> None:
    first, again = network.train(data("pieces")), network.train(data("pieces"))
    for name, value in vars(first).items():
        assert np.array_equal(value, getattr(again, name)), name
