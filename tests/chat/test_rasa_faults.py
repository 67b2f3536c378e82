import pytest

from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor


@pytest.mark.parametrize("behaviour", ["garbage", "error", "nothing", "unknown_answer"])
def test_when_rasa_fails_the_visitor_gets_an_apology_the_phone_and_the_crisis_line(
    shared_front_desk: FrontDesk, shared_rasa: FakeRasa, behaviour: str
) -> None:
    shared_rasa.behaviour = behaviour
    try:
        visitor = Visitor(shared_front_desk.url)
        [apology] = visitor.say("how much does it cost?")["messages"]
    finally:
        shared_rasa.behaviour = "ok"
    assert (apology["kind"], apology["topic"]) == ("fallback", "trouble")
    assert "214-555-0123" in apology["text"]
    assert "988" in apology["text"]
    texts = [message["text"] for message in visitor.transcript()["messages"]]
    assert "how much does it cost?" in texts


def test_without_a_model_answers_are_not_ready_and_a_crisis_is_answered(
    shared_front_desk: FrontDesk, shared_rasa: FakeRasa
) -> None:
    shared_rasa.behaviour = "no_model"
    try:
        visitor = Visitor(shared_front_desk.url)
        [reply] = visitor.say("how much does it cost?")["messages"]
        assert reply["topic"] == "answers_not_ready"
        assert visitor.say("i want to kill myself")["mode"] == "crisis"
    finally:
        shared_rasa.behaviour = "ok"


def test_a_rasa_that_is_still_starting_is_not_ready_and_one_that_died_is_trouble(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    visitor = Visitor(front_desk.url)
    assert visitor.say("cost")["messages"][0]["topic"] == "cost"
    fake_rasa.stop()
    assert visitor.say("cost")["messages"][0]["topic"] == "trouble"


def test_a_rasa_that_is_too_slow_is_not_waited_for(tmp_path, fake_rasa: FakeRasa) -> None:
    front = FrontDesk(tmp_path / "var", fake_rasa.url, FRONTDESK_RASA_DEADLINE="0.5").start()
    try:
        fake_rasa.behaviour = "slow"
        visitor = Visitor(front.url)
        [apology] = visitor.say("cost", "slow-one")["messages"]
        assert apology["topic"] == "trouble"
        assert visitor.say("cost", "slow-one")["messages"] == [apology]
    finally:
        front.stop()


def test_rasa_gets_one_message_of_a_conversation_at_a_time(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    fake_rasa.delay = 0.2
    visitor = Visitor(front_desk.url)
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(visitor.say, ["cost", "hello", "session", "side effects"]))
    assert fake_rasa.most_at_once == 1
    assert [one["messages"][0]["topic"] for one in outcomes] == [
        "cost", "greet", "session_experience", "side_effects",
    ]  # fmt: skip
