"""How Rasa's components ask the crisis screen."""

from __future__ import annotations

from typing import Any

import pytest

from frontdesk.nlu import screening


class BrokenScreen:
    """Fails in the way that a real screen does: it counts, and asks for people."""

    def __init__(self) -> None:
        self.screen = screening.Screen.load()
        self.failures = 0

    def judge(self, text: str, history: Any = ()) -> Any:
        self.failures += 1
        return self.screen.judge("hello")


class RaisingScreen:
    failures = 0

    def judge(self, text: str, history: Any = ()) -> Any:
        raise ValueError(text)


def test_a_crisis_is_one_and_a_question_is_not() -> None:
    assert screening.is_crisis("i want to kill myself")
    assert not screening.is_crisis("how much does it cost")


def test_a_screen_that_says_it_failed_is_taken_for_a_crisis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screening, "load_screen", BrokenScreen)
    assert screening.is_crisis("how much does it cost")


def test_a_screen_that_raises_is_taken_for_a_crisis_and_logged_without_the_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(screening, "load_screen", RaisingScreen)
    assert screening.is_crisis("how much does it cost")
    assert "ValueError" in caplog.text
    assert "how much" not in caplog.text
