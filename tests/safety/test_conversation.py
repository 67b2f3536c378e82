"""The screen judges a message as part of its conversation."""

from __future__ import annotations

import pytest

from frontdesk.safety import Kind, Route, Screen, Severity

DISTRESS = [
    "i feel so hopeless",
    "i am at my breaking point and can't cope any more",
    "i feel completely worthless and hopeless today",
]


@pytest.mark.parametrize("said", ["i did it", "never mind, forget it", "goodbye"])
def test_what_the_classifier_finds_is_a_disclosure_too(screen: Screen, said: str) -> None:
    before = "i have given my cat away and paid every bill so nobody has to after me"
    assert screen.judge(before).evidence[0].why.startswith("classifier")
    assert screen.judge(said).route is Route.NONE
    assert screen.judge(said, [before]).route is Route.CRISIS


def test_what_may_be_an_overdose_is_a_crisis_without_a_disclosure_too(screen: Screen) -> None:
    for said in ("i took them all", "there is no going back", "it's too late"):
        assert screen.judge(said).route is Route.CRISIS, said


def test_severe_distress_for_the_third_time_is_a_crisis(screen: Screen) -> None:
    *earlier, last = DISTRESS
    assert screen.judge(last).route is Route.NOTE
    assert screen.judge(last, earlier[:1]).route is Route.NOTE
    judged = screen.judge(last, ["how much is it?", earlier[0], "ok", earlier[1]])
    assert (judged.route, judged.severity, judged.kinds[0]) == (
        Route.CRISIS,
        Severity.HIGH,
        Kind.SUICIDE,
    )
    assert any(one.why.startswith("conversation.distress") for one in judged.evidence)


def test_distress_of_long_ago_in_the_conversation_does_not_add_up(screen: Screen) -> None:
    *earlier, last = DISTRESS
    history = [*earlier, "how long is it", "is it safe", "where are you", "can i drive", "thanks"]
    assert screen.judge(last, history).route is Route.NOTE


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Hi, this is Ann from the clinic. Are you safe right now?", "no"),
        ("are you safe?", "not really"),
        ("Can you keep yourself safe tonight?", "i don't think so"),
        ("Are you thinking of killing yourself?", "yes"),
        ("Do you have a plan?", "yeah i guess"),
        ("¿Estás a salvo?", "no"),
        ("¿Tienes un plan?", "creo que sí"),
    ],
)
def test_an_answer_to_staff_is_judged_with_the_question(
    screen: Screen, asked: str, answer: str
) -> None:
    assert screen.judge(answer).route is Route.NONE
    assert screen.judge(answer, asked="Would Tuesday suit you?").route is Route.NONE
    judged = screen.judge(answer, asked=asked)
    assert judged.route is Route.CRISIS
    assert judged.evidence[0].why.startswith("answer")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Are you safe right now?", "yes i am"),
        ("Are you thinking of killing yourself?", "no, nothing like that"),
        ("Do you have a plan?", "how much is a session?"),
    ],
)
def test_a_calming_answer_is_no_crisis(screen: Screen, asked: str, answer: str) -> None:
    assert screen.judge(answer, asked=asked).route is not Route.CRISIS
