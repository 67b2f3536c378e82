"""The screen on the frozen messages: floors that no change may fall through.

The figures themselves, with every mistake, are in docs/screen-report.md. The floors lie a little
below them, so that a change of a few messages among thousands does not turn a test red. Many of
the ordinary messages there are twins of a danger, in nearly its words.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from frontdesk.safety import Kind, Route, Screen, examples
from frontdesk.safety.examples import Example

Judged = list[tuple[Example, Route]]


@pytest.fixture(scope="module")
def judged(screen: Screen) -> Judged:
    return [(one, screen.judge(one.text).route) for one in examples.load("test")]


def share(judged: Judged, of: Callable[[Example], bool], *routes: Route) -> float:
    chosen = [route for one, route in judged if of(one)]
    assert len(chosen) >= 30
    return sum(route in routes for route in chosen) / len(chosen)


@pytest.mark.parametrize(("language", "floor"), [("en", 0.955), ("es", 0.95)])
def test_crises_are_found(judged: Judged, language: str, floor: float) -> None:
    found = share(
        judged,
        lambda one: one.route is Route.CRISIS and one.language == language,
        Route.CRISIS,
    )
    assert found >= floor


def test_explicit_statements_of_suicide_are_found(judged: Judged) -> None:
    found = share(
        judged,
        lambda one: one.kind is Kind.SUICIDE and one.style == "explicit" and bool(one.severity)
        and one.route is Route.CRISIS,
        Route.CRISIS,
    )  # fmt: skip
    assert found >= 0.98


@pytest.mark.parametrize(("language", "ceiling"), [("en", 0.06), ("es", 0.095)])
def test_ordinary_messages_are_rarely_a_crisis(
    judged: Judged, language: str, ceiling: float
) -> None:
    alarms = share(
        judged, lambda one: one.route is Route.NONE and one.language == language, Route.CRISIS
    )
    assert alarms <= ceiling


def test_mentions_get_the_hotline_note_and_seldom_more(judged: Judged) -> None:
    def mention(one: Example) -> bool:
        return one.route is Route.NOTE and one.style != "distress"

    assert share(judged, mention, Route.NOTE, Route.CRISIS) >= 0.9
    assert share(judged, mention, Route.CRISIS) <= 0.22
