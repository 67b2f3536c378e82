"""What the custom actions say."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from ruamel.yaml import YAML

from actions.clarify import ActionClarify, likely_topics
from actions.content import load_content
from actions.handoff import ActionHandoff
from actions.session_start import ActionSessionStart
from frontdesk.paths import PROJECT_ROOT

CONTENT = load_content()
DALLAS = ZoneInfo("America/Chicago")


def tracker(
    ranking: list[tuple[str, float]] | None = None,
    events: list[dict[str, Any]] | None = None,
    slots: dict[str, Any] | None = None,
) -> Tracker:
    """A conversation in which the latest message was understood as ``ranking`` says."""
    latest: dict[str, Any] = {"text": "hm"}
    if ranking is not None:
        latest["intent_ranking"] = [
            {"name": name, "confidence": confidence} for name, confidence in ranking
        ]
    return Tracker("a", slots or {}, latest, events or [], False, None, {}, "action_listen")


async def said(action: Action, conversation: Tracker) -> dict[str, Any]:
    """The one message that ``action`` says."""
    dispatcher = CollectingDispatcher()
    await action.run(dispatcher, conversation, {})
    (message,) = dispatcher.messages
    return dict(message)


def test_the_domain_names_each_action() -> None:
    domain = YAML(typ="safe", pure=True).load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))
    actions = [ActionClarify(), ActionHandoff(), ActionSessionStart()]
    assert set(domain["actions"]) == {action.name() for action in actions}


async def test_clarify_offers_the_three_likeliest_topics_as_buttons() -> None:
    ranking = [
        ("nlu_fallback", 0.4), ("payment", 0.2), ("cost", 0.3), ("insurance", 0.15), ("dose", 0.1),
    ]  # fmt: skip
    message = await said(ActionClarify(), tracker(ranking))
    offered = ["cost", "payment", "insurance"]
    assert message["custom"] == {"answer": "clarify", "topics": offered}
    assert message["text"] == CONTENT.answers["clarify"].render(CONTENT.clinic)
    labels = [CONTENT.answers[topic].label for topic in offered]
    assert message["buttons"] == [{"title": label, "payload": label} for label in labels]


@pytest.mark.parametrize(
    "ranking",
    [
        None,
        [],
        [("nlu_fallback", 0.4)],
        [("nlu_fallback", 0.4), ("cost", 0.03), ("payment", 0.02)],
        [("greet", 0.3), ("illicit", 0.3), ("talk_human", 0.2), ("emergency_crisis", 0.2)],
        [("no_such_topic", 0.9)],
    ],
)
async def test_clarify_says_that_it_did_not_understand_when_no_topic_is_likely(
    ranking: list[tuple[str, float]] | None,
) -> None:
    message = await said(ActionClarify(), tracker(ranking))
    assert message["custom"] == {"answer": "fallback", "topics": []}
    assert message["buttons"] == []


def test_only_questions_with_an_answer_are_offered() -> None:
    everything = [{"name": topic, "confidence": 0.5} for topic in CONTENT.answers]
    everything.append({"name": "emergency_crisis", "confidence": 0.9})
    offered = likely_topics(everything, CONTENT.answers, most=1000)
    assert {CONTENT.answers[topic].kind for topic in offered} == {"answer"}


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=DALLAS), "talk_human"),  # Monday
        (datetime(2026, 11, 23, 8, 59, tzinfo=DALLAS), "talk_human_closed"),
        (datetime(2026, 11, 27, 14, 59, tzinfo=DALLAS), "talk_human"),  # Friday, to 15:00
        (datetime(2026, 11, 27, 15, 0, tzinfo=DALLAS), "talk_human_closed"),
        (datetime(2026, 11, 28, 12, 0, tzinfo=DALLAS), "talk_human_closed"),  # Saturday
        (datetime(2026, 11, 23, 15, 30, tzinfo=ZoneInfo("UTC")), "talk_human"),
        (datetime(2026, 11, 23, 14, 30, tzinfo=ZoneInfo("UTC")), "talk_human_closed"),
    ],
)
async def test_handoff_depends_on_the_opening_hours(at: datetime, answer: str) -> None:
    message = await said(ActionHandoff(now=lambda: at), tracker())
    assert message["custom"] == {"answer": answer, "topics": []}
    assert message["text"] == CONTENT.answers[answer].render(CONTENT.clinic)


async def test_a_session_starts_with_the_disclosure_and_waits() -> None:
    dispatcher = CollectingDispatcher()
    events = await ActionSessionStart().run(dispatcher, tracker(), {})
    assert [one["custom"]["answer"] for one in dispatcher.messages] == ["disclosure"]
    assert [one["event"] for one in events] == ["session_started", "action"]
    assert events[-1]["name"] == "action_listen"


async def test_a_session_keeps_the_latest_value_of_each_slot() -> None:
    earlier = [SlotSet("a", 1), {"event": "user"}, SlotSet("b", 2), SlotSet("a", 3)]
    events = await ActionSessionStart().run(CollectingDispatcher(), tracker(events=earlier), {})
    assert {one["name"]: one["value"] for one in events[1:-1]} == {"a": 3, "b": 2}


async def test_what_front_desk_has_disclosed_is_not_said_again() -> None:
    dispatcher = CollectingDispatcher()
    conversation = tracker(slots={"session_started_metadata": {"disclosed": True}})
    events = await ActionSessionStart().run(dispatcher, conversation, {})
    assert dispatcher.messages == []
    assert [one["event"] for one in events] == ["session_started", "action"]
